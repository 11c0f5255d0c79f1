"""Find the sound files of folders."""

import os

from skaudio._utils.warn import warn_user
from skaudio.io._audio_file import AUDIO_EXTENSIONS, is_audio_file


def list_audio_files(paths, *, allow_empty=False):
    """List sound files, given as files and folders.

    Parameters
    ----------
    paths : list of str or path-like
        A file is listed whatever its name, a folder lists the sound files in it and in
        its sub-folders, sorted. Hidden files and folders are skipped. Links are
        followed, except to a folder that they lie in; a file that links reach twice
        from one folder is listed once.
    allow_empty : bool, default=False
        Whether to skip folders without audio.

    Returns
    -------
    files : list of str

    Raises
    ------
    ValueError
        Where a folder holds no audio, unless `allow_empty`.

    Warns
    -----
    UserWarning
        Where a folder cannot be listed, or a link leads nowhere.

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
    """List the sound files in a folder; one that links reach twice is listed once.

    Its own path wins over a link's: links to folders are followed last.
    """
    own, linked, seen, tops = {}, {}, set(), [folder]
    for top in tops:  # grows
        # `os.walk` lists links to folders, but does not enter them.
        for parent, folders, names in os.walk(top, onerror=_warn_of_folder):
            real = os.path.realpath(parent)
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            paths = [os.path.join(parent, name) for name in folders]
            tops += [
                path for path in paths if os.path.islink(path) and not is_loop(path)
            ]
            warn_of_dead_links(parent, names)
            for name in sorted(filter(is_audio_file, names)):
                path = os.path.join(parent, name)
                if os.path.islink(path):
                    linked.setdefault(os.path.realpath(path), path)
                else:
                    own.setdefault(os.path.join(real, name), path)
    return sorted((linked | own).values())


def is_loop(link):
    """Return whether a link to a folder leads to a folder that it lies in."""
    target = os.path.realpath(link)
    parent = os.path.realpath(os.path.dirname(link))
    return os.path.join(parent, "").startswith(os.path.join(target, ""))


def warn_of_dead_links(folder, names):
    """Warn of links that lead nowhere: there may have been sound files behind them.

    Sound files among them are listed, and named where they are read.
    """
    dead = [
        path
        for name in names
        if not is_audio_file(name)
        and os.path.islink(path := os.path.join(folder, name))
        and not os.path.exists(path)
    ]
    if dead:
        more = f" and {len(dead) - 1} more links" if len(dead) > 1 else ""
        warn_user(
            f"{dead[0]}{more}: no file or folder there; what they led to is left out."
        )


def _warn_of_folder(error):
    warn_user(
        f"{error.filename}: cannot be listed ({error.strerror}); its sound files are "
        "left out."
    )
