"""Rows of tables of annotations: what they say, and what is wrong with them."""

import re
from decimal import Decimal, localcontext
from typing import NamedTuple

from skaudio._utils.clip_columns import (
    HIGH,
    LABELS,
    LOW,
    SCORES,
    find_clip_columns,
    find_column,
    listed,
    refuse_accumulated,
)
from skaudio.io._annotation_text import cell_text

_NUMBER = re.compile(r"\s*[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?\s*")
LARGEST = 10**8  # s, three years: larger numbers are dates
DIGITS = 60  # enough for any sum of two times as computers hold them
_LABELS = {"opensoundscape": ("annotation",), "kaleidoscope": ("manualid",)}
_NAN = float("nan")


class Annotation(NamedTuple):
    """A row of an annotation table."""

    audio_file: str | None  # None where the table names no files
    annotation_file: str | None
    annotation: str
    start_time: float
    end_time: float
    low_f: float = _NAN
    high_f: float = _NAN
    score: float = _NAN


ANNOTATION_COLUMNS = Annotation._fields[:-1]  # in any table; some have scores, too


class _Fault(ValueError):
    """What is wrong with a row."""


def parse_rows(table, label_column=None, threshold=None):
    """Read what the rows of a table say.

    Parameters
    ----------
    table : AnnotationText
    label_column : str or None
    threshold : float or None
        As of `read_annotations`.

    Returns
    -------
    rows : list of (int, Annotation)
        With the line of the file; ``audio_file`` as the table has it.
    faults : list of str
        The rows that say nothing that can be used, each with its line and column.
    remarks : list of str

    Raises
    ------
    ValueError
        With the reason, where columns lack.
    """
    where = _Columns(table, label_column)
    if where.n_classes:
        read = where.read_clip
    else:
        table = table._replace(rows=_one_view(table))
        read = where.read_annotation
    rows, faults = [], list(table.faults)
    with localcontext() as context:
        context.prec = DIGITS
        for line, cells in table.rows:
            try:
                rows += [(line, row) for row in read(cells, threshold)]
            except _Fault as fault:
                faults.append(f"line {line}: {fault}")
    where.refuse_accumulated(row.audio_file for _, row in rows)
    return rows, faults, where.remarks()


class _Columns:
    """Which columns of a table say what."""

    def __init__(self, table, label_column):
        names = table.columns
        self._names = names
        is_clips = table.is_clip_table and label_column is None
        self.n_classes = len(names) - 3 if is_clips else 0
        if is_clips:
            names = names[:3]
        elif {"audio_file", "start_time", "end_time"} <= set(names):
            # Of OpenSoundscape, or ours: other columns may be called anything.
            names = [name for name in names if name in (*ANNOTATION_COLUMNS, "score")]
        self._clip = find_clip_columns(names)
        self._files = [] if self._clip is None else self._places(self._clip.file)
        if self._clip is None:
            self._clip = find_clip_columns([*names, "file"])
        lacks = self._clip.start is None and "start"
        lacks = lacks or (
            self._clip.end is None and self._clip.duration is None and "end"
        )
        if lacks:
            raise ValueError(
                f"has no {lacks} times: got the columns {listed(names)}, expected "
                "start_time and end_time in seconds, or names that programs give them"
            )
        self._labels = [] if is_clips else self._find_labels(table, label_column)
        self._others = [find_column(names, keys) for keys in (LOW, HIGH, SCORES)]
        self._unknown = find_column(names, ("unknownfrequency",))
        self._path = table.path
        self._origin = find_column(names, ("annotationfile",))
        self._n_taken = [0, 0]  # labels from the first column, and from the second

    def _places(self, names):
        return [self._names.index(name) for name in names]

    def _find_labels(self, table, label_column):
        names = self._names
        if label_column is not None:
            if label_column not in names:
                raise ValueError(
                    f"has no column {label_column!r} (label_column): expected one of "
                    f"{listed(names)}"
                )
            return [label_column]
        first = find_column(names, _LABELS.get(table.format, LABELS))
        found = [first] if first is not None else []
        if table.format == "kaleidoscope":
            # What no person has named keeps the name of the program.
            second = find_column(names, [key for key in LABELS if key != "manualid"])
            found += [second] if second is not None else []
        if not found and table.rows:
            raise ValueError(
                f"has no column of labels that is known, among {listed(names)}: "
                "expected its name as label_column"
            )
        return found

    def refuse_accumulated(self, files):
        """Raise where the times of several files count on from file to file."""
        if self._clip.is_accumulated and len(set(files)) > 1:
            refuse_accumulated(self._clip.start)

    def remarks(self):
        """List what the reader of the table should know."""
        n_first, n_second = self._n_taken
        if not (n_first and n_second):
            return []
        first, second = self._labels
        return [
            f"{n_second} of {n_first + n_second} rows have nothing in {first!r} and "
            f"are labelled by {second!r}; label_column={first!r} takes the others only"
        ]

    def read_annotation(self, cells, _):
        """Read one row, as a list of one Annotation."""
        cells = dict(zip(self._names, cells, strict=True))
        start, end = self._times(cells)
        low, high, score = (
            None if name is None else _number(cells, name, may_lack=True)
            for name in self._others
        )
        if self._unknown is not None:  # where Raven had to be given a box
            low = None if "low" in cells[self._unknown] else low
            high = None if "high" in cells[self._unknown] else high
        for name, value in zip(self._others[:2], (low, high), strict=True):
            if value is not None and value < 0:
                raise _Fault(f"column {name!r} has {cells[name]!r}, expected 0 or more")
        if low is not None and high is not None and high < low:
            low_name, high_name, _ = self._others
            raise _Fault(
                f"column {high_name!r} has {cells[high_name]!r}, which is below "
                f"{cells[low_name]!r} in {low_name!r}"
            )
        label = self._label(cells)
        numbers = (_NAN if n is None else float(n) for n in (low, high, score))
        origin = self._path if self._origin is None else cell_text(cells[self._origin])
        return [Annotation(self._file(cells), origin, label, start, end, *numbers)]

    def read_clip(self, cells, threshold):
        """Read a row of a clip table: a list with an Annotation per class in it."""
        named = dict(zip(self._names[:3], cells[:3], strict=True))
        start, end = self._times(named)
        file, rows = self._file(named), []
        for name, cell in zip(self._names[3:], cells[3:], strict=True):
            value = _flag(cell, name)
            if threshold is None and value not in (None, 0, 1):
                raise _Fault(
                    f"column {name!r} has {cell!r}, expected 0 or 1: for scores pass "
                    "threshold, or use skaudio.recordings.find_events"
                )
            score = _NAN if threshold is None or value is None else value
            if value is not None and value >= (1 if threshold is None else threshold):
                row = Annotation(file, self._path, name, start, end, score=score)
                rows.append(row)
        return rows

    def _times(self, cells):
        clip = self._clip
        start = _number(cells, clip.start)
        if clip.duration is not None:
            end, name = start + _number(cells, clip.duration), clip.duration
        else:
            end, name = _number(cells, clip.end), clip.end
            if clip.begin is not None:
                end += start - _number(cells, clip.begin)
        if start < 0:
            raise _Fault(
                f"column {clip.start!r} has {cells[clip.start]!r}, expected 0 or more"
            )
        if end < start:
            raise _Fault(
                f"column {name!r} has {cells[name]!r}, which ends before the start, "
                f"{cells[clip.start]!r} in {clip.start!r}"
            )
        return float(start), float(end)

    def _file(self, cells):
        """Join the parts of a path; empty folders are left out."""
        if not self._files:
            return None
        *folders, last = (cells[self._names[place]] for place in self._files)
        if not last.strip():
            raise _Fault(f"column {self._names[self._files[-1]]!r} names no file")
        folders = [folder for folder in folders if folder.strip()]
        return _joined(folders, last)

    def _label(self, cells):
        for n, name in enumerate(self._labels):
            label = cell_text(cells[name])
            if label is not None:
                self._n_taken[n] += 1
                return label
        names = " nor ".join(map(repr, self._labels))
        raise _Fault(f"no label in column {names} ({cells[self._labels[-1]]!r})")


def _joined(folders, name):
    """Join a path with the sign that it has itself."""
    sign = "\\" if any("\\" in part for part in [*folders, name]) else "/"
    for folder in reversed(folders):
        name = folder + ("" if folder.endswith(sign) else sign) + name
    return name


def _number(cells, name, may_lack=False):
    cell = cells[name]
    if may_lack and cell_text(cell) is None:
        return None
    if not _NUMBER.fullmatch(cell):
        raise _Fault(f"column {name!r} has {cell[:60]!r}, expected a number")
    number = Decimal(cell.strip().replace(",", "."))
    if abs(number) > LARGEST:
        raise _Fault(
            f"column {name!r} has {cell[:60]!r}, expected a number up to {LARGEST:.0e}"
        )
    return number


def _flag(cell, name):
    flags = {"true": 1, "false": 0}
    if cell_text(cell) is None:
        return None
    flag = flags.get(cell.strip().casefold())
    return float(_number({name: cell}, name)) if flag is None else flag


def _one_view(table):
    """Drop what Raven lists again for another view of the same selection."""
    view = find_column(table.columns, ("view",)) if table.format == "raven" else None
    if view is None:
        return table.rows
    place = table.columns.index(view)
    selection = find_column(table.columns, ("selection",))
    number = None if selection is None else table.columns.index(selection)
    seen, kept = set(), []
    drawn = {
        cells[number]
        for _, cells in table.rows
        if number is not None and not cells[place].startswith("Waveform")
    }
    for line, cells in table.rows:
        if number is not None and cells[place].startswith("Waveform"):
            if cells[number] in drawn:
                continue
        key = (*cells[:place], *cells[place + 1 :])
        if key not in seen:
            seen.add(key)
            kept.append((line, cells))
    return kept
