"""A cache of embeddings, in memory and on disk.

An entry holds the mean, maximum and standard deviation over a clip's windows. They
serve every pooling, and take the same few kilobytes for a clip of any length.
"""

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np

from skaudio._utils.atomic import atomic_write
from skaudio._utils.no_cache import is_without_cache
from skaudio._utils.warn import warn_user

# To be raised whenever the same clip would give another embedding.
VERSION = 1
LIMIT = 128 * 2**20  # bytes in this process: ten thousand clips of 1024 features


def clip_key(waveform, facts):
    """Hash a clip and everything that its embedding depends on.

    Parameters
    ----------
    waveform : float32 array of shape (n_samples,)
    facts : tuple
        Checksum of the weights, rate, parameters: plain values.

    Returns
    -------
    key : str of 40 hexadecimal digits
    """
    digest = hashlib.blake2b(repr((VERSION, *facts)).encode(), digest_size=20)
    digest.update(np.ascontiguousarray(waveform))
    return digest.hexdigest()


class Cache:
    """Arrays by key, the least recently used dropped first; thread-safe."""

    def __init__(self, limit=LIMIT):
        self.limit = limit
        self._arrays = OrderedDict()
        self._n_bytes = 0
        self._lock = threading.Lock()

    def get(self, key, folder=None):
        """Return an array from memory or else from `folder`; None if in neither.

        A file that cannot be read as such an array counts as absent.
        """
        with self._lock:
            if key in self._arrays:
                self._arrays.move_to_end(key)
                return self._arrays[key]
        array = None if folder is None else _read(_file(folder, key))
        if array is not None:
            self._store(key, array)
        return array

    def put(self, key, array, folder=None):
        """Store an array in memory and, in one atomic write, in `folder`.

        Not within `no_cache`. Warns where it cannot be written.
        """
        if is_without_cache():
            return
        self._store(key, array)
        if folder is not None:
            try:
                _write(_file(folder, key), array)
            except OSError as error:
                reason = getattr(error.__cause__, "strerror", None) or error.strerror
                warn_user(
                    f"{folder}: embeddings cannot be kept there ({reason}): a later "
                    "run computes them again. Make room, or name another folder."
                )

    def clear(self):
        """Drop all arrays from memory."""
        with self._lock:
            self._arrays.clear()
            self._n_bytes = 0

    def _store(self, key, array):
        with self._lock:
            if key not in self._arrays:
                self._n_bytes += array.nbytes
            self._arrays[key] = array
            self._arrays.move_to_end(key)
            while self._n_bytes > self.limit:
                self._n_bytes -= self._arrays.popitem(last=False)[1].nbytes


CACHE = Cache()


def _file(folder, key):
    return Path(folder) / key[:2] / f"{key}.npy"


def _read(file):
    try:
        array = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    valid = array.dtype == np.float32 and array.ndim == 2 and len(array) == 3
    return array if valid else None


def _write(file, array):
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(file, "the embedding") as stream:
        np.save(stream, array)
