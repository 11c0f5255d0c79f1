"""What several commands read, and the checks before any work."""

from skaudio.cli._console import note


def load_clips(folder, estimator, jobs, cv=0):
    """List the clips of a folder that can be read, and print how many there are.

    Raises where they cannot be split into `cv` folds: an audit of them takes minutes.
    """
    from skaudio._utils.folds import check_folds

    clips = _load(folder, estimator, jobs)
    if len(clips.target_names) < 2:
        raise ValueError(
            f"{folder}: only one class ({clips.target_names[0]}): expected at least "
            "two sub-folders with clips, one per class"
        )
    check_folds(clips.target, clips.groups, cv)
    note(
        f"{len(clips.data)} clips of {len(clips.target_names)} classes in "
        f"{clips.groups.max() + 1} groups"
    )
    return clips


def load_test_clips(folder, estimator, classes, jobs):
    """List labelled clips that can be read, all of them of the classes of the model."""
    if folder is None:
        return None
    clips = _load(folder, estimator, jobs)
    unknown = sorted(set(clips.target_names) - set(classes))
    if unknown:
        raise ValueError(
            f"{folder}: has classes {', '.join(unknown)}, expected those of the model: "
            f"{', '.join(map(str, classes))}"
        )
    return clips


def _load(folder, estimator, jobs):
    """List the clips of a folder that an estimator, or each of several, can read."""
    from skaudio.datasets import load_audio_folder
    from skaudio.features import drop_unreadable

    clips = load_audio_folder(folder, n_jobs=jobs)
    return drop_unreadable(clips, estimator, n_jobs=jobs)


def load_classifier(path):
    """Load a saved model that predicts classes."""
    from skaudio import load_model
    from skaudio._utils.labels import refuse_multilabel

    model = load_model(path)
    if not hasattr(model, "classes_") or not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{path}: holds a {type(model).__name__} that gives no probabilities of "
            "classes, expected a fitted classifier or pipeline"
        )
    refuse_multilabel(model)
    return model


def check_output(path, what):
    """Raise before any work where a file cannot be written."""
    if path is None:
        return
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path.parent}: no such folder to write {what} in")
    if path.is_dir():
        raise IsADirectoryError(f"{path}: is a folder, expected a file to write")


def check_cv(cv, least=0):
    """Raise where a number of folds makes no cross-validation."""
    if cv < least or cv == 1:
        none = "" if least else "0 for none, or "
        raise ValueError(f"--cv {cv}: expected {none}at least 2 folds")
