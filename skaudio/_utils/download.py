"""Download one file over HTTP, with a progress bar and retries."""

import os
import sys
import time

from skaudio._utils.progress import progress_bar
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

    print(f"Downloading {url}", file=sys.stderr)

    for retries_left in range(n_retries, -1, -1):
        try:
            # 1, which pooch replaces: a bar of nothing is false, and then not taken.
            with progress_bar("", 1, unit="B", unit_scale=True) as bar:
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
