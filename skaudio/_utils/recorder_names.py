"""What names of recordings say, and AudioMoth's comment: start, recorder and site.

Of the standard library alone: `skaudio export --runtime` copies it into run.py.
"""

import os
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

_TIME = re.compile(
    r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)[_T -](\d\d)[-:.]?(\d\d)[-:.]?(\d\d)(?!\d)"
    r"(?:(?P<utc>Z)|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)(?!\d))?"
)
_AUDIOMOTH = re.compile(r"(?:(?P<device>[0-9A-F]{16})_)?\d{8}_\d{6}T?", re.IGNORECASE)
_SONG_METER = re.compile(r"(?P<prefix>.+?)(?:_\d\+\d)?_\d{8}_\d{6}(?:_\d{3})?")
_HEXADECIMAL = re.compile("[0-9A-F]{8}", re.IGNORECASE)
# AudioMoth's comment, of any firmware.
RECORDED = re.compile(
    r"Recorded at (\d\d:\d\d:\d\d) (\d\d/\d\d/\d{4})"
    r"(?: \(UTC(?:(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?)?\))?"
)
_YEARS = range(1970, 2101)
# Firmware that named files so was of 2017 and 2018; 20200101 would be in 1987.
_HEXADECIMAL_YEARS = range(2017, 2030)


class NameFacts(NamedTuple):
    """What a name says; None where it says nothing."""

    start: datetime | None = None
    recorder: str | None = None
    site: str | None = None
    device: str | None = None
    # AudioMoth's names are in UTC, unless another zone was set: only its comment says.
    is_zone_assumed: bool = False


def name_facts(file):
    """Read what the name of a recording says.

    Parameters
    ----------
    file : str

    Returns
    -------
    facts : NameFacts
    """
    stem = os.path.splitext(os.path.basename(file))[0]
    start = _start(stem)
    audiomoth = _AUDIOMOTH.fullmatch(stem)
    if audiomoth and start:
        start = start.replace(tzinfo=UTC)
        return NameFacts(start, "AudioMoth", None, audiomoth["device"], True)
    if _HEXADECIMAL.fullmatch(stem):
        start = datetime.fromtimestamp(int(stem, 16), UTC)
        if start.year in _HEXADECIMAL_YEARS:
            return NameFacts(start, "AudioMoth")
        return NameFacts()
    song_meter = _SONG_METER.fullmatch(stem)
    if song_meter and start:
        return NameFacts(start, "Song Meter", song_meter["prefix"])
    return NameFacts(start)


def comment_start(comment, artist=""):
    """Return when a recording began by AudioMoth's comment, or None.

    Parameters
    ----------
    comment, artist : str
        Remarks in the file.

    Returns
    -------
    start : datetime or None
        None also for a time that no clock can show.
    """
    recorded = RECORDED.search(comment)
    if recorded is None or "AudioMoth" not in comment + artist:
        return None
    try:
        start = datetime.strptime(" ".join(recorded.groups()[:2]), "%H:%M:%S %d/%m/%Y")
        zone = UTC
        if recorded["sign"]:
            zone = offset_zone(recorded["sign"], recorded["hours"], recorded["minutes"])
        return start.replace(tzinfo=zone)
    except ValueError:
        return None


def clock(start):
    """Return what a clock shows, and its zone as text, such as "UTC+02:00", or None."""
    offset = start.utcoffset()
    if offset is None:
        return start, None
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    hours, minutes = divmod(abs(minutes), 60)
    return start.replace(tzinfo=None), f"UTC{sign}{hours:02d}:{minutes:02d}"


def offset_zone(sign, hours, minutes):
    """Return the time zone of an offset from UTC, given as text.

    Raises
    ------
    ValueError
        Where no zone is so far from UTC.
    """
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset)


def _start(stem):
    """Return the first time in a name that a clock can show."""
    for match in _TIME.finditer(stem):
        try:
            start = datetime(*map(int, match.groups()[:6]))
            if match["utc"]:
                start = start.replace(tzinfo=UTC)
            elif match["sign"]:
                zone = offset_zone(match["sign"], match["hours"], match["minutes"])
                start = start.replace(tzinfo=zone)
        except ValueError:
            continue
        if start.year in _YEARS:
            return start
    return None
