"""Work whose intermediate results are not worth keeping."""

from contextlib import contextmanager
from contextvars import ContextVar

_without = ContextVar("skaudio_without_cache", default=False)


@contextmanager
def no_cache():
    """Keep no embeddings inside the block, in this thread.

    Each window of a recording is seen once: a cache would fill the memory with them.
    Nor does `warn_of_long_clips` then warn: windows may be long on purpose.
    """
    token = _without.set(True)
    try:
        yield
    finally:
        _without.reset(token)


def is_without_cache():
    """Return whether a block of `no_cache` is being run, in this thread."""
    return _without.get()
