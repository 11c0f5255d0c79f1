"""Download one file over HTTP, with a progress bar and retries."""

import os
import time
from contextlib import contextmanager

from skaudio._utils.warn import warn_user


def download(url, file, *, timeout, n_retries, delay, hint):
    """Download to a file.

    Parameters
    ----------
    url : str
    file : str or path-like
        Overwritten; not usable where an error is raised.
    timeout : float
        Seconds without a byte after which an attempt fails.
    n_retries : int
        Attempts after the first, for errors that may pass.
    delay : float
        Seconds between attempts.
    hint : str
        What to do instead, for the error message.

    Raises
    ------
    OSError
        With the address, the reason and the hint.
    """
    import pooch
    import requests

    for retries_left in range(n_retries, -1, -1):
        try:
            with _progress_bar(url) as bar:
                pooch.HTTPDownloader(bar, chunk_size=2**16, timeout=timeout)(
                    url, os.fspath(file), None
                )
            return
        except requests.RequestException as error:
            reason, final = _diagnose(error, timeout)
            if final or not retries_left:
                raise OSError(f"{url}: {reason}. {hint}") from error
        warn_user(f"{url}: {reason}; trying again.")
        time.sleep(delay)


def _diagnose(error, timeout):
    """Return why a transfer failed, and whether another attempt is pointless."""
    import requests

    if error.response is not None:
        status = error.response.status_code
        reason = f"the server answers HTTP {status} {error.response.reason}"
        return reason, 400 <= status < 500 and status not in (408, 429)
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"no answer within timeout={timeout} s", False
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection was cut before the end", False
    cause = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__
    reason = getattr(cause, "strerror", None) or cause
    return f"no connection ({reason})", isinstance(error, ValueError)


@contextmanager
def _progress_bar(url):
    """Show a progress bar on a terminal, else one line; yield a bar for pooch."""
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    console.print(f"Downloading {url}", soft_wrap=True)
    columns = (
        *Progress.get_default_columns()[1:],
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield _Bar(progress, progress.add_task("", total=None))


class _Bar:
    def __init__(self, progress, task):
        self._progress, self._task = progress, task

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "total" and value:  # 0 where the server gives none
            self._progress.update(self._task, total=value)

    def update(self, n_bytes):
        self._progress.advance(self._task, n_bytes)

    def reset(self):
        self._progress.update(self._task, completed=0)

    def close(self):
        pass
