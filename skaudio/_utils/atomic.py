"""Write files whole, or leave the older file as it was."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path, what="the file"):
    """Open a file for writing that replaces `path` when the block ends without error.

    The bytes go to a hidden file beside `path`, which is moved over it at the end. A
    full disk, an error or an interruption leaves an older file as it was.

    Parameters
    ----------
    path : str or path-like
        Missing folders are not created.
    what : str
        What is written, for the error message.

    Yields
    ------
    file : binary file

    Raises
    ------
    OSError
        Where the file cannot be written, naming `path` and the reason.
    """
    path = Path(path)
    if path.is_dir() or not path.parent.is_dir():
        reason = "is a folder" if path.is_dir() else "its folder does not exist"
        raise OSError(f"{path}: {what} cannot be written there, {reason}")
    draft = None
    try:
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, _mode_of(path))
        os.replace(draft, path)
    except OSError as error:
        reason = error.strerror or str(error)
        kept = "; the older file there is untouched" if path.exists() else ""
        raise OSError(f"{path}: {what} cannot be written ({reason}){kept}") from error
    finally:
        if draft is not None and os.path.exists(draft):
            os.unlink(draft)


def write_text(path, text, what="the file"):
    """Write text as UTF-8, whole or not at all.

    Parameters
    ----------
    path, what
        As in `atomic_write`.
    text : str
        Characters that UTF-8 cannot encode, such as those that stand for undecodable
        bytes of a file name, become "?".
    """
    with atomic_write(path, what) as file:
        file.write(text.encode("utf-8", errors="replace"))


def _mode_of(path):
    """Return the permissions of the older file, else those that the umask leaves."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
