"""Lists of clips, in every accepted form, as (file, start_time, end_time)."""

import os
from typing import NamedTuple

import numpy as np


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
        A table is a DataFrame with ``file, start_time, end_time`` as columns or index
        (the last two may be absent or NaN: the whole file).

    Returns
    -------
    list of Clip

    Raises
    ------
    ValueError
        Where `X` is something else.
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


def lists_clips(X):
    """Return whether `X` lists clips, rather than waveforms, log-mels or features."""
    try:
        as_clips(X)
    except ValueError:
        return False
    return True


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

    return pd.DataFrame(clips, columns=["file", "start_time", "end_time"])


def _clips_of_table(table):
    if "file" in (table.index.names or ()):
        table = table.index.to_frame(index=False)
    if "file" not in table.columns:
        if table.shape[1] == 1:
            return as_clips(table.to_numpy())
        raise ValueError(
            "Expected a table with the columns (or index levels) file, start_time, "
            f"end_time; got the columns {list(table.columns)}."
        )
    files = [_path(path, row) for row, path in enumerate(table["file"])]
    starts, ends = (_times(table, name) for name in ("start_time", "end_time"))
    return [Clip(*clip) for clip in zip(files, starts, ends, strict=True)]


def _times(table, name):
    if name not in table.columns:
        return [None] * len(table)
    times = table[name].to_numpy(dtype=float)
    return [None if np.isnan(time) else float(time) for time in times]


def _path(path, row):
    if isinstance(path, (str, os.PathLike)):
        return os.fspath(path)
    raise ValueError(
        f"Expected a path in row {row}, got {path!r}. Steps that read files take "
        "paths; waveforms go straight to LogMelExtractor."
    )
