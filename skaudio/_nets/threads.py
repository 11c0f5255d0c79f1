"""Torch on one core."""

import threading
from contextlib import contextmanager

import torch

_lock = threading.Lock()
_before = []  # the number of threads outside, once per block that is being run


@contextmanager
def one_thread():
    """Run torch on one core inside the block, in this thread.

    Networks of few channels lose more by waiting for other cores than they gain, and
    their last digits depend on the number of cores.
    """
    with _lock:
        # Torch has a number for each thread, and one with which new threads start.
        _before.append(_before[0] if _before else torch.get_num_threads())
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _lock:
            torch.set_num_threads(_before.pop())
