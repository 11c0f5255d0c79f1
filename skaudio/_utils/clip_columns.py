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
)
GROUPS = ("group", "groups", "srcfile")

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

    def pick(keys):
        return _pick(seconds, keys)

    file = pick(_FILE)
    if file is None:
        return None
    parts = (file,)
    if file is pick(["infile"]):
        parts = tuple(name for key in ("indir", "folder") if (name := pick([key])))
        parts += (file,)
    start, end, duration = pick(_START), pick(_END), pick(_DURATION)
    start, end = _with_offset(start, end, duration, pick(["offset"]), names)
    for key, name in others.items():
        lacks_start = start is None and key in _START
        if lacks_start or (end is None and key in (*_END, "offset")):
            raise ValueError(
                f"The times in column {name!r} are not in seconds: expected start_time "
                "and end_time in seconds; convert them."
            )
    begin = None
    if start is not None and start is pick(["fileoffset"]):
        begin, duration = pick(["begintime"]), pick(_DURATION)
        if end is not None and begin is None:
            # Such an end counts from the first file of a series.
            end = None
    if start is None:
        duration = None  # of the file, such as `inspect_clips` measures
    if start is not None and end is None and duration is None:
        found = [name for key, name in others.items() if key in _DURATION]
        if found:
            raise ValueError(
                f"The duration in column {found[0]!r} is not in seconds: expected "
                "start_time and end_time in seconds; convert it."
            )
    if (start is None) != (end is None and duration is None):
        found, lacks = (end, "start") if start is None else (start, "end")
        raise ValueError(
            f"The columns {listed(names)} hold the time {found!r} but no {lacks} "
            f"times: expected both or neither; an empty column {lacks}_time stands for "
            f"the {lacks} of the file."
        )
    is_accumulated = start is not None and start is pick(["begintime"])
    is_accumulated &= file in (pick(["beginpath"]), pick(["beginfile"]))
    return ClipColumns(
        parts,
        start,
        end,
        duration if end is None else None,
        begin if end is not None else None,
        is_accumulated,
    )


def find_column(names, keys):
    """Return the first of some well-known columns that a table has, or None.

    Parameters
    ----------
    names : list
    keys : tuple of str
        `LABELS` or `GROUPS`.
    """
    return _pick(_by_key(names)[0], keys)


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
