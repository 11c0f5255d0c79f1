"""How many threads torch and BLAS use.

Nets and heads of this size lose by a second thread: they wait for it longer than it
computes, above all where other work runs beside them. And their last digits depend on
the number. So they run in one thread, and cores are used by what is independent.
"""

import functools
import sys
import threading
from contextlib import ExitStack, contextmanager

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_outside = []  # torch's number outside, once per block that is being run
_here = threading.local()  # the numbers of the blocks that a thread is in


@contextmanager
def torch_threads(n_threads):
    """Run torch in a number of threads inside the block.

    Parameters
    ----------
    n_threads : int or None
        None leaves the setting.
    """
    if n_threads is None:
        yield
        return
    import torch

    blocks = vars(_here).setdefault("blocks", [])
    with _lock:
        # Torch has a number for each thread, and one with which new threads start.
        _outside.append(_outside[0] if _outside else torch.get_num_threads())
        torch.set_num_threads(n_threads)
    blocks.append(n_threads)
    try:
        yield
    finally:
        blocks.pop()
        with _lock:
            outside = _outside.pop()
            torch.set_num_threads(blocks[-1] if blocks else outside)


@contextmanager
def limited_threads(n_threads):
    """Run torch, if it is imported, and BLAS in a number of threads inside the block.

    Parameters
    ----------
    n_threads : int or None
        None leaves the settings.
    """
    with ExitStack() as stack:
        if n_threads is not None:
            blas = _controller().limit(limits=n_threads, user_api="blas")
            stack.enter_context(blas)
        if "torch" in sys.modules:
            stack.enter_context(torch_threads(n_threads))
        yield


@functools.cache
def _controller():
    """Find the libraries once: they are loaded with numpy and scipy."""
    return ThreadpoolController()
