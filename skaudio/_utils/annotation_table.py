"""Tables of annotations and of events: their columns, and checks."""

import numpy as np
import pandas as pd

from skaudio._utils.background import is_background
from skaudio._utils.clip_columns import listed

# As OpenSoundscape has them.
ANNOTATION_COLUMNS = [
    "audio_file",
    "annotation_file",
    "annotation",
    "start_time",
    "end_time",
    "low_f",
    "high_f",
]
EVENT_COLUMNS = [*ANNOTATION_COLUMNS, "score", "peak_start_time", "peak_end_time"]
_NEEDED = ["audio_file", "annotation", "start_time", "end_time"]
_ROUNDING = 0.1  # seconds that an annotation may end after its recording


def read_table(table, name, needed=()):
    """Check a table of events or annotations.

    Parameters
    ----------
    table : DataFrame
    name : str
        Of the parameter, for errors.
    needed : tuple of str
        Further columns.

    Returns
    -------
    table : DataFrame
        The columns that are needed and ``row``, the place in `table`; without
        background classes. Files are text.
    """
    columns = [*_NEEDED, *needed]
    if not isinstance(table, pd.DataFrame) or not {*columns} <= {*table.columns}:
        got = getattr(table, "columns", None)
        got = f"{type(table).__name__}" if got is None else f"columns {listed(got)}"
        raise ValueError(f"{name}: got {got}, expected a table with {columns}.")
    table = table[columns].reset_index(drop=True)
    table = table.assign(row=np.arange(len(table)))
    times = ["start_time", "end_time", *needed]
    for column in times:
        table[column] = pd.to_numeric(table[column], errors="coerce").astype(float)
    for wrong, what in (
        (table["audio_file"].isna(), "no file, expected audio_file"),
        (table["annotation"].isna(), "no label, expected annotation"),
        (~np.isfinite(table[times]).all(axis=1), f"no number in one of {times}"),
        (
            ~(table["end_time"] > table["start_time"]),
            "no length, expected start_time < end_time",
        ),
    ):
        if wrong.any():
            row = table[wrong].iloc[0]
            raise ValueError(
                f"{name}: row {row['row']} ({row['audio_file']}, {row['annotation']}, "
                f"{row['start_time']} to {row['end_time']} s) has {what} "
                f"({wrong.sum()} of {len(table)} rows)."
            )
    table["audio_file"] = table["audio_file"].map(str)
    is_animal = ~table["annotation"].map(is_background).astype(bool)
    return table[is_animal].reset_index(drop=True)


def refuse_outside(table, seconds, name, slack=_ROUNDING):
    """Raise where annotations or events lie outside their recordings.

    Parameters
    ----------
    table : DataFrame
        As `read_table` returns it.
    seconds : ndarray of float, shape (n,)
        Length of the recording of each row; NaN where it is not known.
    name : str
        Of the parameter, for the error.
    slack : float
        Seconds that a row may end after its recording.

    Raises
    ------
    ValueError
        Naming the first such row.
    """
    outside = (table["start_time"] < 0) | (table["start_time"] >= seconds)
    outside |= table["end_time"] > seconds + slack
    if outside.any():
        k = int(np.argmax(outside))
        row = table.iloc[k]
        raise ValueError(
            f"{name}: row {row['row']} ({row['annotation']}, {row['start_time']} to "
            f"{row['end_time']} s) lies outside {row['audio_file']} of "
            f"{seconds[k]:g} s: expected times from the start of the recording."
        )
