"""From a folder of clips, one sub-folder a class, to data, target and groups."""

import os
import warnings
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from skaudio._audio_file import AUDIO_EXTENSIONS, AudioFileError, is_audio_file
from skaudio.datasets._inspect import SILENT
from skaudio.datasets._kinship import inspect_kinship

_SPLITS = {"train", "training", "test", "testing", "valid", "validation", "noise"}


def load_audio_folder(root, groups="auto", *, on_error="warn", n_jobs=None):
    """List the clips of a folder that has one sub-folder a class.

    The name of the sub-folder is the label; its own sub-folders are searched too.
    Sound files are told by their names (wav, flac, mp3, ogg, aiff, aif, m4a; upper or
    lower case); hidden files and folders are passed over.

    Parameters
    ----------
    root : str or path-like
        The folder.
    groups : "auto" or None, default="auto"
        "auto" decodes every clip once, finds what belongs together (see `group_clips`)
        and sets unreadable clips aside. None only lists the files.
    on_error : {"warn", "raise"}, default="warn"
        What to do with clips that cannot be read: leave them out with a warning that
        names each and its reason, or raise.
    n_jobs : int or None, default=None
        Threads that decode at once; -1 uses all cores.

    Returns
    -------
    bunch : Bunch
        ``data``, ndarray of str (n,): the paths, sorted; ``target``, ndarray of str
        (n,): their labels; ``groups``, ndarray of int (n,), or None; ``frame``,
        DataFrame: one row a clip with ``file``, ``label`` and, with "auto", ``group``,
        ``source`` and what `inspect_clips` tells; ``target_names``, list
        of str; ``rejected``, DataFrame of ``file`` and ``error``.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        Where `root` is no folder.
    ValueError
        Where it holds no audio, no class folders, or splits instead of classes.

    See Also
    --------
    WavLoader : Reads the clips.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skaudio.datasets import load_audio_folder, make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(3, n_classes=2, output_dir=folder, random_state=0)
    ...     clips = load_audio_folder(Path(folder, "Training"))
    >>> clips.target_names
    ['cat', 'cow']
    >>> clips.data.shape, clips.target.shape, clips.groups.shape
    ((6,), (6,), (6,))
    """
    if not (isinstance(groups, str) and groups == "auto") and groups is not None:
        raise ValueError(f'groups={groups!r}: expected "auto" or None.')
    if on_error not in ("warn", "raise"):
        raise ValueError(f'on_error={on_error!r}: expected "warn" or "raise".')
    import pandas as pd

    files, labels = _find_clips(Path(root))
    frame = pd.DataFrame({"file": files, "label": labels})
    rejected = pd.DataFrame({"file": [], "error": []})
    if groups == "auto":
        facts, _ = inspect_kinship(files, n_jobs=n_jobs)
        frame = frame.join(facts.drop(columns="file"))
        bad = frame["error"].notna()
        rejected = frame.loc[bad, ["file", "error"]].reset_index(drop=True)
        _report(rejected, len(frame), root, on_error)
        frame = frame[~bad].drop(columns="error").reset_index(drop=True)
        _warn_of_silence(frame)
        frame["group"] = np.unique(frame["group"], return_inverse=True)[1]
    return Bunch(
        data=frame["file"].to_numpy(dtype=object),
        target=frame["label"].to_numpy(dtype=str),
        groups=frame["group"].to_numpy() if "group" in frame else None,
        frame=frame,
        target_names=sorted(frame["label"].unique().tolist()),
        rejected=rejected,
    )


def list_audio_files(paths):
    """List sound files: those named, and those in the folders named.

    Parameters
    ----------
    paths : list of str or path-like
        A file is listed whatever its name, a folder gives the sound files in it and in
        its sub-folders, sorted.

    Returns
    -------
    files : list of str

    Raises
    ------
    ValueError
        Where a folder holds no audio.

    Examples
    --------
    >>> from skaudio.datasets import list_audio_files
    >>> list_audio_files(["a.wav", "b.flac"])
    ['a.wav', 'b.flac']
    """
    files = []
    for path in map(os.fspath, paths):
        inside = _audio_files(path) if os.path.isdir(path) else [path]
        if not inside:
            raise ValueError(
                f"{path}: no audio in it; looked for {', '.join(AUDIO_EXTENSIONS)}"
            )
        files += inside
    return files


def _find_clips(root):
    if not root.exists():
        raise FileNotFoundError(f"{root}: no such folder")
    if not root.is_dir():
        raise NotADirectoryError(
            f"{root}: is a file, expected a folder that has one sub-folder a class"
        )
    folders = sorted(
        path for path in root.iterdir() if path.is_dir() and path.name[0] != "."
    )
    _refuse_splits(root, folders)
    found = {folder: _audio_files(folder) for folder in folders}
    loose = [path.name for path in root.iterdir() if is_audio_file(path)]
    if not any(found.values()):
        raise ValueError(
            f"{root}: has {len(loose)} sound file(s) but no class folders: put the "
            f"clips of each class into a sub-folder named after it"
            if loose
            else f"{root}: no audio in it; looked for {', '.join(AUDIO_EXTENSIONS)} "
            "in its sub-folders, one a class"
        )
    empty = [folder.name for folder, files in found.items() if not files]
    if empty:
        warnings.warn(
            f"{root}: no audio in {', '.join(empty)}; passed over.", stacklevel=3
        )
    if loose:
        warnings.warn(
            f"{root}: {len(loose)} sound file(s) beside the class folders have no "
            f"label and are passed over, such as {min(loose)}.",
            stacklevel=3,
        )
    files = [file for paths in found.values() for file in paths]
    labels = [folder.name for folder, paths in found.items() for _ in paths]
    return files, labels


def _audio_files(folder):
    files = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [os.path.join(parent, name) for name in names if is_audio_file(name)]
    return sorted(files)


def _refuse_splits(root, folders):
    """Training/, Test/ and Noise/ beside each other are splits, not classes."""
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


def _warn_of_silence(frame):
    silent = frame.loc[frame["peak"] < SILENT, "file"]
    if len(silent):
        warnings.warn(
            f"{len(silent)} clips are silent, and kept: {', '.join(silent)}",
            stacklevel=3,
        )


def _report(rejected, n_clips, root, on_error):
    if rejected.empty:
        return
    lines = [f"{row.file}: {row.error}" for row in rejected.itertuples()]
    if on_error == "raise":
        more = f"; and {len(lines) - 1} more: " + "; ".join(lines[1:])
        reason = rejected["error"][0] + (more if len(lines) > 1 else "")
        raise AudioFileError(rejected["file"][0], reason)
    if len(lines) == n_clips:
        raise ValueError(f"{root}: none of its {n_clips} clips can be read; {lines[0]}")
    warnings.warn(
        f"{len(lines)} of {n_clips} clips cannot be read and are left out:\n  "
        + "\n  ".join(lines),
        stacklevel=3,
    )
