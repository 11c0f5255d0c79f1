"""Leakage: test clips that are copies of, or share a source with, training clips."""

import os

import numpy as np

from skaudio._utils.bunch import Bunch
from skaudio._utils.choices import one_of
from skaudio._utils.clips import as_clips, clip_table
from skaudio._utils.joblib_files import load_estimator
from skaudio._utils.model_files import errors_naming, read_facts, training_clips_of
from skaudio.audit._related_clips import inspect_related, list_leaks, loaded_groups


def find_leaks(train, test, *, near=True, n_jobs=None):
    """List the test clips that are leaked from training, and how.

    Parameters
    ----------
    train : Bunch, list of paths, table, fitted model or path of a saved model
        A Bunch from `load_audio_folder`, or a model with the clips that
        ``save_model(model, path, training_clips=clips)`` saved. Of a ``.skaudio`` file
        only the list of clips is read; a ``.joblib`` file is loaded, which executes
        code in it: pass only files that you trust.
    test : Bunch, list of paths or table
    near : bool, default=True
        Whether to look for near copies, which needs the files of the training clips.
    n_jobs : int or None, default=None
        Threads that decode in parallel; -1 uses all cores.

    Returns
    -------
    leaks : DataFrame
        One row per leaked test clip: ``test_file``, ``relation`` (the closest of "exact
        copy", "near copy", "same source", "same group"), ``train_file`` (the first
        training clip in this relation) and ``n_related`` (how many training clips are
        related in any way). Groups are those that Bunches were loaded with.
        ``attrs["near"]`` is False where near copies were not looked for: with
        ``near=False``, or because the training files of a model have moved.

    Raises
    ------
    ValueError
        Where a model was saved without its training clips.

    See Also
    --------
    drop_leaks : Drops these clips.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.audit import find_leaks
    >>> from skaudio.datasets import make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = make_animal_sounds(
    ...         4, n_classes=2, output_dir=folder, random_state=0
    ...     )
    ...     leaks = find_leaks(clips.data[:6], clips.data[5:])
    >>> leaks["relation"].tolist()
    ['exact copy']
    """
    if isinstance(train, (str, os.PathLike)) or hasattr(train, "get_params"):
        known = _training_clips(train)
        if not known["file"].map(os.path.exists).all():
            return _leaks_of_moved_clips(known, test, n_jobs)
        train = known["file"].tolist()
    train, own = _clips(train)
    test, test_own = _clips(test)
    facts, pairs = inspect_related(
        clip_table([*train, *test]), [*own, *test_own], near=near, n_jobs=n_jobs
    )
    leaks = list_leaks(facts[: len(train)], facts[len(train) :], pairs)
    leaks.attrs["near"] = near
    return leaks


def drop_leaks(train, test, *, drop="test", near=True, n_jobs=None):
    """Drop the clips that leak between a training and a test set.

    Parameters
    ----------
    train, test : Bunch
        As from `load_audio_folder`.
    drop : {"test", "train"}, default="test"
        What to drop: the leaked test clips, or the training clips that are related to
        test clips.
    near, n_jobs
        As in `find_leaks`.

    Returns
    -------
    train, test : Bunch
        With ``data``, ``target``, ``groups``, ``frame`` and ``target_names`` of the
        clips that remain.

    Raises
    ------
    ValueError
        Where no clip would remain.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.audit import drop_leaks
    >>> from skaudio.datasets import load_audio_folder, make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(4, n_classes=2, output_dir=folder, random_state=0)
    ...     clips = load_audio_folder(f"{folder}/Training")
    ...     drop_leaks(clips, clips)
    Traceback (most recent call last):
        ...
    ValueError: All 8 test clips are leaked from training: there is nothing to score.
    """
    one_of("drop", drop, ("test", "train"))
    one, other = (train, test) if drop == "test" else (test, train)
    leaks = find_leaks(one, other, near=near, n_jobs=n_jobs)
    files = [clip.file for clip in as_clips(other.data)]
    clean = ~np.isin(files, leaks["test_file"].to_numpy(dtype=str))
    if not clean.any():
        reason = (
            "test clips are leaked from training: there is nothing to score"
            if drop == "test"
            else "training clips are related to test clips: there is nothing to train"
        )
        raise ValueError(f"All {len(clean)} {reason}.")
    kept = _subset(other, clean)
    return (train, kept) if drop == "test" else (kept, test)


def _training_clips(model):
    """Return the table of a model, or of a file."""
    if hasattr(model, "get_params"):
        name, known = type(model).__name__, getattr(model, "training_clips_", None)
    elif str(model).endswith(".joblib"):
        return _training_clips(load_estimator(model))
    else:
        facts = read_facts(model)
        with errors_naming(model):
            name, known = model, training_clips_of(facts)
    if known is None:
        raise ValueError(
            f"{name} was saved without its training clips: pass the clips themselves "
            "as train, or save it with save_model(model, path, training_clips=clips)."
        )
    return known


def _leaks_of_moved_clips(known, test, n_jobs):
    """List leaks by digest and source, as the training files have moved."""
    facts = test.frame if isinstance(test, dict) else None
    if facts is None or "digest" not in facts:
        facts, _ = inspect_related(
            clip_table(_clips(test)[0]), near=False, n_jobs=n_jobs
        )
    known = known.set_index(len(facts) + np.arange(len(known)))
    leaks = list_leaks(known, facts)
    leaks.attrs["near"] = False
    return leaks


def _subset(clips, rows):
    target = clips.target[rows]
    return Bunch(
        data=clips.data[rows],
        target=target,
        groups=None if clips.groups is None else clips.groups[rows],
        frame=clips.frame[rows].reset_index(drop=True),
        target_names=np.unique(target).tolist(),
    )


def _clips(clips):
    """List clips, and their own groups."""
    if isinstance(clips, dict):
        return as_clips(clips.data), loaded_groups(clips)
    clips = as_clips(clips)
    return clips, [None] * len(clips)
