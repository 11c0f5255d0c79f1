"""Tables of verdicts, as the page of `write_review` gives them."""

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from skaudio._utils.clip_columns import listed
from skaudio._utils.table_text import read_table_text
from skaudio._utils.verdicts import VERDICT_COLUMNS, VERDICTS
from skaudio._utils.warn import warn_user

WINDOW = ["file", "start_time", "end_time", "label"]
_NUMBERS = ("start_time", "end_time", "score", "inclusion_probability")
# Text that a spreadsheet would take for a formula begins with one apostrophe more.
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def read_verdicts(paths):
    r"""Read tables of verdicts, check them, and put them together.

    Parameters
    ----------
    paths : str, path-like or list of them
        CSV files with the columns ``file, start_time, end_time, label, score, stratum,
        inclusion_probability, verdict, verdict_label, reviewer``, as the page of
        `write_review` gives them, or as a spreadsheet has saved them since.

    Returns
    -------
    verdicts : DataFrame
        These columns. ``verdict`` is "yes", "no", "unsure", or None for a window that
        was drawn and not judged; ``verdict_label`` is what the window is instead, where
        a person said so. A window that several files have is there once for each person
        who judged it: `merge_verdicts` makes one verdict of those of two.

    Raises
    ------
    ValueError
        Naming the file, the window and the value: where a column lacks, a time or the
        inclusion probability is none, or a verdict is another word or contradicts its
        `verdict_label`.
    OSError
        Where there is no such file.

    Warns
    -----
    UserWarning
        Where one person gave different verdicts of a window in different files: those
        of the file that is named last are taken.

    See Also
    --------
    write_review : The page.
    merge_verdicts : Compares two people.
    verdicts_to_clips : Makes training clips of them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skaudio.recordings import read_verdicts
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "verdicts.csv")
    ...     _ = path.write_text(
    ...         "file,start_time,end_time,label,score,stratum,inclusion_probability,"
    ...         "verdict,verdict_label,reviewer\n"
    ...         "dawn.wav,0,3,Wren,0.93,2,0.5,yes,,Ann\n"
    ...         "dawn.wav,6,9,Wren,0.41,1,0.1,no,Robin,Ann\n"
    ...     )
    ...     verdicts = read_verdicts(path)
    >>> verdicts[["label", "verdict", "verdict_label"]].values.tolist()
    [['Wren', 'yes', None], ['Wren', 'no', 'Robin']]
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    paths = list(paths)
    if not paths:
        raise ValueError("paths: is empty, expected at least one table of verdicts.")
    tables = [_read(Path(path)).assign(source=k) for k, path in enumerate(paths)]
    table = pd.concat(tables, ignore_index=True)
    judged = table[table["verdict"].notna()]
    own = [*WINDOW, "reviewer"]
    said = ["verdict", "verdict_label"]
    n_said = judged.fillna({"verdict_label": ""}).drop_duplicates([*own, *said])
    changed = n_said[n_said.duplicated(own, keep="last")]
    if len(changed):
        first = changed.iloc[0]
        warn_user(
            f"{len(changed)} windows have different verdicts of one person, such as "
            f"{_named(first)} of {first['reviewer']} in {paths[first['source']]}: the "
            "last ones in the order of the files are taken."
        )
    judged = judged.drop_duplicates(own, keep="last")
    others = table[table["verdict"].isna()].drop_duplicates(WINDOW)
    keys = pd.MultiIndex.from_frame(judged[WINDOW])
    others = others[~pd.MultiIndex.from_frame(others[WINDOW]).isin(keys)]
    table = pd.concat([judged, others]).sort_index()
    return with_none(table[VERDICT_COLUMNS].reset_index(drop=True))


def with_none(table):
    """Return a table of verdicts with None where text lacks, on any pandas."""
    for name in ("stratum", "verdict", "verdict_label", "reviewer"):
        missing = table[name].isna()
        table[name] = table[name].astype(object).where(~missing, None)
    return table


def check_verdicts(verdicts):
    """Check that a table has the columns of verdicts, and each window once.

    Parameters
    ----------
    verdicts : DataFrame

    Returns
    -------
    verdicts : DataFrame
        With these columns only, and a plain index.

    Raises
    ------
    ValueError
    """
    if not isinstance(verdicts, pd.DataFrame):
        raise ValueError(
            f"verdicts: got {type(verdicts).__name__}, expected a DataFrame as "
            "read_verdicts gives it."
        )
    lacking = [name for name in VERDICT_COLUMNS if name not in verdicts]
    if lacking:
        raise ValueError(
            f"verdicts: no column {', '.join(lacking)}; it has "
            f"{listed(verdicts.columns)}: expected those of read_verdicts."
        )
    twice = verdicts.duplicated(WINDOW)
    if twice.any():
        raise ValueError(
            f"verdicts: {_named(verdicts[twice].iloc[0])} is there twice: expected one "
            "verdict of each window; merge those of two people with merge_verdicts."
        )
    return with_none(verdicts[VERDICT_COLUMNS].reset_index(drop=True))


def _read(path):
    """Read and check one file."""
    table = read_table_text(path)
    lacking = [name for name in VERDICT_COLUMNS if name not in table]
    if lacking:
        raise ValueError(
            f"{path}: no column {', '.join(lacking)}; it has {listed(table.columns)}: "
            "expected the verdicts.csv of a page of skaudio review."
        )
    if table.columns.duplicated().any():
        raise ValueError(f"{path}: has a column twice: {listed(table.columns)}.")
    table = table[VERDICT_COLUMNS].copy()
    table["verdict"] = table["verdict"].str.casefold()
    for name in VERDICT_COLUMNS:
        if name not in _NUMBERS:
            table[name] = table[name].map(_unguarded, na_action="ignore")
    reviewer = table["reviewer"].fillna("")
    table["reviewer"] = reviewer.where(table["verdict"].notna())
    written = table.copy()
    for name in _NUMBERS:
        text = table[name].str.replace(",", ".", regex=False)
        table[name] = pd.to_numeric(text, errors="coerce").astype(float)
    verdict, instead = table["verdict"], table["verdict_label"]
    chance = table["inclusion_probability"]
    for column, wrong, expected in (
        ("file", table["file"].isna(), "a path"),
        ("label", table["label"].isna(), "a class"),
        ("start_time", ~np.isfinite(table["start_time"]), "seconds"),
        (
            "end_time",
            ~(table["end_time"] > table["start_time"])
            | ~np.isfinite(table["end_time"]),
            "seconds, later than start_time",
        ),
        ("score", written["score"].notna() & ~np.isfinite(table["score"]), "a number"),
        (
            "inclusion_probability",
            written["inclusion_probability"].notna() & ~((chance > 0) & (chance <= 1)),
            "a number above 0 and at most 1, or nothing",
        ),
        (
            "verdict",
            verdict.notna() & ~verdict.isin(VERDICTS),
            "yes, no or unsure, or nothing for a window that was not judged",
        ),
        (
            "verdict_label",
            instead.notna() & (verdict.ne("no") | instead.eq(table["label"])),
            "another class than the label, beside the verdict no",
        ),
    ):
        if wrong.any():
            k = int(np.argmax(wrong))
            value = written.loc[k, column]
            got = f"no {column}" if pd.isna(value) else f"{column} {str(value)!r}"
            raise ValueError(
                f"{path}: row {k + 1} ({_named(table.loc[k])}) has {got}: expected "
                f"{expected}."
            )
    return table


def _named(row):
    return (
        f"{row['file']} from {row['start_time']:g} to {row['end_time']:g} s, "
        f"{row['label']}"
    )


def _unguarded(text):
    return text[1:] if _GUARDED.match(text) else text
