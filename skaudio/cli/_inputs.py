"""What several commands read, and the checks before any work."""

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from skaudio._utils.counts import count
from skaudio.cli._console import STDOUT, note, say_warning


def own_groups(table, pattern):
    """Return a function from files to groups of the user, or None."""
    from skaudio.audit import groups_from_names, groups_from_table

    if table is not None and pattern is not None:
        raise ValueError("--groups and --group-pattern: expected only one of them")
    if table is not None:
        return partial(groups_from_table, table=table)
    return pattern and partial(groups_from_names, pattern=pattern)


def has_background(folder):
    """Return whether a folder of clips has a class that is no animal."""
    from skaudio._utils.background import is_background

    return folder.is_dir() and any(is_background(one.name) for one in folder.iterdir())


def check_there(*paths):
    """Raise before any work where something to be read is not there; None is passed."""
    for path in paths:
        if path is not None and not path.exists():
            raise FileNotFoundError(f"{path}: no such folder or file")


def journal_beside(*outputs):
    """Return where a stopped run keeps what is done: beside the first file it writes.

    None where it writes no file.
    """
    kept = next((path for path in outputs if path not in (None, STDOUT)), None)
    return kept and kept.with_name(f"{kept.name}.part")


def load_clips(folder, estimator, jobs, cv=0, groups=None, judged=None, instead=""):
    """List the clips of a folder that can be read, and print how many there are.

    Those of a table of judged windows, as `verdicts_to_clips` gives it, are added.
    Raises where they cannot be split into `cv` folds: an audit of them takes minutes.
    The error ends with what can be done instead.
    """
    from skaudio._utils.folds import check_folds

    clips = _load(folder, estimator, jobs, groups, judged)
    if len(clips.target_names) < 2:
        raise ValueError(
            f"{folder or 'the verdicts'}: only one class ({clips.target_names[0]}): "
            "expected at least two, "
            + ("one sub-folder per class" if judged is None else "or background")
        )
    try:
        check_folds(clips.target, clips.groups, cv)
    except ValueError as error:
        raise ValueError(f"{error} {instead}".strip()) from None
    note(
        f"{count(len(clips.data), 'clip')} of {len(clips.target_names)} classes in "
        f"{count(clips.groups.max() + 1, 'group')}"
    )
    return clips


def load_test_clips(folder, estimator, classes, jobs, groups=None, otherwise=""):
    """List labelled clips that can be read, all of them of the classes of the model.

    Where no class is one of the model, the error ends with what to do `otherwise`.
    """
    if folder is None:
        return None
    clips = _load(folder, estimator, jobs, groups)
    unknown = sorted(set(clips.target_names) - set(classes))
    if unknown:
        raise ValueError(
            f"{folder}: has classes {', '.join(unknown)}, expected those of the model: "
            f"{', '.join(map(str, classes))}"
            f"{otherwise if len(unknown) == len(clips.target_names) else ''}"
        )
    return clips


def _load(folder, estimator, jobs, groups, judged=None):
    """List the clips of a folder that an estimator, or each of several, can read."""
    from skaudio.features import drop_unreadable
    from skaudio.pretrained import open_networks

    # First, since it takes minutes to compare and to embed many clips.
    open_networks(*(estimator if isinstance(estimator, list) else [estimator]))
    clips = _listed(folder, groups or "auto", jobs, judged)
    return drop_unreadable(clips, estimator, n_jobs=jobs)


def _listed(folder, groups, jobs, judged):
    import pandas as pd

    from skaudio.datasets import load_audio_folder, load_audio_table

    if judged is None:
        return load_audio_folder(folder, groups, n_jobs=jobs, verbose=1)
    tables = [judged]
    if folder is not None:
        clips = load_audio_folder(folder, groups, n_jobs=jobs, verbose=1).frame
        clips = clips[["file", "label", "group"]]
        tables.append(clips.assign(group="clips " + clips["group"].map(str)))
    table = pd.concat(tables, ignore_index=True)
    # Recordings of one place sound alike, and are groups all the same.
    own = groups if callable(groups) else "group"
    return load_audio_table(table, groups=own, n_jobs=jobs, verbose=1)


def judged_windows(paths):
    """Read verdicts as a table of clips; print what they are, and what is left out."""
    from skaudio.recordings import read_verdicts, verdicts_to_clips

    if not paths:
        return None
    clips = verdicts_to_clips(read_verdicts(paths))
    counts = clips.frame["label"].value_counts()
    note("verdicts: " + ", ".join(f"{n} {label}" for label, n in counts.items()))
    left_out = {name.replace("_", " "): n for name, n in clips.left_out.items() if n}
    if left_out:
        listed = ", ".join(f"{n} {name}" for name, n in left_out.items())
        note(f"windows left out: {listed}")
    return clips.frame


def warn_of_unused_noise(noise, pipelines):
    """Warn where noise is given, and no pipeline mixes it in."""
    if noise is not None and not any("noise" in one.named_steps for one in pipelines):
        say_warning(f"--noise {noise} is not used: no classifier here mixes noise in")


def load_classifier(path, trusted=None, several=False, exported=False):
    """Load a saved model that predicts classes, `several` per clip if that may be.

    With `exported`, the model may be an ONNX file.
    """
    from skaudio._utils.multilabel import refuse_multilabel
    from skaudio.io import is_audio_file

    if is_audio_file(path):
        raise ValueError(
            f"{path}: is named like a sound file, expected a model: name the model "
            "first, then the sound files"
        )
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "no such model"
        raise FileNotFoundError(
            f"{path}: {what}: expected a file that `skaudio train` or save_model wrote"
        )
    warn_of_joblib(path, "executes code now, as it is loaded")
    model = _opened(path, trusted, exported)
    if not hasattr(model, "classes_") or not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{path}: holds a {type(model).__name__} that gives no probabilities of "
            "classes, expected a fitted classifier or pipeline: `skaudio train` makes "
            "one"
        )
    if getattr(model, "n_features_in_", 1) > 1:
        raise ValueError(
            f"{path}: holds a {type(model).__name__} that takes {model.n_features_in_} "
            "numbers for each clip, expected one that takes sound files: save the "
            "whole pipeline, from WavLoader on"
        )
    if not several:
        refuse_multilabel(model)
    return model


def _opened(path, trusted, exported):
    if path.suffix == ".onnx":
        if not exported:
            raise ValueError(
                f"{path}: an ONNX file, which predict, detect and listen take: "
                "expected the model that it was made of"
            )
        from skaudio.export import load_onnx

        return load_onnx(path)
    from skaudio import load_model

    return load_model(path, trusted=trusted or ())


def model_id(path, model):
    """Return what the results of a model are known by, better than its numbers."""
    from skaudio._utils.exported import is_exported
    from skaudio._utils.hashing import sha256_of

    if is_exported(model):  # what it was made of gives the same scores
        return str(model.facts["model"])
    return f"{path.name} sha256:{sha256_of(path)}"


def carried_thresholds(model):
    """Return the thresholds by class that an exported model carries, or None."""
    from skaudio._utils.exported import is_exported

    return model.facts["thresholds"] if is_exported(model) else None


def warn_of_joblib(path, what):
    """Print that a joblib file executes code; a .skaudio file executes none."""
    if path.suffix == ".joblib":
        note(f"{path}: a joblib file {what}: use only those whose maker you trust")


def use_cache(folder, inputs=()):
    """Keep embeddings for the next run; return the folder of fits, or None.

    Parameters
    ----------
    folder : str or None
        As of --cache.
    inputs : sequence of Path or None
        What the command reads.
    """
    from skaudio._utils.cache_folder import VARIABLE, use_cache_folder
    from skaudio.datasets import get_data_home

    if folder == "none":
        return use_cache_folder(None)
    if folder is not None:
        check_output_folder(Path(folder), "the cache", inputs)
        return use_cache_folder(folder)
    try:
        own = os.environ.get(VARIABLE) or get_data_home() / "cache"
        return use_cache_folder(own)
    except OSError as error:
        say_warning(f"{error}; nothing is kept for the next run")
        return None


@contextmanager
def stopped_run(kept, goes_on):
    """Say of a stopped run what is kept of it, if anything is."""
    try:
        yield
    except KeyboardInterrupt:
        if kept is not None and kept.exists():
            note(f"{goes_on} are kept in {kept}: the same command goes on from there")
        raise


def new_file(name, what):
    """Return the path of a default name; raise where a file of it is there already.

    Nobody typed that name, so that nobody meant to replace the file.
    """
    if os.path.lexists(name):
        raise FileExistsError(
            f"{name}: there is {what} already: name it with -o to replace it, or "
            "choose another name"
        )
    return Path(name)


def new_model_file(path, inputs):
    """Check the name of the file that a model is saved in, or choose one."""
    from skaudio._utils.model_files import check_model_name

    if path is None:
        path = new_file("model.skaudio", "a model")
    check_output(path, "the model", "model", inputs)
    check_model_name(path)
    warn_of_joblib(path, "executes code when it is loaded")
    return path


def check_output(path, what, kind, inputs=()):
    """Raise before any work where a file cannot or must not be written.

    Parameters
    ----------
    path : Path or None
        None is not written; ``-`` is standard output.
    what, kind : str
        As of `atomic_write`.
    inputs : sequence of Path or None
        What the command reads.
    """
    from skaudio._utils.atomic import check_writable
    from skaudio.io import is_audio_file

    if path is None or path == STDOUT:
        return
    _refuse_input(path, what, inputs)
    if is_audio_file(path):
        raise ValueError(
            f"{path}: has the name of a sound file, expected another name for {what}"
        )
    check_writable(path, what, kind)


def check_output_folder(path, what, inputs=()):
    """Raise before any work where a folder cannot or must not be written in."""
    from skaudio._utils.atomic import check_folder

    if path is None:
        return
    _refuse_input(path, what, inputs)
    check_folder(path, what)


def _refuse_input(path, what, inputs):
    for other in inputs:
        if other is not None and _is_same(path, other):
            raise ValueError(
                f"{path}: is an input of this command, expected another place for "
                f"{what}"
            )


def _is_same(path, other):
    try:
        return os.path.samefile(path, other)
    except OSError:  # one is not there yet
        return os.path.realpath(path) == os.path.realpath(other)


def check_share(option, value):
    """Raise where a value is not from 0 to 1; None is passed."""
    if value is not None and not 0 <= value <= 1:
        raise ValueError(f"{option} {value}: expected 0 to 1")


def check_seconds(option, value):
    """Raise where a value is no length of time."""
    if not value >= 0:
        raise ValueError(f"{option} {value}: expected seconds, at least 0")


def check_cv(cv, least=0):
    """Raise where a number of folds makes no cross-validation."""
    if cv < least or cv == 1:
        none = "" if least else "0 for none, or "
        raise ValueError(f"--cv {cv}: expected {none}at least 2 folds")
