"""Lists of clips, in every accepted form, as (file, start_time, end_time)."""

import os
import reprlib
from collections import Counter
from typing import NamedTuple

import numpy as np

from skaudio._utils.clip_columns import (
    EXPECTED,
    find_clip_columns,
    listed,
    refuse_accumulated,
)

_MAX_PATH = 4096  # characters
_LONGEST = 1e8  # s, three years: larger numbers are dates


class Clip(NamedTuple):
    """A file, or the span of it between two times in seconds."""

    file: str
    start_time: float | None = None
    end_time: float | None = None

    def __str__(self):
        if self.start_time is None and self.end_time is None:
            return self.file
        return f"{self.file} ({self.start_time}-{self.end_time} s)"


def as_clips(X):
    """List the clips of `X`.

    Parameters
    ----------
    X : list, 1-D array or Series of paths, (n, 1) column of paths, or a table
        A table is a DataFrame with ``file, start_time, end_time`` (seconds) as columns
        or index levels, or with the names that `find_clip_columns` knows. Times may be
        absent or NaN: the start or the end of the file.

    Returns
    -------
    list of Clip

    Raises
    ------
    ValueError
        Where `X` is something else; where rows of a table are of one file without times
        that tell them apart, or times are no seconds.
    """
    if hasattr(X, "columns"):
        return _clips_of_table(X)
    if isinstance(X, (str, bytes, os.PathLike)):
        raise ValueError(f"Expected a list of paths, got one path: pass [{X!r}].")
    paths = np.asarray(X, dtype=object)
    if paths.ndim == 2 and paths.shape[1] == 1:
        paths = paths[:, 0]
    if paths.ndim != 1:
        raise ValueError(
            f"Expected a list of paths, a column of paths or a table with the columns "
            f"file, start_time, end_time; got an array of shape {paths.shape}."
        )
    return [Clip(_path(path, row)) for row, path in enumerate(paths)]


def find_clips(X):
    """List the clips of `X`, or return None where it lists none.

    Parameters
    ----------
    X : as in `as_clips`, or waveforms, log-mels or features

    Returns
    -------
    list of Clip, or None

    Raises
    ------
    ValueError
        For a table of clips that is at fault.
    """
    if hasattr(X, "columns") and find_clip_columns(_names(X)) is not None:
        return as_clips(X)
    try:
        return as_clips(X)
    except ValueError:
        return None


def lists_clips(X):
    """Return whether `X` lists clips, rather than waveforms, log-mels or features."""
    return find_clips(X) is not None


def taken_columns(X):
    """Return which columns of a table give the file and the times of its clips.

    Parameters
    ----------
    X : as in `as_clips`

    Returns
    -------
    columns : dict of str to str, or None
        Such as ``{"file": "File", "start_time": "Start (s)", "end_time": "End (s)"}``.
        None where `X` is no table with a column of files.
    """
    columns = find_clip_columns(_names(X)) if hasattr(X, "columns") else None
    return columns and columns.taken()


def clip_table(clips):
    """Make a table of clips, as `as_clips` reads it.

    Parameters
    ----------
    clips : list of Clip

    Returns
    -------
    table : DataFrame
        ``file``, ``start_time``, ``end_time`` (seconds, NaN where open).
    """
    import pandas as pd

    table = pd.DataFrame(clips, columns=["file", "start_time", "end_time"])
    return table.astype({"start_time": float, "end_time": float})


def _names(table):
    """List the columns and the named levels of the index."""
    names = list(table.columns)
    levels = getattr(getattr(table, "index", None), "names", None) or ()
    return names + [name for name in levels if name not in (None, *names)]


def _clips_of_table(table):
    names = _names(table)
    columns = find_clip_columns(names)
    if columns is None:
        if table.shape[1] == 1:
            return as_clips(table.to_numpy())
        raise ValueError(f"Got a table with the columns {listed(names)}; {EXPECTED}.")

    def cells(name):
        at_side = name not in table.columns
        return table.index.get_level_values(name) if at_side else table[name]

    files = _files([cells(name) for name in columns.file])
    if columns.is_accumulated and len(set(files)) > 1:
        refuse_accumulated(columns.start)

    def times(name, endless=False):
        nothing = np.full(len(files), np.nan)
        return nothing if name is None else _seconds(cells(name), name, endless)

    starts, ends = times(columns.start), times(columns.end, endless=True)
    if columns.begin is not None:
        ends = starts + ends - times(columns.begin)
    if columns.duration is not None:
        ends = starts + times(columns.duration, endless=True)
    clips = [
        Clip(file, *(None if np.isnan(time) else float(time) for time in span))
        for file, *span in zip(files, starts, ends, strict=True)
    ]
    _refuse_repeated(clips, table, columns, names)
    return clips


def _files(parts):
    """Join the parts of each path; Kaleidoscope leaves those that are empty out."""
    import pandas as pd

    *folders, names = parts
    files = [_path(path, row) for row, path in enumerate(names)]
    for folder in reversed(folders):
        files = [
            file if pd.isna(part) else os.path.join(str(part), file)
            for part, file in zip(folder, files, strict=True)
        ]
    return files


def _seconds(cells, name, endless):
    """Return times as floats, NaN where there is none.

    Where they may be `endless`, infinity is the end of the file.
    """
    kind = getattr(cells.dtype, "kind", "O")
    if kind in "iuf":
        times = cells.to_numpy(dtype=float, na_value=np.nan)
    else:
        times = np.array([_number(cell, kind) for cell in cells], dtype=float)
    if endless:
        times = np.where(times == np.inf, np.nan, times)
    wrong = np.abs(times) > _LONGEST
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"Column {name!r} has {reprlib.repr(list(cells)[row])} in row {row}: "
            "expected seconds from the start of the file, as a number."
        )
    return times


def _number(cell, kind):
    """Return a cell as a float: NaN for nothing, -inf for what is no number."""
    import pandas as pd

    if isinstance(cell, str):
        cell = cell.strip().replace(",", ".") or np.nan  # a decimal comma
    try:
        if pd.api.types.is_scalar(cell) and pd.isna(cell):
            return np.nan
        is_number = kind not in "Mmb" and not isinstance(cell, bool)
        return float(cell) if is_number else -np.inf
    except (ArithmeticError, TypeError, ValueError):
        return -np.inf


def _refuse_repeated(clips, table, columns, names):
    """Raise where rows that differ are of one file, without times to tell them apart.

    Equal rows may be, as resampling gives them.
    """
    for side, what in ((1, "start"), (2, "end")):
        is_open = np.array([clip[side] is None for clip in clips], bool)
        files = [clip.file for clip in clips if clip[side] is None]
        if len(set(files)) == len(files):
            continue
        rows = table[is_open]
        rows = (
            rows
            if rows.index.names == [None]
            else rows.reset_index(allow_duplicates=True)
        ).astype(str)
        distinct = {
            (file, *row)
            for file, row in zip(files, rows.to_numpy().tolist(), strict=True)
        }
        (file, n_rows), *_ = Counter(row[0] for row in distinct).most_common(1)
        if n_rows > 1:
            taken = columns.taken().get(f"{what}_time")
            raise ValueError(
                f"{file} has {n_rows} rows without {what} time, which all are the same "
                f"sound ({'no such column' if taken is None else taken}); got the "
                f"columns {listed(names)}; {EXPECTED}."
            )


def _path(path, row):
    if isinstance(path, (str, os.PathLike)) and 0 < len(os.fspath(path)) < _MAX_PATH:
        return os.fspath(path)
    raise ValueError(
        f"Expected a path in row {row}, got {reprlib.repr(path)}. Steps that read "
        "files take paths; waveforms go straight to LogMelExtractor."
    )
