"""What several commands read, and the checks of paths before any work."""

from skaudio.cli._console import note


def load_clips(folder, jobs):
    """List the clips of a folder and say how many there are."""
    from skaudio.datasets import load_audio_folder

    clips = load_audio_folder(folder, n_jobs=jobs)
    if len(clips.target_names) < 2:
        raise ValueError(
            f"{folder}: only one class ({clips.target_names[0]}): expected at least "
            "two sub-folders with clips, one per class"
        )
    note(
        f"{len(clips.data)} clips of {len(clips.target_names)} classes in "
        f"{clips.groups.max() + 1} groups"
    )
    return clips


def load_test_clips(folder, known, jobs):
    """List labelled clips, all of classes that the model knows."""
    from skaudio.datasets import load_audio_folder

    if folder is None:
        return None
    clips = load_audio_folder(folder, n_jobs=jobs)
    unknown = sorted(set(clips.target_names) - set(known))
    if unknown:
        raise ValueError(
            f"{folder}: has classes that the model does not know: "
            f"{', '.join(unknown)}; it knows {', '.join(map(str, known))}"
        )
    return clips


def audit_clips(clips, test, jobs):
    """Audit training clips and, if there are any, test clips against them."""
    from skaudio.audit import audit_dataset

    return audit_dataset(clips, test=test, n_jobs=jobs)


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
