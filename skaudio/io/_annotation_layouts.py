"""How each program writes annotations: from rows to the text of a file."""

import math
import re
from decimal import Decimal, localcontext

import numpy as np
import pandas as pd

from skaudio.io._annotation_rows import ANNOTATION_COLUMNS, DIGITS, Annotation

_RAVEN = (
    "Selection",
    "View",
    "Channel",
    "Begin Time (s)",
    "End Time (s)",
    "Low Freq (Hz)",
    "High Freq (Hz)",
    "Annotation",
)
_BIRDNET = (
    "Start (s)",
    "End (s)",
    "Scientific name",
    "Common name",
    "Confidence",
    "File",
)
_KALEIDOSCOPE = (
    "INDIR",
    "FOLDER",
    "IN FILE",
    "OFFSET",
    "DURATION",
    "TOP1MATCH",
    "TOP1DIST",
    "MANUAL ID",
)
_QUOTED = re.compile(r'[",;|\t\r\n]|^\s|\s$')


def raven_text(rows, top_frequency):
    """Lay out rows of one recording as a selection table of Raven.

    Parameters
    ----------
    rows : list of Annotation
    top_frequency : callable
        Gives the highest frequency of a box, in Hz, of a recording whose events have
        none: Raven draws boxes only.

    Returns
    -------
    text : str
    """
    has_scores = _has_scores(rows)
    unknown = [
        [side for side in ("low", "high") if math.isnan(getattr(row, f"{side}_f"))]
        for row in rows
    ]
    top = None
    if any("high" in lacks for lacks in unknown):
        top = top_frequency(rows[0].audio_file)
    columns = [*_RAVEN]
    columns += ["Confidence"] if has_scores else []
    columns += ["Unknown Frequency"] if any(unknown) else []
    columns += ["Begin Path", "File Offset (s)"]
    lines = ["\t".join(columns)]
    for number, (row, lacks) in enumerate(zip(rows, unknown, strict=True), start=1):
        low = 0.0 if "low" in lacks else row.low_f
        high = max(low, top) if "high" in lacks else row.high_f
        start, end = digits(row.start_time), digits(row.end_time)
        cells = [str(number), "Spectrogram 1", "1", start, end]
        cells += [digits(low), digits(high), _tab_cell(row.annotation)]
        cells += [digits(row.score)] if has_scores else []
        cells += [" and ".join(lacks)] if any(unknown) else []
        lines.append("\t".join([*cells, _tab_cell(row.audio_file), start]))
    return _text(lines)


def audacity_text(rows):
    """Lay out rows of one recording as labels of Audacity.

    With frequencies where a row has some: then every label has that line, which other
    programs that read labels with frequencies expect.
    """
    has_bands = any(not math.isnan(f) for row in rows for f in (row.low_f, row.high_f))
    lines = []
    for row in rows:
        start, end = digits(row.start_time), digits(row.end_time)
        lines.append(f"{start}\t{end}\t{row.annotation}")
        if has_bands:
            band = (-1.0 if math.isnan(f) else f for f in (row.low_f, row.high_f))
            lines.append("\t".join(["\\", *map(digits, band)]))
    return _text(lines)


def birdnet_text(rows):
    """Lay out rows as results of BirdNET."""
    return _csv(
        _BIRDNET,
        (
            [
                *(digits(row.start_time), digits(row.end_time)),
                *(row.annotation, row.annotation),
                *(digits(row.score), row.audio_file),
            ]
            for row in rows
        ),
    )


def kaleidoscope_text(rows):
    """Lay out rows as a ``cluster.csv`` of Kaleidoscope.

    Where there are scores, a program named the rows, else a person: ``MANUAL ID``.
    """
    has_scores = _has_scores(rows)
    columns = [*_KALEIDOSCOPE, *(["score"] if has_scores else [])]
    lines = []
    for row in rows:
        with localcontext() as context:
            context.prec = DIGITS
            start, end = (Decimal(digits(t)) for t in (row.start_time, row.end_time))
            duration = format(end - start, "f")
        distance = digits(round(1 - row.score, 6))
        cells = [*_folder_and_name(row.audio_file), digits(row.start_time), duration]
        cells += [row.annotation, distance, "" if has_scores else row.annotation]
        lines.append(cells + ([digits(row.score)] if has_scores else []))
    return _csv(columns, lines)


def plain_text(rows):
    """Lay out rows as ``audiofilename,start,end,label:species``."""
    return _csv(
        ("audiofilename", "start", "end", "label:species"),
        (
            [r.audio_file, digits(r.start_time), digits(r.end_time), r.annotation]
            for r in rows
        ),
    )


def opensoundscape_text(rows, others):
    """Lay out rows as the annotation table of OpenSoundscape.

    Parameters
    ----------
    rows : list of Annotation
    others : dict of str to list
        Further columns.

    Returns
    -------
    text : str
    """
    names = Annotation._fields if _has_scores(rows) else ANNOTATION_COLUMNS
    lines = []
    for place, row in enumerate(rows):
        cells = [_cell(getattr(row, name)) for name in names]
        lines.append(cells + [_cell(values[place]) for values in others.values()])
    return _csv([*names, *others], lines)


def digits(number):
    """Write a number with all its digits, as few as give it back; NaN as nothing."""
    if math.isnan(number):
        return ""
    return np.format_float_positional(float(number), trim="0")


def _has_scores(rows):
    return any(not math.isnan(row.score) for row in rows)


def _cell(value):
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    is_float = isinstance(value, (float, np.floating))
    return digits(value) if is_float else str(value)


def _folder_and_name(path):
    """Split a path so that folder, sign and name joined give it back."""
    folder, sign, name = path.rpartition("/")
    if "\\" in path:
        folder, name = "", path
    elif sign and (not folder or folder.endswith("/")):
        folder += sign
    return folder, "", name


def _csv(columns, rows):
    return _text([",".join(map(_csv_cell, row)) for row in [columns, *rows]])


def _csv_cell(cell):
    return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell


def _tab_cell(cell):
    """Quote what other programs, and ours, would take for a quoted cell."""
    return '"' + cell.replace('"', '""') + '"' if cell.startswith('"') else cell


def _text(lines):
    return "".join(f"{line}\n" for line in lines)
