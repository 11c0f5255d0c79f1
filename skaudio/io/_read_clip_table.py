"""Read tables of clips and annotations, from any program of the field."""

import os
from pathlib import Path, PureWindowsPath

import pandas as pd

from skaudio._utils.clip_columns import EXPECTED, find_clip_columns, listed
from skaudio._utils.clips import as_clips, clip_table, taken_columns
from skaudio._utils.table_text import read_table_text
from skaudio.io._annotated_recordings import recordings_beside


def read_clip_table(table, root=None):
    r"""Read a table of clips or annotations as `file`, `start_time` and `end_time`.

    Takes the tables of OpenSoundscape, Raven, BirdNET, Kaleidoscope and Audacity,
    ESC-50's, and any other whose columns have usual names.

    Parameters
    ----------
    table : str, path-like or DataFrame
        A text file with a header (csv, tsv, txt): separated by commas, semicolons, tabs
        or ``|``; in UTF-8, UTF-16 or the Latin alphabet of Windows; with decimal points
        or commas. Audacity's files of labels have no header.
    root : str, path-like or None, default=None
        Folder that paths are relative to. An absolute path of another machine is looked
        for in it, by its last parts. None is the folder of the table, and where there
        is no such file, the current folder; paths in a DataFrame stay as they are.

    Returns
    -------
    clips : DataFrame
        ``file``, ``start_time``, ``end_time`` (seconds from the start of the file, NaN
        where open), then the other columns of the table, of a text file as text, with
        None for empty cells and for NA, NaN, NULL and None. ``attrs["columns"]`` says
        which columns of the table were taken, as a dict of str to str.

    Raises
    ------
    ValueError
        Naming the table and its row, line or column: where no column names files,
        several rows of one file have no times, times are no seconds, or the file holds
        no table.
    OSError
        Where there is no such file.

    See Also
    --------
    skaudio.datasets.load_audio_table : Labels and groups as well.

    Notes
    -----
    The names of columns, whatever their case and punctuation, in the order in which
    they are taken where there are several:

    - file: ``file, audio_file, path, file_path, audio_path, Begin Path, filename,
      audiofilename, sound.files, Begin File``, ``IN FILE`` after ``INDIR`` and
      ``FOLDER``;
    - start: ``start_time, start, begin, onset, File Offset (s), Begin Time (s)``, and
      ``OFFSET`` or ``offset`` before an end or a duration;
    - end: ``end_time, end, stop, End Time (s), End (s)``, and ``offset`` after a start;
    - or a duration: ``duration``, ``Delta Time (s)``.

    A name may end in a unit of seconds: ``onset_s``, ``Start (s)``. Times in other
    units are refused. ``Begin Time (s)`` of a Raven table counts on from file to file:
    of several files ``File Offset (s)`` is needed. A table without a column of files,
    such as Raven and Audacity write for one recording, is of the sound file beside it
    that its name begins with: ``dawn.Table.1.selections.txt`` of ``dawn.wav``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skaudio.io import read_clip_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "cluster.csv")
    ...     _ = path.write_text(
    ...         "FOLDER,IN FILE,OFFSET,DURATION,TOP1MATCH\n"
    ...         "north,dawn.wav,2.5,1.5,CATBIR\n"
    ...     )
    ...     clips = read_clip_table(path, root="recordings")
    >>> clips[["file", "start_time", "end_time", "TOP1MATCH"]].values.tolist()
    [['recordings/north/dawn.wav', 2.5, 4.0, 'CATBIR']]
    >>> clips.attrs["columns"]["end_time"]
    'OFFSET + DURATION'
    """
    if isinstance(table, pd.DataFrame):
        return _standard(table, root)
    path, taken = Path(table), {}
    frame = read_table_text(path)
    try:
        if find_clip_columns(list(frame.columns)) is None:
            file = _recording_beside(path, frame)
            frame.insert(0, "file", file)
            taken = {"file": f"{os.path.basename(file)}, beside the table"}
        clips = _standard(frame, path.parent if root is None else root, root is None)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    clips.attrs["columns"] |= taken
    return clips


def _standard(table, root, or_here=False):
    clips = as_clips(table)
    where = {clip.file: clip.file for clip in clips}
    if root is not None:
        where = {file: _located(file, os.fspath(root), or_here) for file in where}
        _refuse_merged(where)
    clips = clip_table([clip._replace(file=where[clip.file]) for clip in clips])
    levels = [n for n in table.index.names if n is not None and n not in table.columns]
    rest = table.reset_index(levels) if levels else table
    columns = find_clip_columns(list(rest.columns))
    own = [rest.columns[0]] if columns is None else columns.names()
    rest = rest.loc[:, ~rest.columns.isin(own)].reset_index(drop=True)
    clips = pd.concat([clips, rest], axis=1)
    clips.attrs["columns"] = taken_columns(table) or {"file": str(own[0])}
    return clips


def _located(file, root, or_here):
    """Return where a file of a table is: below `root`, or in the current folder."""
    if os.path.isabs(file) and os.path.exists(file):
        return file
    path = PureWindowsPath(file) if "\\" in file else Path(file)
    if not path.is_absolute():
        below = os.path.join(root, *path.parts)
        if or_here and not os.path.exists(below) and os.path.exists(file):
            return file
        return below
    parts = path.parts[1:]
    for place in range(len(parts)):
        below = os.path.join(root, *parts[place:])
        if os.path.exists(below):
            return below
    return file


def _refuse_merged(where):
    """Raise where two absolute paths of another machine became one file here."""
    origin = {}
    for file, found in where.items():
        if origin.setdefault(found, file) != file and file != found:
            raise ValueError(
                f"{origin[found]} and {file} would both be {found}: expected root to "
                "hold the folders that tell them apart."
            )


def _recording_beside(path, frame):
    """Return the sound file that a table without a column of files belongs to."""
    try:
        if find_clip_columns(["file", *frame.columns]).start is None:
            raise ValueError("has no times")
        return recordings_beside(path).of_table(path)
    except ValueError as error:
        raise ValueError(
            f"none of the columns {listed(frame.columns)} names files; {EXPECTED}. A "
            f"table of one recording lies beside it: this one {error}."
        ) from error
