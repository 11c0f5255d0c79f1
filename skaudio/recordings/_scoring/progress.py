"""Progress of work on recordings: hours of sound, times real time, time left."""

import sys
import threading
import time
from contextlib import contextmanager

from skaudio._utils.progress import progress_bar


class Stopped(Exception):
    """The work has been stopped, as by Ctrl-C."""


class Meter:
    """Counts seconds of sound that are done; copies in other processes do nothing."""

    def __init__(self, show=None):
        self._show = show
        self._n_done = {}
        self._is_stopped = False
        self._n_at_work = 0
        self._ends = threading.Condition()

    def advance(self, file, seconds):
        """Add seconds of a recording; raise Stopped in threads that should end."""
        if self._is_stopped:
            raise Stopped
        self.finish(file, self._n_done.get(file, 0.0) + seconds)

    def finish(self, file, seconds):
        """Count a recording as done."""
        self._n_done[file] = seconds
        if self._show is not None:
            self._show(sum([*self._n_done.values()]))  # others may grow it

    @contextmanager
    def at_work(self):
        """Count a thread as working, for `stop`."""
        with self._ends:
            if self._is_stopped:
                raise Stopped
            self._n_at_work += 1
        try:
            yield
        finally:
            with self._ends:
                self._n_at_work -= 1
                self._ends.notify_all()

    def stop(self):
        """Wait until no thread goes on with what nobody waits for.

        Threads that compute while Python ends would abort it.
        """
        with self._ends:
            self._is_stopped = True
            self._ends.wait_for(lambda: not self._n_at_work)

    def __reduce__(self):
        return Meter, ()


@contextmanager
def progress(n_recordings, seconds, verbose, verb="scored"):
    """Show a bar on a terminal, else one line at the end.

    Parameters
    ----------
    n_recordings : int
    seconds : float
        Of sound, in all.
    verbose : int or bool
    verb : str
        What has been done with them, at the end.

    Yields
    ------
    meter : Meter
    """
    if not verbose or not n_recordings:
        yield Meter()
        return
    begin = time.monotonic()

    def speed(done):
        return f"{done / max(1e-3, time.monotonic() - begin):.0f} times real time"

    with progress_bar(
        f"{n_recordings} recording(s)",
        seconds / 3600,
        bar_format="{desc} |{bar}| {n:.2f} of {total:.2f} hours{postfix}, "
        "{remaining} left",
    ) as bar:

        def show(done):
            bar.set_postfix_str(speed(done), refresh=False)
            bar.update(done / 3600 - bar.n)

        show(0.0)
        yield Meter(show)
    print(
        f"{verb} {n_recordings} recording(s), {seconds / 3600:.2f} hours, at "
        f"{speed(seconds)}",
        file=sys.stderr,
    )


def counted(things, total, what, verbose):
    """Yield things, and show on a terminal how many there have been.

    Parameters
    ----------
    things : iterable
    total : int
    what : str
        What they are, for the bar.
    verbose : int or bool
    """
    with progress_bar(what, total, verbose) as bar:
        for thing in things:
            yield thing
            bar.update()
