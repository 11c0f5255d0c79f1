"""Load a folder of clips as data, target and groups."""

import warnings

import numpy as np
from sklearn.utils import Bunch

from skaudio._utils.choices import one_of
from skaudio._utils.levels import SILENCE_PEAK
from skaudio._utils.unreadable import report_unreadable
from skaudio.audit import inspect_clips
from skaudio.io import AudioFileError, list_class_folders


def load_audio_folder(root, groups="auto", *, on_error="warn", n_jobs=None):
    """List the clips of a folder that has one sub-folder per class.

    The name of the sub-folder is the label; its own sub-folders are searched too.
    Sound files are recognised by their extensions (wav, flac, mp3, ogg, aiff, aif, m4a;
    upper or lower case); hidden files and folders are skipped.

    Parameters
    ----------
    root : str or path-like
        The folder.
    groups : "auto" or None, default="auto"
        "auto" decodes every clip once, finds the groups of related clips (see
        `group_clips`) and sets unreadable clips aside. None only lists the files.
    on_error : {"warn", "raise"}, default="warn"
        What to do with clips that cannot be read: leave them out with a warning that
        names each and its reason, or raise.
    n_jobs : int or None, default=None
        Threads that decode in parallel; -1 uses all cores.

    Returns
    -------
    bunch : Bunch
        ``data``, ndarray of str (n,): the paths, sorted; ``target``, ndarray of str
        (n,): their labels; ``groups``, ndarray of int (n,), or None; ``frame``,
        DataFrame: one row per clip with ``file``, ``label`` and, with "auto", the
        columns of `inspect_clips` with groups; ``target_names``, list of str;
        ``rejected``, DataFrame of ``file`` and ``error``.

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
    one_of("on_error", on_error, ("warn", "raise"))
    import pandas as pd

    files, labels = list_class_folders(root)
    frame = pd.DataFrame({"file": files, "label": labels})
    rejected = pd.DataFrame({"file": [], "error": []})
    if groups == "auto":
        facts = inspect_clips(files, n_jobs, groups=True)
        frame = frame.join(facts.drop(columns="file"))
        bad = frame["error"].notna()
        rejected = frame.loc[bad, ["file", "error"]].reset_index(drop=True)
        errors = [AudioFileError(*row) for row in rejected.to_numpy()]
        if bad.all() and on_error == "warn":
            raise ValueError(
                f"{root}: none of its {len(frame)} clips can be read; {errors[0]}"
            )
        report_unreadable(errors, f"{len(errors)} of {len(frame)} clips", on_error)
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


def _warn_of_silence(frame):
    silent = frame.loc[frame["peak"] < SILENCE_PEAK, "file"]
    if len(silent):
        warnings.warn(
            f"{len(silent)} clips are silent, and kept: {', '.join(silent)}",
            stacklevel=3,
        )
