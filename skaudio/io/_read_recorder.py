"""Facts of a recorder: when and where a recording began, and with what."""

import os
import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from skaudio._utils.optional import import_optional
from skaudio._utils.recorder_names import RECORDED, comment_start, name_facts
from skaudio._utils.warn import warn_user
from skaudio.io._audio_file import AudioFileError, OddAudioWarning
from skaudio.io._recorder_texts import recorder_texts

_SAME = timedelta(seconds=2)
_DEVICE = re.compile(r"AudioMoth ([0-9A-F]{16})", re.IGNORECASE)
# "at gain setting 2", "at medium gain setting", "at medium-high gain"
_GAIN = re.compile(r"\bat (?:gain setting (\d)|([a-z-]+) gain\b)")
# "battery state was < 3.6V", "battery was greater than 4.9V"
_BATTERY = re.compile(r"battery (?:state )?was (?:[a-z <>]*)(\d+(?:\.\d+)?) ?V")
_TEMPERATURE = re.compile(r"temperature was (-?\d+(?:\.\d+)?) ?C")
_SONG_METER_GAIN = re.compile(r'"gain": ?(-?[\d.]+)')
_AUDIOMOTH_GAIN = re.compile(r"\bGAIN (\d)")


class RecorderFacts(NamedTuple):
    """What is known of a recording's beginning; None where it is not."""

    start: datetime | None
    source: str | None
    recorder: str | None
    site: str | None
    device: str | None
    gain: str | None
    battery: float | None
    temperature: float | None


def read_recorder(file):
    """Read when a recording began, and what is known of its recorder.

    The sound is not read: of a file of gigabytes a few hundred bytes are.

    Parameters
    ----------
    file : str or path-like

    Returns
    -------
    facts : RecorderFacts
        A named tuple; None where something is not known.

        start : datetime
            With a time zone where that is known, else in the recorder's local time.
        source : {"GUANO", "comment", "name"}
            Where `start` was read.
        recorder : str
            "AudioMoth", "Song Meter", or make and model as GUANO has them.
        site : str
            The prefix of the names that a Song Meter gives, else the name of the
            folder.
        device : str
            Serial number.
        gain : str
            As the recorder has it: "medium", "2", "18.0".
        battery : float
            Volts; of "less than 2.5V" and "greater than 4.9V" the limit.
        temperature : float
            Degrees Celsius.

    Raises
    ------
    AudioFileError
        Where the file cannot be opened.
    ImportError
        For a file with GUANO, where the package is not installed.

    Warns
    -----
    OddAudioWarning
        Where GUANO, comment and name give different times, and where GUANO cannot be
        read.

    Notes
    -----
    Of several times the first of these is taken:

    1. GUANO, the chunk ``guan`` of Song Meters, AudioMoths and bat detectors;
    2. AudioMoth's comment, "Recorded at 05:30:00 14/05/2024 (UTC+2) by AudioMoth ...",
       of any firmware from 1.0 on, also in FLAC files made of such files;
    3. the name: ``YYYYMMDD_HHMMSS`` alone or after an AudioMoth's serial number, in
       UTC, unless the comment says that the recorder was set to another zone;
       eight hexadecimal digits, AudioMoth's Unix time of 2017 and 2018;
       ``PREFIX_YYYYMMDD_HHMMSS``, a Song Meter's local time; other names with a date
       and a time, such as ``2024-05-14T05-30-00+0200``.

    A date that no calendar has is none.

    References
    ----------
    D. Riggs, "GUANO: Grand Unified Acoustic Notation Ontology",
    https://github.com/riggsd/guano-spec.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio.io import read_recorder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/MARSH_20240514_053000.wav"
    ...     soundfile.write(path, np.zeros(8000), 8000)
    ...     facts = read_recorder(path)
    >>> facts.start.isoformat(), facts.recorder, facts.site
    ('2024-05-14T05:30:00', 'Song Meter', 'MARSH')
    """
    file = os.fspath(file)
    try:
        texts = recorder_texts(file)
    except (OSError, ValueError) as error:
        reason = "no such file"
        if not isinstance(error, FileNotFoundError):
            reason = f"cannot be opened ({getattr(error, 'strerror', None) or error})"
        raise AudioFileError(file, reason) from error
    name = name_facts(file)
    comment = _comment_facts(texts)
    guano = _guano_facts(file, texts["guano"]) if "guano" in texts else {}
    starts = {
        "GUANO": guano.get("start"),
        "comment": comment.get("start"),
        "name": name.start,
    }
    starts = _known(starts)
    if starts:
        _warn_of_differences(file, starts, name.is_zone_assumed)
    facts = {"recorder": name.recorder, "device": name.device}
    facts |= _known(comment) | _known(guano)
    facts["site"] = name.site or _folder(file)
    facts["source"] = next(iter(starts), None)
    facts["start"] = starts.get(facts["source"])
    return RecorderFacts(*(facts.get(field) for field in RecorderFacts._fields))


def _known(facts):
    return {fact: value for fact, value in facts.items() if value is not None}


def _folder(file):
    return os.path.basename(os.path.dirname(os.path.abspath(file))) or None


def _comment_facts(texts):
    """Read AudioMoth's comment, whose wording has changed with its firmware."""
    comment, artist = texts.get("comment", ""), texts.get("artist", "")
    if RECORDED.search(comment) is None or "AudioMoth" not in comment + artist:
        return {}
    facts = {"recorder": "AudioMoth", "start": comment_start(comment, artist)}
    device = _DEVICE.search(artist) or _DEVICE.search(comment)
    gain = _GAIN.search(comment)
    facts["device"] = device and device[1]
    facts["gain"] = gain and (gain[1] or gain[2])
    for fact, pattern in (("battery", _BATTERY), ("temperature", _TEMPERATURE)):
        found = pattern.search(comment)
        facts[fact] = found and float(found[1])
    return facts


def _guano_facts(file, text):
    guano = import_optional("guano", "guano", "recordings")
    # A line without a colon would make it drop all.
    lines = [line for line in re.split("[\r\n]+", text) if ":" in line.strip("\0 :")]
    found = guano.GuanoFile.from_string("\n".join(lines))
    model = found.get("Model")
    known = [kind for kind in ("AudioMoth", "Song Meter") if kind in (model or "")]
    named = " ".join(filter(None, [found.get("Make"), model])) or None
    gain = _SONG_METER_GAIN.search(found.get("WA|Song Meter|Audio settings", ""))
    gain = gain or _AUDIOMOTH_GAIN.search(found.get("OAD|Recording Settings", ""))
    return {
        "start": _guano_start(file, found.get("Timestamp"), lines),
        "recorder": known[0] if known else named,
        "device": found.get("Serial"),
        "gain": gain and gain[1],
        "battery": _number(found.get("OAD|Battery Voltage")),
        "temperature": _number(found.get("Temperature Int")),
    }


def _guano_start(file, timestamp, lines):
    try:
        if timestamp is None:
            return None
        if timestamp.tzinfo is not None:  # a zone of our own, which can be pickled
            timestamp = timestamp.replace(tzinfo=timezone(timestamp.utcoffset()))
        return timestamp
    except (AttributeError, ValueError):
        (line, *_) = (line for line in lines if line.strip().startswith("Timestamp"))
        reason = f"has no time in its GUANO chunk: got {line.strip()[:60]!r}"
        _warn(file, reason)
        return None


def _number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def _warn_of_differences(file, starts, is_zone_assumed):
    """Warn of times that differ from the most trusted."""
    (first, start), *others = starts.items()
    for source, other in others:
        clocks = [time.replace(tzinfo=None) for time in (start, other)]
        is_same = abs(clocks[0] - clocks[1]) < _SAME
        if start.tzinfo is not None and other.tzinfo is not None:
            # The clock of a name whose zone is not known may be that of the comment.
            is_same = is_same and source == "name" and is_zone_assumed
            is_same = is_same or abs(start - other) < _SAME
        if not is_same:
            reason = (
                f"starts at {start.isoformat()} by its {first}, at {other.isoformat()} "
                f"by its {source}: the first is taken"
            )
            _warn(file, reason)


def _warn(file, reason):
    warn_user(str(AudioFileError(file, reason)), OddAudioWarning)
