"""One progress bar for terminals and notebooks."""

import os
import sys
import threading
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import ContextVar

_OF_PARTS = ContextVar("skaudio_bars_of_parts", default=0)
_REDRAWN, _LOGGED = 1, 60  # s


@contextmanager
def progress_bar(what, total, verbose=1, **options):
    """Show a bar of tqdm with the time left, which vanishes at its end.

    It is shown on standard error, in a terminal and in a notebook (without ipywidgets,
    too). Elsewhere, as in a log, a line is printed for each minute of work.

    Parameters
    ----------
    what : str
    total : float
    verbose : int or bool, default=1
        0 shows nothing.
    **options : as tqdm takes them

    Yields
    ------
    bar : tqdm
        With ``update(n)``.
    """
    from tqdm import tqdm

    in_notebook = type(sys.stderr).__module__.startswith("ipykernel")
    is_watched = sys.stderr.isatty() or in_notebook
    with ExitStack() as stack:
        if not is_watched:
            options["file"] = stack.enter_context(open(os.devnull, "w"))
            if "bar_format" not in options:
                options["ncols"] = 0  # numbers only
        bar = tqdm(
            desc=what,
            total=total,
            leave=False,
            dynamic_ncols=is_watched,
            disable=not verbose,
            **options,
        )
        stack.enter_context(bar)
        if verbose:
            stack.enter_context(_passing_time(bar, is_watched))
        yield bar


@contextmanager
def _passing_time(bar, is_watched):
    """Show that time passes where a single step takes minutes."""
    done = threading.Event()

    def show():
        while not done.wait(_REDRAWN if is_watched else _LOGGED):
            if is_watched:
                bar.refresh()
            else:
                print(bar, file=sys.stderr, flush=True)

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def beside_bars():
    """Return a block in which lines can be printed: the bars stand below them."""
    if "tqdm" not in sys.modules:
        return nullcontext()
    from tqdm import tqdm

    return tqdm.external_write_mode(file=sys.stderr)


@contextmanager
def bars_of_parts(verbose):
    """Let the embedders that run inside the block, in this thread, show their bars."""
    token = _OF_PARTS.set(verbose)
    try:
        yield
    finally:
        _OF_PARTS.reset(token)


def are_bars_of_parts_shown():
    """Return whether a block of `bars_of_parts` asks for bars, in this thread."""
    return bool(_OF_PARTS.get())
