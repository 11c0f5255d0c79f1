"""Progress of work on recordings: hours of sound, times real time, time left."""

import math
import sys
import threading
import time
from contextlib import contextmanager

from skaudio._utils.counts import count, length_text
from skaudio._utils.progress import progress_bar

_PER_SECOND = 1000


class Stopped(Exception):
    """The work has been stopped, as by Ctrl-C."""


class Meter:
    """Counts seconds of sound that are done; copies in other processes do nothing.

    Parameters
    ----------
    lengths : dict of str to float
        Seconds of each recording.
    show : callable or None
        Takes the milliseconds that are done: whole numbers, whose sum is exact.
    """

    def __init__(self, lengths=None, show=None):
        self._most = {file: _milliseconds(s) for file, s in (lengths or {}).items()}
        self._show = show
        self._seconds, self._n_done = {}, 0
        self._counting = threading.Lock()
        self._is_stopped = False
        self._n_at_work = 0
        self._ends = threading.Condition()

    def advance(self, file, seconds):
        """Add seconds of a recording; raise Stopped in threads that should end."""
        if self._is_stopped:
            raise Stopped
        self._count(file, seconds)

    def finish(self, file):
        """Count a recording as done."""
        self._count(file, math.inf)

    def _count(self, file, seconds):
        if self._show is None:
            return
        with self._counting:
            before = self._seconds.get(file, 0.0)
            self._seconds[file] = before + seconds
            # Windows overlap, and the last one reaches beyond the end.
            most = self._most[file]
            self._n_done += _done(self._seconds[file], most) - _done(before, most)
            self._show(self._n_done)

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


def _milliseconds(seconds):
    return round(_PER_SECOND * seconds)


def _done(seconds, most):
    return round(min(most, _PER_SECOND * seconds))


@contextmanager
def progress(lengths, verbose, verb="scored"):
    """Show a bar on a terminal, else one line at the end.

    Parameters
    ----------
    lengths : dict of str to float
        Seconds of each recording.
    verbose : int or bool
    verb : str
        What has been done with them, at the end.

    Yields
    ------
    meter : Meter
    """
    if not verbose or not lengths:
        yield Meter()
        return
    n_recordings, seconds = len(lengths), sum(lengths.values())
    begin = time.monotonic()
    size, unit = (60, "minutes") if seconds < 360 else (3600, "hours")

    def speed(done):
        return f"{done / max(1e-3, time.monotonic() - begin):.0f} times real time"

    with progress_bar(
        count(n_recordings, "recording"),
        sum(map(_milliseconds, lengths.values())),
        unit_scale=1 / (size * _PER_SECOND),
        bar_format="{desc} |{bar}| {n:.2f} of {total:.2f} "
        f"{unit}{{postfix}}, {{remaining}} left",
    ) as bar:

        def show(done):
            bar.set_postfix_str(speed(done / _PER_SECOND), refresh=False)
            bar.update(done - bar.n)

        show(0)
        yield Meter(lengths, show)
    print(
        f"{verb} {count(n_recordings, 'recording')}, {length_text(seconds)}, at "
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
