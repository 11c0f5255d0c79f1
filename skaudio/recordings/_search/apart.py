"""Windows that do not overlap with each other, or with others."""

import numpy as np


def apart(file_index, starts, ends, rows, n):
    """Take rows in their order, without those that overlap with one taken before.

    Parameters
    ----------
    file_index : ndarray of int, shape (n_windows,)
    starts, ends : ndarray of float, shape (n_windows,)
        Seconds.
    rows : ndarray of int
    n : int
        How many at most.

    Returns
    -------
    taken : ndarray of int
    """
    taken, by_file = [], {}
    for row in rows.tolist():
        if len(taken) == n:
            break
        own = by_file.setdefault(file_index[row], [])
        if all(ends[row] <= starts[one] or starts[row] >= ends[one] for one in own):
            own.append(row)
            taken.append(row)
    return np.array(taken, dtype=int)


def side_by_side(file_index, starts, ends, rows):
    """Take rows from the start of each file on, each the first after the one before.

    Parameters
    ----------
    file_index, starts, ends
        As in `apart`.
    rows : ndarray of int
        Sorted by file and time.

    Returns
    -------
    taken : ndarray of int
    """
    taken, file, end = [], None, 0.0
    for row in rows.tolist():
        if file_index[row] != file or starts[row] >= end:
            taken.append(row)
            file, end = file_index[row], ends[row]
    return np.array(taken, dtype=int)


def overlapping(file_index, starts, ends, others):
    """Return which windows overlap with any of others.

    Parameters
    ----------
    file_index, starts, ends
        As in `apart`, sorted by file.
    others : iterable of (int, float, float)
        File, start and end of each.

    Returns
    -------
    overlap : ndarray of bool, shape (n_windows,)
    """
    overlap = np.zeros(len(starts), bool)
    for file, start, end in others:
        first, last = np.searchsorted(file_index, [file, file + 1])
        here = slice(first, last)
        overlap[here] |= (starts[here] < end) & (ends[here] > start)
    return overlap
