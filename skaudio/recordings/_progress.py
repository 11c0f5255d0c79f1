"""Progress of work on recordings: hours of sound, times real time, time left."""

import time
from contextlib import contextmanager


class Stopped(Exception):
    """The work has been stopped, as by Ctrl-C."""


class Meter:
    """Counts seconds of sound that are done; copies in other processes do nothing."""

    def __init__(self, show=None):
        self._show = show
        self._n_done = {}
        self._is_stopped = False

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

    def stop(self):
        """Let no thread go on with what nobody waits for."""
        self._is_stopped = True

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
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    columns = (
        TextColumn(f"{n_recordings} recording(s)"),
        BarColumn(),
        TextColumn("{task.fields[hours]}"),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    begin = time.monotonic()

    def describe(done):
        speed = done / max(1e-3, time.monotonic() - begin)
        hours = f"{done / 3600:.2f} of {seconds / 3600:.2f} hours"
        return {"hours": hours, "speed": f"{speed:.0f} times real time"}

    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("score", total=seconds, **describe(0.0))
        yield Meter(lambda done: bar.update(task, completed=done, **describe(done)))
    facts = describe(seconds)
    console.print(
        f"{verb} {n_recordings} recording(s), {seconds / 3600:.2f} hours, at "
        f"{facts['speed']}",
        soft_wrap=True,
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
    if not verbose:
        yield from things
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        yield from bar.track(things, total=total)
