"""What a training and a test set share, and splits that share nothing."""

import os

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils import Bunch

from skaudio.datasets._inspect import sha256_of
from skaudio.datasets._kinship import inspect_kinship, kin_across
from skaudio.datasets._sources import sources_of


def check_split(train, test, *, near=True, n_jobs=None):
    """List the test clips that have copies or clips of their source in training.

    Parameters
    ----------
    train, test : Bunch or list of paths
        A Bunch is as from `load_audio_folder`.
    near : bool, default=True
        Whether to look for near copies.
    n_jobs : int or None, default=None
        Threads that decode at once; -1 uses all cores.

    Returns
    -------
    shared : DataFrame
        One row a test clip that has kin in training: ``test_file``, ``relation`` (the
        closest of "exact copy", "near copy", "same source"), ``train_file`` (the first
        such relative) and ``n_relatives``. Empty where the split is clean. Its
        ``attrs["near"]`` tells whether near copies were looked for.

    See Also
    --------
    drop_leaks : Leaves those clips out.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import check_split
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = make_animal_sounds(
    ...         4, n_classes=2, output_dir=folder, random_state=0
    ...     )
    ...     shared = check_split(clips.data[:6], clips.data[5:])
    >>> shared["relation"].tolist()
    ['exact copy']
    """
    train, test = _files(train), _files(test)
    facts, pairs = inspect_kinship(
        np.concatenate([train, test]), near=near, n_jobs=n_jobs
    )
    return _told(kin_across(facts[: len(train)], facts[len(train) :], pairs), near)


def remember_training(model, clips):
    """Note in a fitted model which clips it was trained on, for `check_training`.

    Parameters
    ----------
    model : estimator
        Gets the attribute ``training_clips_``, which is saved with it: a DataFrame of
        the absolute ``file``, ``label``, ``digest`` and ``source`` of each clip.
    clips : Bunch
        As from `load_audio_folder`.
    """
    facts = clips.frame[["file", "label", "digest", "source"]]
    model.training_clips_ = facts.assign(file=facts["file"].map(os.path.abspath))


def check_training(model, test, *, n_jobs=None):
    """List the test clips that have kin among the clips that a model was trained on.

    Parameters
    ----------
    model : estimator
    test : Bunch
        As from `load_audio_folder`.
    n_jobs : int or None, default=None

    Returns
    -------
    shared : DataFrame or None
        As from `check_split`; near copies are found where the training clips are still
        in their place. None where the model does not tell what it was trained on.
    """
    train = getattr(model, "training_clips_", None)
    if train is None:
        return None
    if train["file"].map(os.path.exists).all():
        return check_split(train["file"].tolist(), test, n_jobs=n_jobs)
    train = train.set_index(len(test.frame) + np.arange(len(train)))
    return _told(kin_across(train, test.frame), near=False)


def drop_leaks(train, test, *, drop="test", near=True, n_jobs=None):
    """Leave out what a training and a test set share.

    Parameters
    ----------
    train, test : Bunch
        As from `load_audio_folder`.
    drop : {"test", "train"}, default="test"
        Which side to thin: the test clips that have kin in training, or the training
        clips that have kin in the test set.
    near, n_jobs
        As in `check_split`.

    Returns
    -------
    train, test : Bunch
        With ``data``, ``target``, ``groups``, ``frame`` and ``target_names`` of the
        clips that remain.

    Raises
    ------
    ValueError
        Where nothing would remain.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.datasets import load_audio_folder, make_animal_sounds
    >>> from skaudio.model_selection import drop_leaks
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(4, n_classes=2, output_dir=folder, random_state=0)
    ...     clips = load_audio_folder(f"{folder}/Training")
    ...     drop_leaks(clips, clips)
    Traceback (most recent call last):
        ...
    ValueError: All 8 test clips have kin in training: there is nothing to score.
    """
    if drop not in ("test", "train"):
        raise ValueError(f'drop={drop!r}: expected "test" or "train".')
    one, other = (train, test) if drop == "test" else (test, train)
    shared = check_split(one, other, near=near, n_jobs=n_jobs)
    clean = ~np.isin(other.data.astype(str), shared["test_file"].to_numpy(dtype=str))
    if not clean.any():
        where = {"test": "training: there is nothing to score", "train": "the test set"}
        raise ValueError(f"All {len(clean)} {drop} clips have kin in {where[drop]}.")
    kept = take_clips(other, clean)
    return (train, kept) if drop == "test" else (kept, test)


def take_clips(clips, rows):
    """Give the Bunch of some of the clips.

    Parameters
    ----------
    clips : Bunch
    rows : ndarray of bool or int

    Returns
    -------
    clips : Bunch
    """
    target = clips.target[rows]
    return Bunch(
        data=clips.data[rows],
        target=target,
        groups=None if clips.groups is None else clips.groups[rows],
        frame=clips.frame[rows].reset_index(drop=True),
        target_names=np.unique(target).tolist(),
    )


def leave_source_out(clips, y, groups, *, n_splits=5, random_state=None):
    """Split so that every test clip's source recording is known, and left out whole.

    A clip whose source nobody knows may be from any recording: it trains, but is never
    scored.

    Parameters
    ----------
    clips : list of paths
        The source is known where a file has a Freesound-style name, or is a public clip
        that the registry knows by its sha256.
    y, groups : array-like of shape (n,)
        Labels, and groups as from `group_clips`.
    n_splits : int, default=5
    random_state : int, RandomState or None, default=None

    Returns
    -------
    splits : list of (train, test)
        Row numbers; pass it as ``cv=``.

    Raises
    ------
    ValueError
        Where fewer than `n_splits` sources are known.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.model_selection import leave_source_out
    >>> files = [f"1-{source}-A.wav" for source in range(4)] + ["own.wav"]
    >>> splits = leave_source_out(
    ...     files, list("ababa"), range(5), n_splits=2, random_state=0
    ... )
    >>> sorted(np.concatenate([test for _, test in splits]).tolist())
    [0, 1, 2, 3]
    """
    clips, y, groups = [str(clip) for clip in clips], np.asarray(y), np.asarray(groups)
    sources, _ = sources_of(clips, [sha256_of(clip) for clip in clips])
    known = np.array([source is not None for source in sources])
    # A relative of unknown source makes no difference: the group is left out whole.
    n_known = len(np.unique(groups[known]))
    if n_known < n_splits:
        raise ValueError(
            f"The sources of only {n_known} groups of clips are known, expected at "
            f"least n_splits={n_splits}: pass fewer, or split by groups."
        )
    folds = StratifiedGroupKFold(n_splits, shuffle=True, random_state=random_state)
    rows = np.flatnonzero(known)
    splits = []
    for _, part in folds.split(rows, y[rows], groups[rows]):
        test = rows[part]
        train = np.flatnonzero(~np.isin(groups, groups[test]))
        splits.append((train, test))
    return splits


def _told(shared, near):
    shared.attrs["near"] = near
    return shared


def _files(clips):
    if isinstance(clips, pd.DataFrame):
        raise ValueError("Expected a Bunch or a list of paths, got a table.")
    return np.asarray(clips.data if isinstance(clips, Bunch) else clips, dtype=object)
