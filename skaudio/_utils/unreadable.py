"""Files that cannot be read: raise, or leave them out with a warning."""

import numpy as np

from skaudio._utils.warn import warn_user


def report_unreadable(errors, what, on_error):
    """Raise the first error with the others appended, or warn of all of them.

    Parameters
    ----------
    errors : list of AudioFileError
    what : str
        What cannot be read, for the warning, such as "2 of 10 clips".
    on_error : {"warn", "raise"}
    """
    if not errors:
        return
    if on_error == "raise":
        first, *others = errors
        more = f"; and {len(others)} more: " + "; ".join(map(str, others))
        raise type(first)(first.file, first.reason + (more if others else ""))
    warn_user(
        f"{what} cannot be read and {'is' if len(errors) == 1 else 'are'} left out:"
        "\n  " + "\n  ".join(map(str, errors))
    )


def rows_to_fit(missing):
    """Return a mask of the rows to fit on; warn of those that are NaN.

    Parameters
    ----------
    missing : ndarray of bool, shape (n,)

    Returns
    -------
    keep : ndarray of bool, shape (n,)

    Raises
    ------
    ValueError
        Where all are missing.
    """
    if missing.all():
        raise ValueError(f"All {len(missing)} rows are NaN: no clip could be read.")
    if missing.any():
        warn_user(
            f"{missing.sum()} of {len(missing)} clips are NaN (they could not be read) "
            f"and are left out of the fit: rows {np.flatnonzero(missing).tolist()}."
        )
    return ~missing
