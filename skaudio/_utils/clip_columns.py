"""Which columns of a table hold the file and the times of each clip.

The one place that knows how the programs of the field name them.
"""

import re
from typing import NamedTuple

# Names are compared without case, spaces and punctuation: "Begin Time (s)" is begintime
# in seconds. Of several that a table has, the first here is taken.
_FILE = (
    "file",
    "audiofile",
    "path",
    "filepath",
    "audiopath",
    "audiofilepath",
    "beginpath",
    "filename",
    "audiofilename",
    "soundfile",
    "soundfiles",
    "beginfile",
    "infile",
)
_START = ("starttime", "start", "begin", "onset", "fileoffset", "begintime")
_END = ("endtime", "end", "stop")
_DURATION = ("duration", "deltatime")
_SECONDS = {"s", "sec", "secs", "second", "seconds"}
_OTHER_UNITS = {
    *("ms", "msec", "millisecond", "milliseconds", "min", "minute", "minutes"),
    *("sample", "samples", "frame", "frames", "h", "hour", "hours"),
}
_SHOWN = 20  # columns in a message

LABELS = (
    "label",
    "annotation",
    "labelspecies",
    "species",
    "manualid",
    "commonname",
    "class",
    "category",
    "scientificname",
    "top1match",
    "autoid",
)
GROUPS = ("group", "groups", "srcfile")
LOW = ("lowf", "lowfreqhz", "lowfrequencyhz", "lowfreq", "lowfrequency")
HIGH = ("highf", "highfreqhz", "highfrequencyhz", "highfreq", "highfrequency")
SCORES = ("score", "confidence")

EXPECTED = (
    "expected a column of files (file, audio_file, filename, Begin Path, IN FILE or "
    "the like) and, where clips are parts of files, start_time and end_time in seconds "
    "(or start, begin, onset, Begin Time (s), OFFSET; end, offset, End Time (s), "
    "DURATION)"
)


class ClipColumns(NamedTuple):
    """Names of columns. None where a table has no such column."""

    file: tuple  # parts of the path; Kaleidoscope has three
    start: object = None
    end: object = None
    duration: object = None
    # Raven: `end` counts from the first file, as this column does; `start` does not.
    begin: object = None
    # Raven: times that count on from file to file, where there are several.
    is_accumulated: bool = False

    def names(self):
        """List the columns."""
        times = (self.start, self.end, self.duration, self.begin)
        return [*self.file, *(name for name in times if name is not None)]

    def taken(self):
        """Return which columns give the file and the times: a dict of str to str."""
        taken = {"file": "/".join(map(str, self.file))}
        if self.start is not None:
            taken["start_time"] = str(self.start)
        if self.begin is not None:
            taken["end_time"] = f"{self.start} + {self.end} - {self.begin}"
        elif self.end is not None:
            taken["end_time"] = str(self.end)
        elif self.duration is not None:
            taken["end_time"] = f"{self.start} + {self.duration}"
        return taken


def find_clip_columns(names):
    """Find the columns of a table of clips or annotations.

    Parameters
    ----------
    names : list
        Of the columns, of any type.

    Returns
    -------
    columns : ClipColumns or None
        None where no column names files.

    Raises
    ------
    ValueError
        Where it is not clear which column is which, one of start and end lacks, or
        times are not in seconds.
    """
    seconds, others = _by_key(names)
    file = _pick(seconds, _FILE)
    if file is None:
        return None
    files = (file,)
    if file is _pick(seconds, ["infile"]):
        folders = [_pick(seconds, [key]) for key in ("indir", "folder")]
        files = (*(name for name in folders if name is not None), file)
    start, end, duration = (_pick(seconds, k) for k in (_START, _END, _DURATION))
    start, end = _with_offset(start, end, duration, _pick(seconds, ["offset"]), names)
    begin, is_accumulated = None, False
    if start is not None and start is _pick(seconds, ["fileoffset"]):
        # The end counts from the first file of a series, as the begin does.
        begin = _pick(seconds, ["begintime"]) if end is not None else None
        end = end if begin is not None else None
    elif start is not None and start is _pick(seconds, ["begintime"]):
        is_accumulated = file in (
            _pick(seconds, [k]) for k in ("beginpath", "beginfile")
        )
    if end is not None or start is None:
        duration = None  # without a start, it is the duration of the file
    _refuse_half(start, end if duration is None else duration, others, names)
    return ClipColumns(files, start, end, duration, begin, is_accumulated)


def find_column(names, keys):
    """Return the first of some well-known columns that a table has, or None.

    Parameters
    ----------
    names : list
    keys : tuple of str
        Plain names, such as `LABELS`, `GROUPS`, `LOW`, `HIGH` or `SCORES`.
    """
    return _pick(_by_key(names)[0], keys)


def refuse_accumulated(begin):
    """Raise for times of several files that count on from file to file, as Raven's.

    Parameters
    ----------
    begin : str
        The column of the times.
    """
    raise ValueError(
        f"{begin!r} counts on from file to file where a Raven table has several: "
        "expected also 'File Offset (s)', which Raven can add; if each file starts at "
        "0, rename the columns to start_time and end_time."
    )


def listed(names):
    """Format the names of columns for a message."""
    names = list(names)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{[str(name)[:60] for name in names[:_SHOWN]]}{more}"


def _by_key(names):
    """Map plain names to columns: those in seconds or without unit, and the others."""
    seconds, others = {}, {}
    for name in names:
        words = re.findall(r"[^\W_]+", str(name).casefold())
        unit = words.pop() if len(words) > 1 else None
        if unit in _OTHER_UNITS:
            others.setdefault("".join(words), name)
            continue
        if unit is not None and unit not in _SECONDS:
            words.append(unit)
        seconds.setdefault("".join(words), []).append(name)
    return seconds, others


def _pick(seconds, keys):
    for key in keys:
        found = seconds.get(key, ())
        if len(found) > 1:
            raise ValueError(
                f"Columns {listed(found)} have one meaning: expected one of them; "
                "rename or drop the others."
            )
        if found:
            return found[0]
    return None


def _with_offset(start, end, duration, offset, names):
    """Return start and end, one of which may be called offset.

    Kaleidoscope and librosa start at an offset, and add a duration; after an onset
    the offset is the end.
    """
    if offset is None or (start is not None and end is not None):
        return start, end
    if start is not None:
        return start, offset
    if end is None and duration is None:
        raise ValueError(
            f"The columns {listed(names)} hold the time {offset!r}, which may be a "
            "start or an end: expected start_time and end_time; rename it."
        )
    return offset, end


def _refuse_half(start, end, others, names):
    """Raise where a time lacks, and where it is there in another unit."""
    for key, name in others.items():
        lacks = start is None if key in _START else end is None
        is_duration = key in _DURATION and start is not None
        if lacks and (is_duration or key in (*_START, *_END, "offset")):
            raise ValueError(
                f"The times in column {name!r} are not in seconds: expected start_time "
                "and end_time in seconds; convert them."
            )
    if (start is None) != (end is None):
        found, lacks = (end, "start") if start is None else (start, "end")
        raise ValueError(
            f"The columns {listed(names)} hold the time {found!r} but no {lacks} "
            f"times: expected both or neither; an empty column {lacks}_time stands for "
            f"the {lacks} of the file."
        )
