"""Read tables from text, whichever program and language wrote them."""

import codecs
import csv
import io
import re

import pandas as pd

from skaudio._utils.clip_columns import find_clip_columns

_SEPARATORS = "\t;,|"
# Cells that say that nothing is known.
MISSING = {"", "NA", "N/A", "#N/A", "NaN", "nan", "<NA>", "NULL", "null", "None"}
_AUDACITY = ["start_time", "end_time", "label"]
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins as UTF-16 does
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def read_table_text(path):
    """Read a table from a text file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    table : DataFrame of str
        None where a cell is empty or says that nothing is known.

    Raises
    ------
    ValueError
        Naming the file: where it holds no table, or a line does not fit the header.
    OSError
    """
    try:
        return _parsed(read_text(path))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def read_text(path):
    """Read a text file in the encoding that it has.

    Parameters
    ----------
    path : Path

    Returns
    -------
    text : str

    Raises
    ------
    ValueError
        Where it is no text.
    OSError
    """
    try:
        return _decoded(path.read_bytes())
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such table") from None


def split_separator(text):
    """Find what separates the columns of a table.

    Parameters
    ----------
    text : str

    Returns
    -------
    separator : str
        The first of tab, semicolon, comma and ``|`` in the header; a comma where there
        is none of them.
    text : str
        Without the line by which Excel is told of the separator.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    if re.fullmatch(r"sep=.", first):
        return first[-1], text.partition(first)[2]
    return next((sign for sign in _SEPARATORS if sign in first), ","), text


def is_audacity(separator, cells):
    """Return whether the first cells of a text are those of Audacity's labels.

    They have no header.
    """
    return separator == "\t" and len(cells) > 1 and all(map(_is_number, cells[:2]))


def split_rows(text, separator):
    """List the rows of a table, cell by cell as they are written.

    Parameters
    ----------
    text : str
    separator : str

    Yields
    ------
    line : int
        Number of the last line of the row.
    cells : list of str

    Raises
    ------
    ValueError
        Naming the line: for a quote without end.
    """
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        skipinitialspace=True,
        strict=True,
    )
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num} is no row: {error}.") from error


def _parsed(text):
    separator, text = split_separator(text)
    rows = _rows(text, separator)
    if not rows:
        raise ValueError("it is empty: expected a table with a header.")
    header = rows[0][1]
    if is_audacity(separator, header):
        # Lines that begin with a backslash hold a label's frequencies.
        rows = [(line, row) for line, row in rows if row[0] != "\\"]
        header = _AUDACITY
    else:
        header = [name or "" for name in rows.pop(0)[1]]
    n_needed = _n_needed(header)
    for line, row in rows:
        if len(row) < n_needed or any(row[len(header) :]):
            raise ValueError(
                f"line {line} has {len(row)} fields, expected {len(header)}: "
                f"{', '.join(header)[:200]}."
            )
    padding = [None] * len(header)
    return pd.DataFrame(
        [(row + padding)[: len(header)] for _, row in rows],
        columns=header,
        dtype=object,
    )


def _decoded(content):
    marked = [name for mark, name in _MARKS.items() if content.startswith(mark)]
    if marked:
        encodings = marked[:1]
    elif b"\0" in content:
        is_little = content[1::2].count(0) > content[::2].count(0)
        encodings = ["utf-16-le" if is_little else "utf-16-be"]
    else:
        encodings = ["utf-8", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search("[\0-\x08\x0e-\x1f]", text):
            return text
    raise ValueError("it is no text: expected a table as csv, tsv or txt.")


def _rows(text, separator):
    """List the rows that are not blank, each with the number of its last line."""
    rows = []
    for line, row in split_rows(text, separator):
        row = [None if cell.strip() in MISSING else cell.strip() for cell in row]
        if any(row):
            rows.append((line, row))
    return rows


def _n_needed(header):
    """Return how many fields a row needs: those up to the last file or time."""
    columns = find_clip_columns(header) or find_clip_columns([*header, "file"])
    places = [header.index(name) for name in columns.names() if name in header]
    return 1 + max(places, default=0)


def _is_number(cell):
    try:
        float((cell or "").replace(",", "."))
    except ValueError:
        return False
    return True
