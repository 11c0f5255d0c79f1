"""Load a folder of clips as data, target and groups."""

import pandas as pd

from skaudio._utils.choices import one_of
from skaudio.datasets._loaded import loaded
from skaudio.io import list_class_folders


def load_audio_folder(root, groups="auto", *, on_error="warn", n_jobs=None, verbose=0):
    """List the clips of a folder that has one sub-folder per class.

    The name of the sub-folder is the label; its own sub-folders are searched too.
    Sound files are recognised by their extensions (wav, flac, mp3, ogg, opus, aiff,
    aif, w64, caf, au, m4a; upper or lower case); hidden files and folders are skipped.

    Parameters
    ----------
    root : str or path-like
        The folder.
    groups : "auto", callable or None, default="auto"
        "auto" decodes every clip once, finds the groups of related clips (see
        `group_clips`) and sets unreadable clips aside. A function does the same, and
        adds groups that you know: it takes the list of files and returns the group of
        each, such as the recording; related clips of two groups join them. None only
        lists the files.
    on_error : {"warn", "raise"}, default="warn"
        What to do with clips that cannot be read: leave them out with a warning that
        names each and its reason, or raise.
    n_jobs : int or None, default=None
        Threads that decode in parallel; -1 uses all cores.
    verbose : int, default=0
        1 shows how many clips are read, and the time left.

    Returns
    -------
    bunch : Bunch
        ``data``, ndarray of str (n,): the paths, sorted; ``target``, ndarray of str
        (n,): their labels; ``groups``, ndarray of int (n,), or None; ``frame``,
        DataFrame: one row per clip with ``file``, ``label`` and, unless `groups` is
        None, the columns of `inspect_clips` with groups; ``target_names``, list of str;
        ``rejected``, DataFrame of ``file`` and ``error``.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        Where `root` is no folder.
    ValueError
        Where it holds no audio, no class folders, or splits instead of classes, or a
        clip has no group of yours.

    Warns
    -----
    UserWarning
        Where clips cannot be read or are silent, and as `list_class_folders`.

    See Also
    --------
    WavLoader : Reads the clips.
    load_audio_table : Lists the clips of a table.
    skaudio.audit.groups_from_names, skaudio.audit.groups_from_table : Groups of your
        own.

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

    With the animal that file names begin with as the group:

    >>> from functools import partial
    >>> from skaudio.audit import groups_from_names
    >>> animals = partial(groups_from_names, pattern=r"^([a-z]+)_")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(3, n_classes=2, output_dir=folder, random_state=0)
    ...     clips = load_audio_folder(Path(folder, "Training"), groups=animals)
    >>> clips.groups.tolist()
    [0, 0, 0, 1, 1, 1]
    """
    if not (
        groups is None
        or callable(groups)
        or (isinstance(groups, str) and groups == "auto")
    ):
        raise ValueError(
            f'groups={groups!r}: expected "auto", None, or a function from the list of '
            "files to the group of each."
        )
    one_of("on_error", on_error, ("warn", "raise"))
    files, labels = list_class_folders(root)
    frame = pd.DataFrame({"file": files, "label": labels})
    clips = loaded(frame, root, groups, on_error, n_jobs, verbose)
    clips.rejected = clips.rejected[["file", "error"]]
    return clips
