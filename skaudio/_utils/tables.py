"""Columns and rows of tables."""

import numpy as np


def names_column(names):
    """Return file names as a column of objects.

    Not every file name is text that pyarrow, which pandas uses where it is installed,
    can hold.

    Parameters
    ----------
    names : sequence of str

    Returns
    -------
    column : Series of object
    """
    import pandas as pd

    return pd.Series(names, dtype=object)


def summary_row(summary):
    """Return a summary as one row of a table of models.

    Returns
    -------
    row : dict
        ``accuracy``, ``accuracy_low``, ``accuracy_high`` and so on.
    """
    endings = {"value": "", "low": "_low", "high": "_high"}
    return {
        f"{score}{ending}": float(summary.loc[score, column])
        for score in summary.index
        for column, ending in endings.items()
    }


def number_text(value):
    """Write a number for people: to four figures, without an exponent.

    Parameters
    ----------
    value : float

    Returns
    -------
    text : str
        Empty for NaN; from 1000 on to the integer.

    Examples
    --------
    >>> [number_text(value) for value in (44100.0, 13584.0, 0.123456, -0.0, 3e-5)]
    ['44100', '13584', '0.1235', '0', '0.00003']
    """
    if np.isnan(value):
        return ""
    if abs(value) >= 1000 or value == np.round(value):
        return str(int(np.round(value)))  # an integer has no -0
    return np.format_float_positional(value, precision=4, fractional=False, trim="-")


def seconds_text(seconds):
    """Write a time for people.

    Parameters
    ----------
    seconds : float

    Returns
    -------
    text : str

    Examples
    --------
    >>> [seconds_text(seconds) for seconds in (0.0721, 1.234, 123.4)]
    ['72 ms', '1.2 s', '123 s']
    """
    if seconds >= 100:
        return f"{seconds:.0f} s"
    return f"{seconds:.2g} s" if seconds >= 0.1 else f"{1000 * seconds:.2g} ms"
