"""Clips that are decoded once, although two steps read them."""

import functools
import threading
from contextlib import contextmanager

_lock = threading.Lock()
_blocks = []  # of this process: the files, and what is loaded of them


@contextmanager
def loaded_once(files):
    """Decode files once inside the block, however often they are loaded.

    The sound of all of them stays in memory until the block ends. Other processes, and
    loaders of another sample rate or channel, decode for themselves.

    Parameters
    ----------
    files : list of str

    Yields
    ------
    forget : callable
        Lets the files be decoded again, as where one has changed.
    """
    block = frozenset(files), {}
    with _lock:
        _blocks.append(block)
    try:
        yield block[1].clear
    finally:
        with _lock:
            _blocks[:] = [other for other in _blocks if other is not block]


def keeps_loaded(load):
    """Decorate ``load(clip, sample_rate, channel)`` to heed blocks of `loaded_once`."""

    @functools.wraps(load)
    def loaded(clip, sample_rate, channel="mix"):
        key = *clip, sample_rate, channel
        kept = next((kept for files, kept in _blocks if clip[0] in files), None)
        if kept is None:
            return load(clip, sample_rate, channel)
        if key not in kept:
            kept[key] = load(clip, sample_rate, channel)
        return kept[key]

    return loaded
