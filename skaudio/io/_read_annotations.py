"""Read annotations of recordings, in the formats of the field's programs."""

import os
from pathlib import Path

import pandas as pd

from skaudio._utils.choices import one_of
from skaudio._utils.labels import warn_of_look_alikes
from skaudio._utils.warn import warn_user
from skaudio.io._annotated_recordings import (
    AnnotatedRecordings,
    NotAmongError,
    recordings_beside,
)
from skaudio.io._annotation_rows import ANNOTATION_COLUMNS, Annotation, parse_rows
from skaudio.io._annotation_text import ANNOTATION_FORMATS, read_annotation_text
from skaudio.io._list_audio_files import list_audio_files

_SHOWN = 20  # rows in a warning; an error names three
# What the files of a format are called, in a folder that holds others beside them.
_ENDINGS = {"raven": (".txt",), "audacity": (".txt",), "auto": (".txt", ".csv", ".tsv")}
_OTHERS = (".csv", ".tsv")
_BESIDE = (
    "put a table beside its recording and name it as that one (dawn.selections.txt is "
    "of dawn.wav), or let a column name the recording (Begin Path); in Python, pass "
    "audio_file or recordings"
)
_AMONG = (
    "a table is of the recording that it names in a column (Begin Path), or with whose "
    "name its own begins (dawn.selections.txt is of dawn.wav): give the recordings of "
    "all tables, or the tables of these recordings only"
)
_RAVEN_ENDINGS = (".selections.txt", ".selection.table.txt")


def read_annotations(
    path,
    format="auto",
    *,
    label_column=None,
    audio_file=None,
    recordings=None,
    threshold=None,
    on_error="raise",
):
    r"""Read annotations of recordings: who calls where, from when to when.

    Takes what Raven, Audacity, BirdNET, OpenSoundscape and Kaleidoscope write, and
    tables with the columns ``audiofilename,start,end,label:species``.

    Parameters
    ----------
    path : str, path-like or list of them
        Text files, or folders: of a folder all files are read whose names end as those
        of the format do, those in sub-folders too.
    format : str, default="auto"
        One of `ANNOTATION_FORMATS`: "raven", "audacity", "birdnet", "opensoundscape",
        "kaleidoscope" or "plain". "auto" finds it by the columns.
    label_column : str or None, default=None
        Column of the labels. None takes the first of ``label, annotation,
        label:species, species, MANUAL ID, Common name, class, category, Scientific
        name, TOP1MATCH, AUTO ID``; in Kaleidoscope's tables ``MANUAL ID``, and where
        that is empty ``TOP1MATCH``, with a warning where both occur.
    audio_file : str, path-like or None, default=None
        The recording that all annotations are of, whatever the files say.
    recordings : str, path-like, list of them or None, default=None
        The annotated sound files, or folders of them. Files that a table names are
        looked for among them, by the last parts of their paths. A table that names none
        is of the recording with which its name begins:
        ``dawn.Table.1.selections.txt``, ``dawn.BirdNET.results.csv`` and ``dawn.txt``
        are of ``dawn.wav``; of several in that in a folder of the same name. None looks
        beside the table; files that a table names and that are not there stay as they
        are written.
    threshold : float or None, default=None
        Least score of a class to be an annotation, in clip tables of OpenSoundscape
        with scores. None takes those with 0 and 1 only.
    on_error : {"raise", "warn"}, default="raise"
        What to do with files that cannot be read and rows that say nothing usable:
        raise, or leave them out with a warning that names file, line and column.

    Returns
    -------
    annotations : DataFrame
        OpenSoundscape's annotation table, in the order of the files and their rows:
        ``audio_file, annotation_file, annotation`` (str), ``start_time, end_time``
        (float, seconds from the start of the recording) and ``low_f, high_f`` (float,
        Hz, NaN where unknown); ``score`` (float) where a file has scores.

    Raises
    ------
    ValueError
        In one line, naming file, line and column: for rows without a label or a number,
        with an end before the start, or with times below 0; for files that hold no
        table, one of another format, or no recording can be found for.
    OSError
        Where there is no such file.

    Warns
    -----
    UserWarning
        With ``on_error="warn"``, where a part of the labels of Kaleidoscope has been
        given by a person, and for labels that differ only by case or space.

    See Also
    --------
    write_annotations : The reverse.
    read_clip_table : Reads clips with labels to train with.

    Notes
    -----
    A selection that Raven lists once for each view is taken once. ``Begin Time (s)`` of
    a table over several files counts on from file to file: ``File Offset (s)`` is taken
    instead, and such a table without it is refused. Frequencies of Kaleidoscope are not
    read, as their unit depends on its version.

    References
    ----------
    S. Lapp et al., "OpenSoundscape: An open-source bioacoustics analysis package for
    Python", Methods in Ecology and Evolution 14 (2023), which defines the table.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skaudio.io import read_annotations
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "dawn.txt")
    ...     _ = path.write_text("2.5\t4.0\tWren\n\\\t1500\t9000\n6.0\t6.5\tRobin\n")
    ...     found = read_annotations(path, audio_file="dawn.wav")
    >>> found.drop(columns="annotation_file")
      audio_file annotation  start_time  end_time   low_f  high_f
    0   dawn.wav       Wren         2.5       4.0  1500.0  9000.0
    1   dawn.wav      Robin         6.0       6.5     NaN     NaN
    """
    one_of("format", format, ("auto", *ANNOTATION_FORMATS))
    one_of("on_error", on_error, ("raise", "warn"))
    where = _Where(audio_file, recordings)
    found, faults, n_read = [], [], 0
    for file in _list(path, format):
        try:
            table = read_annotation_text(file, format)
            rows, wrong, remarks = parse_rows(table, label_column, threshold)
            rows, unknown = where.locate(file, rows)
        except ValueError as error:
            faults.append(f"{file}: {error}".removesuffix("."))
            continue
        except OSError as error:
            if on_error == "raise":
                raise
            faults.append(str(error))
            continue
        n_read += 1
        for remark in remarks:
            warn_user(f"{file}: {remark}.")
        faults += [f"{file}: {fault}" for fault in wrong + unknown]
        found += rows
    _report(faults, where.advice, on_error, n_read)
    warn_of_look_alikes([row.annotation for row in found])
    return _framed(found)


def _list(path, format):
    """List the files of annotations."""
    if isinstance(path, (str, os.PathLike)):
        path = [path]
    files = []
    for entry in map(os.fspath, path):
        if not os.path.isdir(entry):
            files.append(entry)
            continue
        endings = _ENDINGS.get(format, _OTHERS)
        inside = sorted(
            str(file)
            for file in Path(entry).rglob("*")
            if file.name.lower().endswith(endings)
            and not any(p.startswith(".") for p in file.relative_to(entry).parts)
            and file.is_file()
        )
        if format == "raven":  # beside them may be CONFIG.TXT of a recorder
            own = [file for file in inside if file.lower().endswith(_RAVEN_ENDINGS)]
            inside = own or inside
        elif format == "audacity":
            inside = [f for f in inside if not f.lower().endswith(_RAVEN_ENDINGS)]
        if not inside:
            raise ValueError(
                f"{entry}: no annotations in it; looked for {', '.join(endings)}"
            )
        files += inside
    return files


class _Where:
    """Finds the recording of each annotation.

    Attributes
    ----------
    advice : str
        What to do where no recording has been found for a table.
    """

    def __init__(self, audio_file, recordings):
        self.advice = ""
        self._audio_file = None if audio_file is None else os.fspath(audio_file)
        self._among = None
        if recordings is not None:
            if isinstance(recordings, (str, os.PathLike)):
                recordings = [recordings]
            self._among = AnnotatedRecordings(list_audio_files(recordings))

    def locate(self, path, rows):
        """Return the rows of a table with the recordings, and what is not found."""
        found, wrong, faults = {}, {}, []
        for name in dict.fromkeys(row.audio_file for _, row in rows):
            try:
                found[name] = self._find(path, name)
            except ValueError as error:
                if name is None or isinstance(error, NotAmongError):
                    self.advice = f": {_BESIDE if self._among is None else _AMONG}"
                if name is None:
                    raise
                wrong[name] = error
        _refuse_merged(found, self._audio_file)
        located = []
        for line, row in rows:
            if row.audio_file in wrong:
                faults.append(f"line {line}: the file {wrong[row.audio_file]}")
            else:
                located.append(row._replace(audio_file=found[row.audio_file]))
        return located, faults

    def _find(self, path, name):
        if self._audio_file is not None:
            return self._audio_file
        if name is None:
            return (self._among or recordings_beside(path)).of_table(path)
        if self._among is not None:
            return self._among.named(name)
        beside = os.path.join(os.path.dirname(path), name)
        return beside if os.path.exists(beside) else name


def _refuse_merged(found, audio_file):
    """Raise where two files that a table names are one recording here."""
    origin = {}
    for name, file in found.items():
        if audio_file is None and origin.setdefault(file, name) != name:
            raise ValueError(
                f"names {origin[file]!r} and {name!r}, which both would be {file}: "
                "expected recordings in folders that tell them apart"
            )


def _report(faults, advice, on_error, n_read):
    if not faults:
        return
    if on_error == "raise" or not n_read:
        more = len(faults) - 3
        end = f"; and {more} more" if more > 0 else ""
        raise ValueError("; ".join(faults[:3]) + end + advice)
    more = len(faults) - _SHOWN
    lines = faults[:_SHOWN] + ([f"and {more} more"] if more > 0 else [])
    warn_user(
        f"{len(faults)} files or rows of annotations are left out:\n  "
        + "\n  ".join(lines)
        + advice
    )


def _framed(rows):
    """Make the table, without scores where there are none."""
    table = pd.DataFrame(rows, columns=Annotation._fields, dtype=object)
    table = table.astype(dict.fromkeys(Annotation._fields[3:], float))
    return table if table["score"].notna().any() else table[[*ANNOTATION_COLUMNS]]
