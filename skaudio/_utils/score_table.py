"""Tables of scores: a row per window of recordings, a column per class."""

import reprlib
from typing import NamedTuple

import numpy as np

from skaudio._utils.background import is_background
from skaudio._utils.clip_columns import listed

_INDEX = ["file", "start_time", "end_time"]


class ScoreTable(NamedTuple):
    """Scores of windows, sorted by file and time.

    Attributes
    ----------
    files : ndarray of str, shape (n_files,)
        Sorted.
    file_index : ndarray of int, shape (n,)
        The file of each window.
    starts, ends : ndarray of float, shape (n,)
        Seconds.
    values : ndarray of float, shape (n, n_classes)
        A row that holds NaN is NaN throughout: the window failed.
    classes : list
    """

    files: np.ndarray
    file_index: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    values: np.ndarray
    classes: list


def as_score_table(scores, classes=None):
    """Check a table of scores.

    Parameters
    ----------
    scores : DataFrame
        With the levels ``file, start_time, end_time`` in its index, or such columns,
        and a column of numbers per class.
    classes : list or None, default=None
        The classes to take. None takes all except the background classes.

    Returns
    -------
    table : ScoreTable

    Raises
    ------
    ValueError
        Naming the column, or the file and the time, that is at fault.
    """
    import pandas as pd

    if not isinstance(scores, pd.DataFrame):
        raise ValueError(
            f"scores={reprlib.repr(scores)}: expected a DataFrame with the index "
            "(file, start_time, end_time) and a column per class, as score_recordings "
            "returns it."
        )
    if list(scores.index.names) != _INDEX:
        if not {*_INDEX} <= {*scores.columns}:
            raise ValueError(
                f"scores has the index {listed(scores.index.names)} and the columns "
                f"{listed(scores.columns)}: expected file, start_time and end_time."
            )
        scores = scores.set_index(_INDEX)
    classes = _classes(scores, classes)
    for name in classes:
        if not pd.api.types.is_numeric_dtype(scores[name]):
            raise ValueError(
                f"scores: column {name!r} holds {scores[name].dtype}, expected numbers."
            )
    values = scores[classes].to_numpy(
        dtype=np.float64 if _has_doubles(scores[classes]) else np.float32,
        na_value=np.nan,
    )
    file, start, end = (scores.index.get_level_values(name) for name in _INDEX)
    file_index, files = pd.factorize(file.astype(str), sort=True)
    starts, ends = (np.asarray(times, dtype=float) for times in (start, end))
    order = np.lexsort([ends, starts, file_index])
    file_index, starts, ends = file_index[order], starts[order], ends[order]
    values = values[order]
    values[np.isnan(values).any(axis=1)] = np.nan

    def refuse(wrong, what):
        if wrong.any():
            k = int(np.argmax(wrong))
            raise ValueError(
                f"{files[file_index[k]]}: scores from {starts[k]} to {ends[k]} s {what}"
            )

    refuse(~(ends > starts), "have no length: expected start_time < end_time.")
    refuse(np.isinf(values).any(axis=1), "are infinite: expected numbers.")
    here = np.diff(file_index, prepend=-1) == 0
    later = [np.diff(times, prepend=np.nan) for times in (starts, ends)]
    refuse(
        here & (later[0] == 0) & (later[1] == 0),
        "are there twice: expected every window once; drop the duplicates.",
    )
    refuse(
        here & (later[1] < 0),
        "are of a window within another: expected windows of one length.",
    )
    return ScoreTable(np.asarray(files), file_index, starts, ends, values, classes)


def _classes(scores, classes):
    names = list(scores.columns)
    if len({*names}) < len(names):
        twice = [name for name in names if names.count(name) > 1]
        raise ValueError(
            f"scores has two columns {twice[0]!r}: expected one per class."
        )
    if classes is None:
        return [name for name in names if not is_background(name)]
    classes = [classes] if isinstance(classes, str) else list(classes)
    unknown = [name for name in classes if name not in names]
    if unknown:
        raise ValueError(
            f"classes {listed(unknown)}: expected some of those that have scores, "
            f"{listed(names)}."
        )
    background = [name for name in classes if is_background(name)]
    if background:
        raise ValueError(
            f"classes {listed(background)}: expected animals; background is no event."
        )
    return classes


def _has_doubles(frame):
    return any(dtype == np.float64 for dtype in frame.dtypes)
