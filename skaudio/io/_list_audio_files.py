"""Find the sound files of folders."""

import os

from skaudio.io._audio_file import AUDIO_EXTENSIONS, is_audio_file


def list_audio_files(paths, *, allow_empty=False):
    """List sound files, given as files and folders.

    Parameters
    ----------
    paths : list of str or path-like
        A file is listed whatever its name, a folder lists the sound files in it and in
        its sub-folders, sorted. Hidden files and folders are skipped.
    allow_empty : bool, default=False
        Whether to skip folders without audio.

    Returns
    -------
    files : list of str

    Raises
    ------
    ValueError
        Where a folder holds no audio, unless `allow_empty`.

    Examples
    --------
    >>> from skaudio.io import list_audio_files
    >>> list_audio_files(["a.wav", "b.flac"])
    ['a.wav', 'b.flac']
    """
    files = []
    for path in map(os.fspath, paths):
        inside = _audio_files(path) if os.path.isdir(path) else [path]
        if not inside and not allow_empty:
            raise ValueError(
                f"{path}: no audio in it; looked for {', '.join(AUDIO_EXTENSIONS)}"
            )
        files += inside
    return files


def _audio_files(folder):
    files = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [os.path.join(parent, name) for name in names if is_audio_file(name)]
    return sorted(files)
