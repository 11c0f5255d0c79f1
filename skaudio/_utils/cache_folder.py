"""The folder that keeps embeddings and finished fits from one run to the next."""

import os
from contextlib import suppress
from pathlib import Path

from skaudio._utils.atomic import make_folder

VARIABLE = "SKAUDIO_CACHE"
LIMIT = 2 * 2**30  # bytes


def embeddings_folder(own=None):
    """Return the folder of embeddings, or None where none is to be kept on disk.

    Parameters
    ----------
    own : str, path-like or None
        That of an embedder, which comes first.
    """
    folder = os.environ.get(VARIABLE)
    return own or (Path(folder, "embeddings") if folder else None)


def use_cache_folder(folder):
    """Keep embeddings in a folder, in this process and those that it starts.

    Where more than 2 GiB lie there, what was written first is removed.

    Parameters
    ----------
    folder : str, path-like or None
        Made where it is absent. None keeps nothing.

    Returns
    -------
    fits : Path or None
        The folder for the results of finished fits.

    Raises
    ------
    OSError
        Where it cannot be made or written in.
    """
    os.environ.pop(VARIABLE, None)
    if folder is None:
        return None
    folder = Path(folder).absolute()
    for part in ("embeddings", "fits"):
        make_folder(folder / part, "what is kept for the next run")
        _trim(folder / part, LIMIT // 2)
    os.environ[VARIABLE] = str(folder)
    return folder / "fits"


def _trim(folder, limit):
    """Remove the oldest files of a folder, until the others take less than a limit."""
    files = []
    for path in folder.rglob("*.*"):
        try:
            status = path.stat()
        except OSError:  # of another process, which has removed it
            continue
        files.append((status.st_mtime, status.st_size, path))
    n_bytes = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if n_bytes <= limit:
            break
        with suppress(OSError):
            path.unlink()
            n_bytes -= size
