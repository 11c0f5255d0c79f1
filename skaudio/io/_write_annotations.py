"""Write annotations of recordings, in the formats of the field's programs."""

import os
import re
from contextlib import suppress

import numpy as np
import pandas as pd

from skaudio._utils.atomic import make_folder, write_text
from skaudio._utils.choices import one_of
from skaudio._utils.clip_columns import listed
from skaudio._utils.table_text import MISSING
from skaudio.io import _annotation_layouts as layouts
from skaudio.io._annotation_rows import ANNOTATION_COLUMNS, LARGEST, Annotation
from skaudio.io._annotation_text import ANNOTATION_FORMATS
from skaudio.io._audio_file import AudioFileError
from skaudio.io._open_audio import open_audio

_NEEDED = ("audio_file", "annotation", "start_time", "end_time")
_ENDINGS = {"raven": ".selections.txt", "audacity": ".txt"}  # one file per recording
_CONTROL = re.compile("[\0-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOP_FREQUENCY = 24000.0  # Hz


def write_annotations(table, path, format):
    r"""Write annotations or detected events for other programs.

    `read_annotations` reads back what was written, to the last digit.

    Parameters
    ----------
    table : DataFrame
        An annotation table: ``audio_file, annotation, start_time, end_time`` (seconds
        from the start of the recording), and where known ``annotation_file``,
        ``low_f``, ``high_f`` (Hz) and ``score``. Other columns are written by
        "opensoundscape" only.
    path : str or path-like
        The file to write. "raven" and "audacity" hold one recording a file: for them a
        folder, which is made, or a file whose name ends in ``.txt`` where the table is
        of one recording.
    format : str
        One of `ANNOTATION_FORMATS`:

        - "raven": ``dawn.selections.txt`` of ``dawn.wav``. Scores go to a column
          ``Confidence``. Raven needs a box: unknown frequencies are written as 0 and
          half the sample rate of the recording (24000 where it cannot be opened), and
          named in a column ``Unknown Frequency``;
        - "audacity": ``dawn.txt`` of ``dawn.wav``, without scores;
        - "birdnet": CSV, the label in both columns of names; without frequencies;
        - "opensoundscape": its annotation table, CSV, all columns;
        - "kaleidoscope": ``cluster.csv``, the label as ``MANUAL ID``, where there are
          scores as ``TOP1MATCH`` only; ``TOP1DIST`` is 1 - score; without frequencies;
        - "plain": ``audiofilename,start,end,label:species``.

        Recordings of one name in different folders get sub-folders of the same names.

    Returns
    -------
    paths : list of str
        The files written, sorted; with "raven" and "audacity" none for an empty table.

    Raises
    ------
    ValueError
        Naming the row and its column: where columns lack, times or frequencies are not
        in order, and for labels that the format cannot hold: empty ones and those that
        stand for nothing known such as NA, with control characters or ends of lines,
        with tabs where these separate columns. Then nothing is written.
    OSError
        Where a file cannot be written, or a ``.csv`` file is there that holds something
        other than annotations in this format.

    See Also
    --------
    read_annotations : The reverse.
    skaudio.recordings.find_events : Detects events.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from skaudio.io import write_annotations
    >>> events = pd.DataFrame(
    ...     {
    ...         "audio_file": ["north/dawn.wav"],
    ...         "annotation": ["Wren"],
    ...         "start_time": [2.5],
    ...         "end_time": [4.0],
    ...     }
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (path,) = write_annotations(events, folder, "audacity")
    ...     print(Path(path).name, repr(Path(path).read_text()))
    dawn.txt '2.5\t4.0\tWren\n'
    """
    one_of("format", format, ANNOTATION_FORMATS)
    path = os.fspath(path)
    rows = _rows(table, format)
    if format in _ENDINGS:
        return _write_each(rows, path, format)
    if format == "opensoundscape":
        names = [name for name in table.columns if name not in Annotation._fields]
        others = {str(name): table[name].tolist() for name in names}
        text = layouts.opensoundscape_text(rows, others)
    else:
        text = getattr(layouts, f"{format}_text")(rows)
    kind = f"{format}.csv" if path.lower().endswith(".csv") else None
    write_text(path, text, "the annotations", kind)
    return [path]


def _write_each(rows, path, format):
    """Write a file per recording."""
    by_file = {}  # by whole paths: one recording may be written in two ways
    for row in rows:
        by_file.setdefault(os.path.abspath(row.audio_file), []).append(row)
    if path.lower().endswith(".txt") and not os.path.isdir(path):
        if len(by_file) > 1:
            raise ValueError(
                f"{path}: the annotations are of {len(by_file)} recordings, of which a "
                f"file of format {format!r} holds one: expected the name of a folder"
            )
        paths = {file: path for file in by_file or [None]}
    else:
        names = _names(list(by_file), _ENDINGS[format])
        paths = {file: os.path.join(path, name) for file, name in names.items()}
        for folder in sorted({path, *map(os.path.dirname, paths.values())}):
            make_folder(folder, "the annotations")
    for file, target in paths.items():
        own = by_file.get(file, [])
        if format == "raven":
            text = layouts.raven_text(own, _top_frequency)
        else:
            text = layouts.audacity_text(own)
        write_text(target, text, "the annotations")
    return sorted(paths.values())


def _names(files, ending):
    """Name a file for each recording; those of one name get their folders."""
    same = {}
    for file in files:
        stem = os.path.splitext(os.path.basename(file))[0]
        same.setdefault(stem.casefold(), []).append(file)
    names = {}
    for alike in same.values():
        top = os.path.commonpath(list(map(os.path.dirname, alike)))
        inside = [os.path.relpath(file, top) for file in alike]
        stems = [os.path.splitext(name)[0] for name in inside]
        if len({stem.casefold() for stem in stems}) < len(alike):
            stems = inside  # dawn.wav and dawn.flac
        names |= {file: stem + ending for file, stem in zip(alike, stems, strict=True)}
    return names


def _top_frequency(file):
    with suppress(AudioFileError), open_audio(file) as sound:
        return sound.samplerate / 2
    return _TOP_FREQUENCY


def _rows(table, format):
    """List the rows of a table, each checked."""
    lacks = [name for name in _NEEDED if name not in table.columns]
    if lacks:
        raise ValueError(
            f"The annotations have no column {lacks[0]}: got {listed(table.columns)}, "
            f"expected {', '.join(_NEEDED)}."
        )
    columns = []
    for name in Annotation._fields:
        if name not in table.columns:
            is_text = name in ANNOTATION_COLUMNS[:3]
            columns.append([None if is_text else np.nan] * len(table))
        elif name in ANNOTATION_COLUMNS[:3]:
            columns.append([None if pd.isna(cell) else cell for cell in table[name]])
        else:
            columns.append(_numbers(table[name], name))
    rows = []
    for number, row in enumerate(map(Annotation._make, zip(*columns, strict=True))):
        fault = _fault(row, format)
        if fault:
            raise ValueError(f"Row {number} of the annotations: {fault}.")
        file = os.fspath(row.audio_file)
        rows.append(row._replace(audio_file=file, annotation=str(row.annotation)))
    return rows


def _numbers(cells, name):
    try:
        return cells.to_numpy(dtype=float, na_value=np.nan).tolist()
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Column {name} of the annotations does not hold numbers: {error}."
        ) from error


def _fault(row, format):
    """Return what is wrong with a row, or None."""
    file, label = row.audio_file, row.annotation
    if not isinstance(file, (str, os.PathLike)) or not os.fspath(file).strip():
        return f"audio_file is {file!r}, expected a path"
    if label is None or str(label).strip() in MISSING:
        return (
            f"annotation is {label!r}, which stands for nothing known: expected a label"
        )
    for name, text in (("audio_file", os.fspath(file)), ("annotation", str(label))):
        if _CONTROL.search(text) or ("\t" in text and format in _ENDINGS):
            return (
                f"{name} is {text!r}, with a tab, an end of line or another control "
                f"character, which files of format {format!r} cannot hold: rename it"
            )
    if _SURROGATE.search(str(label)):
        return f"annotation is {label!r}, expected text that UTF-8 can encode"
    for name in ANNOTATION_COLUMNS[3:]:
        value = getattr(row, name)
        is_known = not np.isnan(value)
        if (is_known or name.endswith("time")) and not 0 <= value <= LARGEST:
            unit = "seconds" if name.endswith("time") else "Hz"
            return f"{name} is {value}, expected {unit} from 0 to {LARGEST:.0e}"
    if row.end_time < row.start_time:
        return f"end_time {row.end_time} is before start_time {row.start_time}"
    if row.high_f < row.low_f:
        return f"high_f {row.high_f} is below low_f {row.low_f}"
    if abs(row.score) > LARGEST:
        return f"score is {row.score}, expected a number up to {LARGEST:.0e}"
    return None
