"""Tables of annotations as text: from a file to cells, and which format it is."""

import re
from pathlib import Path
from typing import NamedTuple

from skaudio._utils.clip_columns import LABELS, find_column, listed
from skaudio._utils.table_text import (
    MISSING,
    is_audacity,
    read_text,
    split_rows,
    split_separator,
)

AUDACITY_COLUMNS = ["start_time", "end_time", "label", "low_f", "high_f"]
_CLIP_INDEX = ["file", "start_time", "end_time"]


class AnnotationText(NamedTuple):
    """The cells of a table of annotations.

    Attributes
    ----------
    path : str
    format : str
        One of `ANNOTATION_FORMATS`.
    columns : list of str
    rows : list of (int, list of str)
        Line of the file, and a cell for each column, as written.
    faults : list of str
        Rows that are none, each with its line.
    """

    path: str
    format: str
    columns: list
    rows: list
    faults: list

    @property
    def is_clip_table(self):
        """Whether there is a column per class, as in OpenSoundscape's clip tables."""
        return is_clip_table(self.columns)


# What a format is known by: of each tuple of plain names, a table has one.
_KNOWN_BY = {
    "kaleidoscope": [("infile",), ("offset",), ("duration",)],
    "raven": [("begintime", "fileoffset"), ("endtime", "deltatime")],
    "birdnet": [("start",), ("end",), ("commonname", "scientificname")],
    "opensoundscape": [("annotation",), ("starttime",), ("endtime",)],
    "plain": [],
}
ANNOTATION_FORMATS = (
    "raven",
    "audacity",
    "birdnet",
    "opensoundscape",
    "kaleidoscope",
    "plain",
)
_EXPECTED = {
    "raven": "tabs between Begin Time (s), End Time (s), Low Freq (Hz), High Freq (Hz)",
    "audacity": "lines of start, tab, end, tab, label, without a header",
    "birdnet": "Start (s), End (s), Scientific name, Common name, Confidence, File",
    "opensoundscape": (
        "audio_file, annotation, start_time, end_time; or file, start_time, end_time "
        "and a column per class"
    ),
    "kaleidoscope": "INDIR, FOLDER, IN FILE, OFFSET, DURATION, TOP1MATCH",
}


def is_clip_table(columns):
    """Return whether columns are those of a clip table: an index, then classes."""
    return (
        columns[:3] == _CLIP_INDEX
        and len(columns) > 3
        and find_column(columns, LABELS) is None
    )


def read_annotation_text(path, format):
    """Read the cells of a table, and find its format.

    Parameters
    ----------
    path : str or path-like
    format : str
        One of `ANNOTATION_FORMATS`, or "auto".

    Returns
    -------
    table : AnnotationText

    Raises
    ------
    ValueError
        With the reason, without `path`: for no text, and for another format.
    OSError
    """
    text = read_text(Path(path))
    path = str(path)
    separator, text = split_separator(text)
    is_blank = not text.strip() and path.endswith(".txt")  # Audacity, without labels
    is_labels = format == "auto" and (is_blank or _looks_audacity(separator, text))
    if format == "audacity" or is_labels:
        return _audacity(path, text)
    rows = _tab_rows(text) if separator == "\t" else split_rows(text, separator)
    rows = [(line, row) for line, row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise ValueError("is empty: expected a table with a header")
    columns = [name.strip() for name in rows.pop(0)[1]]
    if columns[:4] == [*_CLIP_INDEX, "prediction"]:
        raise ValueError(
            "is a table of `skaudio predict`, one label per clip: expected "
            "annotations, or events.csv of `skaudio detect`"
        )
    found = _format_of(columns)
    if format == "auto":
        format = found
    elif format != "plain" and not _is(format, columns):
        other = f"; format={found!r} fits" if found != "plain" else ""
        raise ValueError(
            f"is no table of format {format!r}: got the columns {listed(columns)}, "
            f"expected {_EXPECTED[format]}{other}"
        )
    whole, faults = [], []
    for line, row in rows:
        while len(row) > len(columns) and not row[-1].strip():
            row.pop()
        if len(row) != len(columns):
            faults.append(f"line {line} has {len(row)} fields, expected {len(columns)}")
        else:
            whole.append((line, row))
    return AnnotationText(path, format, columns, whole, faults)


def cell_text(cell):
    """Return what a cell says, or None where it says that nothing is known."""
    return None if cell.strip() in MISSING else cell


def _is(format, columns):
    if format == "opensoundscape" and is_clip_table(columns):
        return True
    known = _KNOWN_BY[format]
    return all(find_column(columns, keys) is not None for keys in known)


def _format_of(columns):
    return next(format for format in _KNOWN_BY if _is(format, columns))


def _lines(text):
    """List the lines with their numbers; only ends of lines of files end them."""
    return enumerate(re.split("\r\n|\n|\r", text), start=1)


def _tab_rows(text):
    """List rows between tabs, where a quote is a quote unless it closes, too.

    Raven quotes nothing. Other programs quote as in CSV.
    """
    return [(n, [_unquoted(c) for c in line.split("\t")]) for n, line in _lines(text)]


def _unquoted(cell):
    is_quoted = re.fullmatch('"(?:[^"]|"")*"', cell)
    return cell[1:-1].replace('""', '"') if is_quoted else cell


def _looks_audacity(separator, text):
    first = next((line for _, line in _lines(text) if line.strip()), "")
    return is_audacity(separator, first.split("\t"))


def _audacity(path, text):
    rows, faults = [], []
    for n, line in _lines(text):
        start, *rest = line.split("\t", 2)
        if start == "\\":
            # The frequencies of the label before.
            cells = line.split("\t")[1:]
            if not rows or len(cells) != 2 or rows[-1][1][3:] != ["", ""]:
                faults.append(f"line {n} has frequencies that follow no label")
            else:
                rows[-1][1][3:] = ["" if _is_undefined(c) else c for c in cells]
        elif line.strip():
            if not rest:
                faults.append(
                    f"line {n} is no label of Audacity: expected "
                    f"{_EXPECTED['audacity']}; got {line[:60]!r}"
                )
                continue
            label = rest[1] if len(rest) == 2 else ""
            rows.append((n, [start, rest[0], label, "", ""]))
    if faults and not rows:
        raise ValueError(faults[0])
    return AnnotationText(path, "audacity", AUDACITY_COLUMNS, rows, faults)


def _is_undefined(cell):
    try:
        return float(cell) == -1
    except ValueError:
        return False
