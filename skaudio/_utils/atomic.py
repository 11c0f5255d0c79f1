"""Write files whole, or leave the older file as it was."""

import os
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from skaudio._utils.file_types import KINDS, is_replaceable

_TRIAL = bytes(2**16)  # written and removed, to see that the disk is not full


@contextmanager
def atomic_write(path, what="the file", kind=None):
    """Open a file for writing that replaces `path` when the block ends without error.

    The bytes go to a hidden file beside `path`, which is moved over it at the end. A
    full disk, an error or an interruption leaves an older file as it was. Where `path`
    is a link, the file that it leads to is replaced.

    Parameters
    ----------
    path : str or path-like
        Missing folders are not created.
    what : str
        What is written, for the error message.
    kind : str or None
        Of `KINDS`. An older file of another kind is not replaced, such as the user's
        own table. None replaces any file.

    Yields
    ------
    file : binary file

    Raises
    ------
    OSError
        Where the file cannot be written, naming `path` and the reason.
    """
    target = _target(path, what, kind)
    with _draft(path, target, what) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
        os.chmod(file.name, _mode_of(target))
        file.close()
        os.replace(file.name, target)


def write_text(path, text, what="the file", kind=None):
    r"""Write text as UTF-8, whole or not at all.

    Parameters
    ----------
    path, what, kind
        As in `atomic_write`.
    text : str
        Characters that UTF-8 cannot encode, such as those that stand for undecodable
        bytes of a file name, are written as "\udcff".
    """
    with atomic_write(path, what, kind) as file:
        file.write(text.encode("utf-8", errors="backslashreplace"))


def check_writable(path, what="the file", kind=None):
    """Raise what `atomic_write` would raise, before the work; leave no trace.

    Parameters
    ----------
    path, what, kind
        As in `atomic_write`.

    Raises
    ------
    OSError
        As `atomic_write` does.
    """
    with _draft(path, _target(path, what, kind), what) as file:
        file.write(_TRIAL)
        file.flush()
        os.fsync(file.fileno())


def make_folder(path, what="the files"):
    """Make a folder, and those above it, and see that files can be written there.

    Parameters
    ----------
    path : str or path-like
    what : str
        What is to be written there, for the error message.

    Returns
    -------
    made : list of Path
        Those that were not there before, the outermost first.

    Raises
    ------
    OSError
        Naming `path` and the reason. Then none of them is left.
    """
    path, made = Path(path), []
    try:
        for folder in (*reversed(path.parents), path):
            if not os.path.lexists(folder):
                with suppress(FileExistsError):  # made by another process meanwhile
                    folder.mkdir()
                    made.append(folder)
        if not path.is_dir():
            raise NotADirectoryError(f"{path}: is a file, expected a folder")
        with _draft(path, path / "any", what) as file:
            file.write(_TRIAL)
    except OSError as error:
        _remove(made)
        if error.errno is None:  # described above or by the draft
            raise
        raise _failure(path, what, error) from error
    return made


def check_folder(path, what="the files"):
    """Raise what `make_folder` would raise; leave no trace.

    Parameters
    ----------
    path, what
        As in `make_folder`.

    Raises
    ------
    OSError
        As `make_folder` does.
    """
    _remove(make_folder(path, what))


def _remove(folders):
    for folder in reversed(folders):
        with suppress(OSError):  # another process uses it by now
            folder.rmdir()


@contextmanager
def _draft(path, target, what):
    """Open a hidden file beside the target, which is gone when the block ends."""
    name = None
    try:
        # Not named after the target, whose name may be as long as a name can be.
        handle, name = tempfile.mkstemp(prefix=".skaudio-", dir=target.parent)
        os.close(handle)
        with open(name, "wb") as file:
            yield file
    except OSError as error:
        raise _failure(path, what, error, older=target.exists()) from error
    finally:
        if name is not None and os.path.exists(name):
            os.unlink(name)


def _target(path, what, kind):
    """Return the file that a path leads to; raise where it must not be replaced."""
    target = Path(os.path.realpath(path))
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise FileNotFoundError(
                f"{path}: {what} cannot be written there, its folder does not exist: "
                "create it first"
            ) from None
        return target
    except OSError as error:
        raise _failure(path, what, error) from error
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(
            f"{path}: {what} cannot be written there, it is a folder: expected the "
            "name of a file"
        )
    if not stat.S_ISREG(mode):
        raise FileExistsError(
            f"{path}: {what} cannot be written there, it is a device or pipe: expected "
            "the name of a file"
        )
    if not _is_writable(target):
        raise PermissionError(
            f"{path}: {what} cannot be written there, the file is write-protected"
        )
    try:
        replaceable = kind is None or is_replaceable(target, kind)
    except OSError as error:
        raise _failure(path, what, error, older=True) from error
    if not replaceable:
        raise FileExistsError(
            f"{path}: holds something other than {KINDS[kind]}, which {what} would "
            "replace: choose another name, or move that file away"
        )
    return target


def _is_writable(path):
    # Of the user whose rights count, where that can be asked.
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.W_OK, effective_ids=effective)


def _failure(path, what, error, older=False):
    """Describe an error of the system, by the path as the user wrote it."""
    reason = error.strerror or str(error)
    kept = "; the older file there is untouched" if older else ""
    return OSError(f"{path}: {what} cannot be written ({reason}){kept}")


def _mode_of(path):
    """Return the permissions of the older file, else those that the umask leaves."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
