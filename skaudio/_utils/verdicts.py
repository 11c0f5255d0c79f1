"""Tables of verdicts: what a person says of windows that a model called something."""

import numpy as np
import pandas as pd

from skaudio._utils.clip_columns import listed

VERDICT_COLUMNS = [
    "file",
    "start_time",
    "end_time",
    "label",
    "score",
    "stratum",
    "inclusion_probability",
    "verdict",
    "verdict_label",
    "reviewer",
]
VERDICTS = ("yes", "no", "unsure")
_WINDOW = ["file", "start_time", "end_time", "label"]
_NEEDED = [*_WINDOW, "score", "stratum", "inclusion_probability", "verdict"]


def weighted_verdicts(table):
    """Check a table of verdicts, and weight what was judged.

    Parameters
    ----------
    table : DataFrame
        With the columns of `VERDICT_COLUMNS`, the last two of which may lack. Rows
        without a verdict were drawn and not judged.

    Returns
    -------
    verdicts : DataFrame
        The rows that were judged: ``file, label, score, stratum``, ``right`` (bool;
        unsure is not right), ``unsure`` (bool) and ``inclusion_probability``, that of
        being drawn and judged. Sorted by label, highest score first. Without classes
        of which a whole stratum was not judged: nothing is known of its events.

    Raises
    ------
    ValueError
        Naming the row, the value and what was expected.
    """
    if not isinstance(table, pd.DataFrame) or not {*_NEEDED} <= {*table.columns}:
        got = getattr(table, "columns", None)
        got = f"{type(table).__name__}" if got is None else f"columns {listed(got)}"
        raise ValueError(f"verdicts: got {got}, expected a table with {_NEEDED}.")
    table = table[_NEEDED].reset_index(drop=True)
    numbers = ["score", "inclusion_probability", "start_time", "end_time"]
    for name in numbers:
        table[name] = pd.to_numeric(table[name], errors="coerce").astype(float)
    said = table["verdict"].where(table["verdict"].notna(), "").astype(str)
    table["verdict"] = said.str.strip().str.casefold()
    pi = table["inclusion_probability"]
    stratum = [table["label"], table["stratum"]]
    for wrong, what in (
        (table["file"].isna(), "no file"),
        (table["label"].isna(), "no label"),
        (~np.isfinite(table["score"]), "no number as score"),
        (
            ~table["verdict"].isin(["", *VERDICTS]),
            "another verdict than yes, no, unsure or nothing",
        ),
        (~((pi > 0) & (pi <= 1)), "no inclusion_probability above 0 and at most 1"),
        (table["stratum"].isna(), "no stratum"),
        (
            table.duplicated(_WINDOW),
            "the window and label of a row before it: merge the verdicts of several "
            "people first",
        ),
        (
            ~np.isclose(pi, pi.groupby(stratum).transform("first"), rtol=1e-6),
            "another inclusion_probability than the rest of its stratum",
        ),
    ):
        if wrong.any():
            k = int(np.argmax(wrong))
            row = table.iloc[k]
            raise ValueError(
                f"verdicts: row {k} ({row['file']}, {row['start_time']:g} to "
                f"{row['end_time']:g} s, {row['label']}, verdict {row['verdict']!r}, "
                f"inclusion_probability {row['inclusion_probability']}) has {what} "
                f"({wrong.sum()} of {len(table)} rows)."
            )
    table["file"], table["label"] = table["file"].map(str), table["label"].map(str)
    table["stratum"] = table["stratum"].map(str)
    judged = table["verdict"].ne("")
    share = judged.groupby(stratum).transform("mean")
    table["inclusion_probability"] = pi * share
    table["right"] = table["verdict"].eq("yes")
    table["unsure"] = table["verdict"].eq("unsure")
    judged &= share.groupby(table["label"]).transform("min") > 0
    kept = ["file", "label", "score", "stratum", "inclusion_probability"]
    return (
        table.loc[judged, [*kept, "right", "unsure"]]
        .sort_values(["label", "score"], ascending=[True, False], kind="stable")
        .reset_index(drop=True)
    )


def as_verdicts(windows):
    """Return windows as a table of verdicts in which nothing has been said.

    Parameters
    ----------
    windows : DataFrame
        With some of the columns of `VERDICT_COLUMNS`.

    Returns
    -------
    verdicts : DataFrame
        With all of them, None where a value lacks.
    """
    table = windows.reindex(columns=VERDICT_COLUMNS).reset_index(drop=True)
    for name in ("stratum", "verdict", "verdict_label", "reviewer"):
        table[name] = table[name].astype(object).where(table[name].notna(), None)
    for name in ("score", "inclusion_probability"):
        table[name] = table[name].astype(float)
    return table


def window_keys(table):
    """Identify windows and what they were called, where times may have been rounded.

    Parameters
    ----------
    table : DataFrame
        Its columns are file, start, end and label.

    Returns
    -------
    keys : list of tuple
    """
    file, start, end, label = (table[name] for name in table.columns)
    times = [pd.to_numeric(time).astype(float).round(4) for time in (start, end)]
    return list(zip(file.map(str), *times, label.map(str), strict=True))
