"""List the clips of a folder that has one sub-folder per class."""

from pathlib import Path

from skaudio._utils.labels import warn_of_look_alikes
from skaudio._utils.warn import warn_user
from skaudio.io._audio_file import AUDIO_EXTENSIONS, is_audio_file
from skaudio.io._list_audio_files import (
    is_loop,
    list_audio_files,
    warn_of_dead_links,
)

_SPLITS = {"train", "training", "test", "testing", "valid", "validation", "noise"}


def list_class_folders(root):
    """List the sound files of a folder that has one sub-folder per class.

    Links to folders and files are followed. A file that links reach twice is listed
    once per class; in two classes it is a copy under two labels, which `audit_dataset`
    reports.

    Parameters
    ----------
    root : str or path-like

    Returns
    -------
    files, labels : list of str
        The label is the name of the sub-folder.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        Where there is no such folder.
    ValueError
        Where it holds no audio in sub-folders, or splits (Training/, Test/) instead of
        classes.

    Warns
    -----
    UserWarning
        Where a sub-folder holds no audio or is a link that leads nowhere or back, sound
        files lie beside the sub-folders, or names of classes differ only by case or
        space.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.io import list_class_folders
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(4, n_classes=2, output_dir=folder, random_state=0)
    ...     files, labels = list_class_folders(f"{folder}/Training")
    >>> sorted(set(labels))
    ['cat', 'cow']
    """
    root = Path(root)
    if not root.exists():
        raise FileNotFoundError(f"{root}: no such folder")
    if not root.is_dir():
        raise NotADirectoryError(
            f"{root}: is a file, expected a folder that has one sub-folder per class"
        )
    folders = sorted(
        path for path in root.iterdir() if path.is_dir() and path.name[0] != "."
    )
    loops = [path.name for path in folders if path.is_symlink() and is_loop(path)]
    folders = [path for path in folders if path.name not in loops]
    _refuse_splits(root, folders)
    found = {folder: list_audio_files([folder], allow_empty=True) for folder in folders}
    loose = [path.name for path in root.iterdir() if is_audio_file(path)]
    if not any(found.values()):
        raise ValueError(
            f"{root}: has {len(loose)} sound file(s) but no class folders: put the "
            f"clips of each class into a sub-folder named after it"
            if loose
            else f"{root}: no audio in it; looked for {', '.join(AUDIO_EXTENSIONS)} "
            "in its sub-folders, one per class"
        )
    if loops:
        warn_user(
            f"{root}: {', '.join(loops)} links to a folder that it lies in; skipped."
        )
    warn_of_dead_links(root, [path.name for path in root.iterdir()])
    warn_of_look_alikes(folder.name for folder, files in found.items() if files)
    empty = [folder.name for folder, files in found.items() if not files]
    if empty:
        warn_user(f"{root}: no audio in {', '.join(empty)}; skipped.")
    if loose:
        warn_user(
            f"{root}: {len(loose)} sound file(s) beside the class folders have no "
            f"label and are skipped, such as {min(loose)}."
        )
    files = [file for paths in found.values() for file in paths]
    labels = [folder.name for folder, paths in found.items() for _ in paths]
    return files, labels


def _refuse_splits(root, folders):
    """Raise where the sub-folders are splits (Training/, Test/), not classes."""
    splits = [folder for folder in folders if folder.name.lower() in _SPLITS]
    nested = [
        folder for folder in splits if any(path.is_dir() for path in folder.iterdir())
    ]
    if not nested:
        return
    names = ", ".join(folder.name for folder in splits)
    first = next((path for path in nested if "train" in path.name.lower()), nested[0])
    raise ValueError(
        f"{root}: holds splits ({names}), not classes: pass one, such as {first}"
    )
