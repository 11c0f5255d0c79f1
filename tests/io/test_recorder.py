"""When a recording began and with what: names, AudioMoth's comment, GUANO."""

import pickle
import sys
import warnings
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
import soundfile
from guano import GuanoFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skaudio.io import AudioFileError, OddAudioWarning, open_audio, read_recorder

in_a_folder = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# Wordings of the firmware from 1.0 to 1.12, by its source.
AUDIOMOTH = "AudioMoth 24F3190361DA3578"
COMMENTS = {
    "1.0": (
        f"Recorded at 19:17:30 06/04/2018 by {AUDIOMOTH} at gain setting 2 while "
        "battery state was 4.5V",
        ("2018-04-06T19:17:30+00:00", "2", 4.5, None),
    ),
    "1.1": (
        f"Recorded at 19:17:30 06/04/2018 (UTC) by {AUDIOMOTH} at gain setting 2 while "
        "battery state was < 3.6V",
        ("2018-04-06T19:17:30+00:00", "2", 3.6, None),
    ),
    "1.2.2": (
        f"Recorded at 19:17:30 06/04/2019 (UTC-3:30) by {AUDIOMOTH} at gain setting 0 "
        "while battery state was greater than 4.9V. Recording cancelled before "
        "completion due to low battery voltage.",
        ("2019-04-06T19:17:30-03:30", "0", 4.9, None),
    ),
    "1.4": (
        f"Recorded at 05:30:00 14/05/2020 (UTC+2) by {AUDIOMOTH} at medium-high gain "
        "setting while battery state was less than 2.5V and temperature was -3.5C. "
        "Amplitude threshold was 32.",
        ("2020-05-14T05:30:00+02:00", "medium-high", 2.5, -3.5),
    ),
    "1.5": (
        "Recorded at 05:30:00 14/05/2021 (UTC-0:30) during deployment "
        "0FE081F80FE081F0 using external microphone at low gain setting while battery "
        "state was 4.1V and temperature was 11.2C.",
        ("2021-05-14T05:30:00-00:30", "low", 4.1, 11.2),
    ),
    "1.8": (
        f"Recorded at 05:30:00 14/05/2024 (UTC+10) by {AUDIOMOTH} at high gain while "
        "battery was 4.1V and temperature was 21.5C. Recording stopped due to file "
        "size limit.",
        ("2024-05-14T05:30:00+10:00", "high", 4.1, 21.5),
    ),
}
SONG_METER = (
    "GUANO|Version:1.0\nFirmware Version:1.1\nMake:Wildlife Acoustics, Inc.\n"
    "Model:Song Meter Mini\nSerial:SMA00646\nWA|Song Meter|Prefix:SMA00646\n"
    'WA|Song Meter|Audio settings:[{"rate":24000,"gain":18}]\nLength:300.000\n'
    "Timestamp:2020-10-17 13:05:00+1:00\nLoc Position:54.75656 -1.59106\n"
    "Temperature Int:21.25\nSamplerate:24000"
)
AUDIOMOTH_GUANO = (
    "GUANO|Version:1.0\nMake:Open Acoustic Devices\nModel:AudioMoth\n"
    "Serial:24F3190361DA3578\nTimestamp:2026-08-10T16:00:00Z\n"
    "OAD|Recording Settings:8000 GAIN 2\nOAD|Battery Voltage:4.8\n"
    "Temperature Int:-1.5\0\0"
)


def chunk(name, content):
    return (
        name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)
    )


def wav(path, comment=None, artist=None, guano=None, guano_first=False):
    """Write a tenth of a second of silence with remarks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(801), 8000, format="WAV", subtype="PCM_U8")
    whole = path.read_bytes()
    at = whole.index(b"data")
    before, data, after = whole[12:at], whole[at:], b""
    if comment or artist:
        facts = b"INFO"
        for name, text in ((b"ICMT", comment), (b"IART", artist)):
            # With zeros to the length that the firmware keeps for it.
            facts += chunk(name, text.encode().ljust(384, b"\0")) if text else b""
        before += chunk(b"LIST", facts)
    if guano is not None:
        content = guano if isinstance(guano, bytes) else guano.encode()
        if guano_first:
            before += chunk(b"guan", content)
        else:
            after = chunk(b"guan", content)
    body = b"WAVE" + before + data + (b"\0" if len(data) % 2 else b"") + after
    path.write_bytes(chunk(b"RIFF", body))
    return path


def start(path):
    found = read_recorder(path).start
    return found and found.isoformat()


NAMES = {
    "20240514_053000.WAV": ("2024-05-14T05:30:00+00:00", "AudioMoth", "marsh"),
    "20240514_053000T.WAV": ("2024-05-14T05:30:00+00:00", "AudioMoth", "marsh"),
    "24F3190361DA3578_20240514_053000.wav": (
        *("2024-05-14T05:30:00+00:00", "AudioMoth", "marsh"),
    ),
    "5AFA1F48.WAV": ("2018-05-14T23:44:08+00:00", "AudioMoth", "marsh"),
    "MARSH_2_20240514_053000.wav": ("2024-05-14T05:30:00", "Song Meter", "MARSH_2"),
    "SM3_0+1_20240514_053000.wav": ("2024-05-14T05:30:00", "Song Meter", "SM3"),
    "BAT_20240514_053000_123.wav": ("2024-05-14T05:30:00", "Song Meter", "BAT"),
    "20240514T053000+1000_REC.flac": ("2024-05-14T05:30:00+10:00", None, "marsh"),
    "20240514T053000Z.wav": ("2024-05-14T05:30:00+00:00", None, "marsh"),
    "2024-05-14-birdnet-1.wav": (None, None, "marsh"),
    "a 2024-05-14 05-30-00.wav": ("2024-05-14T05:30:00", None, "marsh"),
    "dawn.wav": (None, None, "marsh"),
    "20240230_053000.WAV": (None, None, "marsh"),
    "20240514_243000.WAV": (None, None, "marsh"),
    "A_00010101_000000.wav": (None, None, "marsh"),
    "20200101.wav": (None, None, "marsh"),  # no hexadecimal time of 1987
    "deadbeef.wav": (None, None, "marsh"),
    "120240514_053000.wav": (None, None, "marsh"),
    "20240514T053000+9900.wav": (None, None, "marsh"),
}


@pytest.mark.parametrize("name", NAMES)
def test_names(tmp_path, name):
    path = wav(tmp_path / "marsh" / name)
    facts = read_recorder(path)
    expected, recorder, site = NAMES[name]
    assert (facts.start and facts.start.isoformat()) == expected
    assert (facts.recorder, facts.site) == (recorder, site)
    assert facts.source == ("name" if expected else None)
    device = "24F3190361DA3578" if name.startswith("24F") else None
    assert facts.device == device


@in_a_folder
@given(when=st.datetimes(datetime(1970, 1, 1), datetime(2100, 12, 31)))
def test_any_time_in_a_name_comes_back(tmp_path, when):
    when = when.replace(microsecond=0)
    for pattern, zone in (("%Y%m%d_%H%M%S.WAV", UTC), ("S 1_%Y%m%d_%H%M%S.wav", None)):
        path = tmp_path / when.strftime(pattern)
        path.write_bytes(b"RIFF")
        assert read_recorder(path).start == when.replace(tzinfo=zone)
        path.unlink()


@in_a_folder
@given(name=st.from_regex(r"[A-Z_]{0,3}[0-9]{8}_[0-9]{6}T?", fullmatch=True))
def test_impossible_dates_give_no_start(tmp_path, name):
    path = tmp_path / f"{name}.wav"
    path.write_bytes(b"")
    found = read_recorder(path).start
    path.unlink()
    digits = "".join(sign for sign in name if sign.isdigit())
    try:
        expected = datetime.strptime(digits, "%Y%m%d%H%M%S")
    except ValueError:
        expected = None
    if expected is not None and not 1970 <= expected.year <= 2100:
        expected = None
    assert (found and found.replace(tzinfo=None)) == expected


@pytest.mark.parametrize("version", COMMENTS)
def test_comments_of_audiomoth(tmp_path, version):
    comment, (expected, *facts) = COMMENTS[version]
    path = wav(tmp_path / "north" / "x.WAV", comment, AUDIOMOTH)
    found = read_recorder(path)
    assert found.start.isoformat() == expected
    assert [found.gain, found.battery, found.temperature] == facts
    assert (found.recorder, found.source) == ("AudioMoth", "comment")
    assert (found.device, found.site) == ("24F3190361DA3578", "north")
    with open_audio(path) as sound:  # the test's file is one that can be heard
        assert sound.frames == 801


@in_a_folder
@given(
    when=st.datetimes(datetime(2017, 1, 1), datetime(2060, 1, 1)),
    minutes=st.integers(-12 * 4, 14 * 4).map(lambda quarters: quarters * 15),
)
def test_any_zone_of_a_comment(tmp_path, when, minutes):
    when = when.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    hours, rest = divmod(abs(minutes), 60)
    zone = f"{'-' if minutes < 0 else '+'}{hours}" if minutes else ""
    zone += f":{rest:02d}" if rest else ""
    comment = f"Recorded at {when:%H:%M:%S %d/%m/%Y} (UTC{zone}) by {AUDIOMOTH} at"
    assert read_recorder(wav(tmp_path / "x.WAV", comment)).start == when


def test_comments_that_are_none(tmp_path):
    for comment in (
        f"Recorded at 25:30:00 14/05/2024 (UTC) by {AUDIOMOTH} at high gain",
        f"Recorded at 05:30:00 31/02/2024 (UTC) by {AUDIOMOTH} at high gain",
        f"Recorded at 05:30:00 14/05/2024 (UTC+99) by {AUDIOMOTH} at high gain",
        "Recorded at 05:30:00 14/05/2024 (UTC) by my neighbour",
        "A fine morning",
    ):
        assert start(wav(tmp_path / "x.WAV", comment)) is None
        name = tmp_path / "20240514_053000.WAV"
        assert start(wav(name, comment)) == "2024-05-14T05:30:00+00:00"


def test_flac_made_of_a_recording(tmp_path):
    comment, (expected, *_) = COMMENTS["1.8"]
    path = tmp_path / "x.flac"
    with soundfile.SoundFile(path, "w", 8000, 1) as sound:
        sound.comment = comment
        sound.write(np.zeros(800))
    assert start(path) == expected


@pytest.mark.parametrize("first", [False, True], ids=["at the end", "before the sound"])
def test_guano(tmp_path, first):
    path = tmp_path / "SMA00646_20201017_130500.wav"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        facts = read_recorder(wav(path, guano=SONG_METER, guano_first=first))
        assert facts == (
            datetime(2020, 10, 17, 13, 5, tzinfo=timezone(timedelta(hours=1))),
            *("GUANO", "Song Meter", "SMA00646", "SMA00646", "18", None, 21.25),
        )
        assert pickle.loads(pickle.dumps(facts)) == facts
        path = wav(tmp_path / "20260810_160000.WAV", guano=AUDIOMOTH_GUANO)
        facts = read_recorder(path)
    assert facts.start == datetime(2026, 8, 10, 16, tzinfo=UTC)
    assert (facts.recorder, facts.device) == ("AudioMoth", "24F3190361DA3578")
    assert (facts.gain, facts.battery, facts.temperature) == ("2", 4.8, -1.5)


def test_guano_that_its_package_writes(tmp_path):
    path = wav(tmp_path / "x.wav")
    written = GuanoFile(str(path))
    written["Timestamp"] = datetime(2024, 5, 14, 5, 30)
    written["Make"], written["Model"] = "Titley", "Chorus"
    written.write(make_backup=False)
    facts = read_recorder(path)
    assert facts.start == datetime(2024, 5, 14, 5, 30)  # without a zone: local
    assert facts.recorder == "Titley Chorus"


@pytest.mark.parametrize(
    "timestamp", ["yesterday", "2024-02-30T05:30:00", "2024-05-14T05:30:00+99:00"]
)
def test_guano_without_a_time(tmp_path, timestamp):
    text = f"GUANO|Version:1.0\nno colon\nTimestamp:{timestamp}\nSerial:7"
    path = wav(tmp_path / "S_20240514_053000.wav", guano=text)
    with pytest.warns(
        OddAudioWarning, match=r"S_2024.*: has no time in its GUANO chunk"
    ):
        facts = read_recorder(path)
    assert (facts.source, facts.device) == ("name", "7")
    path = wav(tmp_path / "S_20240514_053000.wav", guano="Serial:7")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_recorder(path).source == "name"


@in_a_folder
@given(guano=st.binary(max_size=60))
def test_any_bytes_for_guano(tmp_path, guano):
    path = wav(tmp_path / "S_20240514_053000.wav", guano=guano)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OddAudioWarning)
        assert read_recorder(path).start is not None


def test_what_is_more_trusted_wins_and_differences_are_named(tmp_path):
    comment, (expected, *_) = COMMENTS["1.8"]  # 05:30 in UTC+10
    for name in ("20240513_193000.WAV", "20240514_053000.WAV"):
        with warnings.catch_warnings():  # the name in UTC, or in the zone that was set
            warnings.simplefilter("error")
            assert start(wav(tmp_path / name, comment)) == expected
    path = wav(tmp_path / "20240514_070000.WAV", comment)
    with pytest.warns(
        OddAudioWarning,
        match=r"WAV: starts at 2024-05-14T05:30:00\+10:00 by its comment, at 2024-05-14"
        r"T07:00:00\+00:00 by its name: the first is taken$",
    ):
        assert start(path) == expected
    path = wav(tmp_path / "SMA_20201017_130501.wav", comment, guano=SONG_METER)
    with pytest.warns(OddAudioWarning, match="by its GUANO, at .* by its comment"):
        assert start(path) == "2020-10-17T13:05:00+01:00"


def test_only_a_few_bytes_of_a_large_file_are_read(tmp_path):
    path = wav(tmp_path / "x.wav", "none")
    head = path.read_bytes()
    at = head.index(b"data") + 4
    size = 3 << 30
    with open(path, "wb") as file:  # sparse: takes no room
        file.write(head[:at] + size.to_bytes(4, "little"))
        file.seek(size, 1)
        file.write(chunk(b"guan", SONG_METER.encode()))
    assert read_recorder(path).source == "GUANO"
    rf64 = (
        b"RF64"
        + b"\xff" * 4
        + b"WAVE"
        + chunk(
            b"ds64",
            (0).to_bytes(8, "little") + (5 << 30).to_bytes(8, "little") + bytes(12),
        )
    )
    with open(path, "wb") as file:
        file.write(rf64 + b"data" + b"\xff" * 4)
        file.seek(5 << 30, 1)
        file.write(chunk(b"guan", SONG_METER.encode()))
    assert read_recorder(path).source == "GUANO"


@in_a_folder
@given(cut=st.integers(0, 2000), change=st.binary(max_size=8), at=st.integers(0, 1500))
def test_damaged_files_do_not_crash(tmp_path, cut, change, at):
    path = wav(tmp_path / "S_20240514_053000.wav", COMMENTS["1.8"][0], guano=SONG_METER)
    content = bytearray(path.read_bytes())
    content[at : at + len(change)] = change
    path.write_bytes(content[:cut])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OddAudioWarning)
        assert read_recorder(path).site == "S"


def test_absent_files_and_packages(tmp_path, monkeypatch):
    with pytest.raises(AudioFileError, match=r"gone\.wav: no such file"):
        read_recorder(tmp_path / "gone.wav")
    with pytest.raises(AudioFileError, match=r"cannot be opened \(Is a directory\)"):
        read_recorder(tmp_path)
    monkeypatch.setitem(sys.modules, "guano", None)
    with pytest.raises(ImportError, match=r"guano is not .*skaudio\[recordings\]"):
        read_recorder(wav(tmp_path / "x.wav", guano=SONG_METER))
    assert start(wav(tmp_path / "x.wav")) is None
