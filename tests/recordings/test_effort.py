"""What was recorded where and when, and histories of detections."""

import os
import warnings
from datetime import UTC, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio.io import AudioFileError, OddAudioWarning
from skaudio.recordings import (
    add_datetimes,
    daily_effort,
    detection_histories,
    recording_effort,
)

RATE = 1000


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Recordings of a Song Meter and an AudioMoth at two sites."""
    monkeypatch.chdir(tmp_path)
    for name, seconds in {
        "rec/MARSH_20240514_235955.wav": 10,
        "rec/MARSH_20240516_053000.wav": 4.5,
        "rec/hill/20240514_220000.WAV": 7,
    }.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(name, np.zeros(int(seconds * RATE)), RATE, format="WAV")
    return tmp_path


def scores(rows, columns=("cat", "cow")):
    """Make a clip table: file, start, end, and whether it was scored."""
    index = pd.MultiIndex.from_tuples(
        [row[:3] for row in rows], names=["file", "start_time", "end_time"]
    )
    values = [[0.5 if row[3] else np.nan] * len(columns) for row in rows]
    return pd.DataFrame(values, index, columns, dtype=np.float32)


def events(*rows):
    """Make events: file, class, start and score."""
    table = pd.DataFrame(rows, columns=["audio_file", "annotation", "start_time", "s"])
    return table.rename(columns={"s": "score"}).assign(
        end_time=table["start_time"] + 1.0
    )


def test_a_row_per_recording(folder):
    effort = recording_effort("rec")
    assert effort.columns.tolist() == [
        *("file", "site", "start", "time_zone"),
        *("seconds_recorded", "seconds_scored", "seconds_failed"),
    ]
    assert effort["site"].tolist() == ["MARSH", "MARSH", "hill"]
    assert effort["start"].astype(str).tolist() == [
        "2024-05-14 23:59:55",
        "2024-05-16 05:30:00",
        "2024-05-14 22:00:00",
    ]
    assert effort["time_zone"].tolist() == [None, None, "UTC+00:00"]
    assert effort["seconds_recorded"].tolist() == [10, 4.5, 7]
    assert effort[["seconds_scored", "seconds_failed"]].isna().all(axis=None)
    # As CSV and back.
    effort.to_csv("effort.csv", index=False)
    again = daily_effort(pd.read_csv("effort.csv"))
    pd.testing.assert_frame_equal(again, daily_effort(effort))


def test_the_zone_of_the_place(folder):
    effort = recording_effort("rec", time_zone="Europe/Berlin")
    # AudioMoth's is UTC, Song Meter's is local.
    assert effort["start"].astype(str).tolist()[1:] == [
        "2024-05-16 05:30:00",
        "2024-05-15 00:00:00",
    ]
    assert effort["time_zone"].tolist() == ["UTC+02:00"] * 3
    zone = timezone(-timedelta(hours=3, minutes=30))
    effort = recording_effort("rec", time_zone=zone)
    assert set(effort["time_zone"]) == {"UTC-03:30"}
    assert str(effort["start"][2]) == "2024-05-14 18:30:00"
    assert set(recording_effort("rec", time_zone=UTC)["time_zone"]) == {"UTC+00:00"}
    with pytest.raises(ValueError, match="time_zone='Berlin' is none that is known"):
        recording_effort("rec", time_zone="Berlin")


def test_sites(folder):
    def sites(value):
        return recording_effort("rec", sites=value)["site"].tolist()

    assert sites(r"(MARSH|hill)[_/]") == ["MARSH", "MARSH", "hill"]
    assert sites({"MARSH": "m", "hill": 7}) == ["m", "m", "7"]
    own = {"MARSH": "m", "rec/hill/20240514_220000.WAV": "h"}
    assert sites(own) == ["m", "m", "h"]
    assert sites(lambda file: Path(file).suffix) == [".wav", ".wav", ".WAV"]
    with pytest.raises(ValueError, match=r"220000\.WAV: has no site; expected one fro"):
        sites(r"(MARSH)_")
    with pytest.raises(ValueError, match=r"235955\.wav: has no site"):
        sites({"hill": "h"})
    with pytest.raises(ValueError, match="has no group: expected parentheses"):
        sites("MARSH")
    with pytest.raises(ValueError, match="is no regular expression"):
        sites("(MARSH")
    with pytest.raises(ValueError, match="sites=3: expected None, a regular"):
        sites(3)


def test_seconds_scored_and_failed(folder):
    one, two, _ = recording_effort("rec")["file"]
    table = scores(
        [
            *[(one, 0.0, 3.0, True), (one, 1.5, 4.5, True), (one, 3.0, 6.0, False)],
            # The failed window beside it covers 4.5 to 6, the last one ends at 10.
            *[(one, 6.0, 9.0, True), (one, 9.0, 12.0, False)],
            (two, 0.0, 3.0, False),
        ]
    )
    effort = recording_effort("rec", table)
    assert effort["seconds_scored"].tolist() == [7.5, 0, 0]
    assert effort["seconds_failed"].tolist() == [2.5, 3, 0]
    shuffled = recording_effort("rec", table.sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(shuffled, effort)
    with pytest.raises(ValueError, match=r"1 recording not among the 3 given"):
        recording_effort("rec", scores([("rec/x.wav", 0.0, 3.0, True)]))
    with pytest.raises(
        ValueError, match=r"scores has the index levels .* expected \['f"
    ):
        recording_effort("rec", table.reset_index())
    assert recording_effort("rec", table[:0])["seconds_scored"].tolist() == [0, 0, 0]


spans = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 5), st.booleans()), max_size=12
)


@settings(deadline=None, max_examples=40)
@given(spans=spans)
def test_seconds_are_those_of_a_count(tmp_path_factory, spans):
    path = tmp_path_factory.getbasetemp() / "of_ten_seconds.wav"
    if not path.exists():
        soundfile.write(path, np.zeros(10 * RATE), RATE)
    rows = [(str(path), start, start + length, good) for start, length, good in spans]
    effort = recording_effort(path, scores(rows) if rows else None)
    good, seen = np.zeros(20, bool), np.zeros(20, bool)
    for _, start, end, is_good in rows:
        seen[start:end] = True
        good[start:end] |= is_good
    expected = [good[:10].sum(), (seen & ~good)[:10].sum()]
    if rows:
        assert effort.iloc[0, -2:].tolist() == expected
    else:
        assert effort.iloc[0, -2:].isna().all()


def test_recordings_that_cannot_be_opened_keep_their_rows(folder):
    bad = "rec/MARSH_20240517_053000.wav"
    Path(bad).write_bytes(b"RIFF")
    files = ["rec", "gone.wav"]
    with pytest.warns(
        UserWarning, match=r"(?s)2 recordings cannot be opened.*gone\.wav"
    ):
        effort = recording_effort(files)
    row = effort.set_index("file").loc[bad]
    assert (row.site, str(row.start)) == ("MARSH", "2024-05-17 05:30:00")
    assert np.isnan(row.seconds_recorded)
    assert effort["site"].iloc[-1] == folder.name
    with pytest.raises(AudioFileError, match="and 1 more"):
        recording_effort(files, on_error="raise")
    table = scores([(effort["file"][0], 0.0, 3.0, True)])
    with pytest.warns(UserWarning, match="cannot be opened"):
        effort = recording_effort(files, table).set_index("file")
    assert effort.loc[bad, "seconds_scored"] == 0
    assert np.isnan(effort.loc[bad, "seconds_failed"])


def test_odd_starts_are_one_warning(folder):
    for number in range(3):
        path = Path(f"rec/hill/2024051{number}_000000.flac")
        with soundfile.SoundFile(path, "w", RATE, 1) as sound:
            sound.comment = (
                "Recorded at 05:30:00 14/05/2023 (UTC) by AudioMoth 24F3190361DA3578"
            )
            sound.write(np.zeros(RATE))
    with pytest.warns(
        OddAudioWarning, match=r"^3 recordings of odd start:\n"
    ) as caught:
        recording_effort("rec")
    assert len(caught) == 1


def test_days_are_split_at_midnight(folder):
    seconds = daily_effort(recording_effort("rec"))
    assert seconds.index.tolist() == ["MARSH", "hill"]
    assert seconds.columns.astype(str).tolist() == [
        "2024-05-14",
        "2024-05-15",
        "2024-05-16",
    ]
    assert seconds.to_numpy().tolist() == [[5, 5, 4.5], [7, 0, 0]]
    # In the zone of the place, the AudioMoth's begins at midnight.
    seconds = daily_effort(recording_effort("rec", time_zone="Europe/Berlin"))
    assert seconds.loc["hill"].tolist() == [0, 7, 0]


def test_histories(folder):
    effort = recording_effort("rec")
    one, _, three = effort["file"]
    found = events(
        (one, "cat", 1.0, 0.9), (one, "cat", 2.0, 0.3), (one, "cat", 6.0, 0.9),
        (three, "cow", 0.0, 0.9),
    )  # fmt: skip
    nan = np.nan
    table = detection_histories(found, effort)
    assert table.index.names == ["class", "site"] and table.columns.name == "day"
    assert table.loc["cat"].fillna(-1).to_numpy().tolist() == [[1, 1, 0], [0, -1, -1]]
    assert table.loc["cow"].fillna(-1).to_numpy().tolist() == [[0, 0, 0], [1, -1, -1]]
    counts = detection_histories(found, effort, count=True)
    assert counts.loc[("cat", "MARSH")].tolist() == [2, 1, 0]
    sure = detection_histories(found, effort, count=True, min_score=0.5)
    assert sure.loc[("cat", "MARSH")].tolist() == [1, 1, 0]
    wanted = detection_histories(found, effort, classes=["owl", "cat"])
    assert wanted.index.get_level_values("class").unique().tolist() == ["owl", "cat"]
    assert wanted.loc[("owl", "MARSH")].tolist() == [0, 0, 0]
    # Nothing found is not nothing recorded.
    none = detection_histories(found[:0], effort, classes=["cat"])
    np.testing.assert_array_equal(none.to_numpy(), [[0, 0, 0], [0, nan, nan]])
    # A sliver after midnight is no day of recording, unless something is in it.
    assert detection_histories(found, effort, min_seconds=6).loc[
        ("cow", "MARSH")
    ].isna().tolist() == [True, True, True]
    assert detection_histories(found, effort, min_seconds=6).loc[
        ("cat", "MARSH")
    ].fillna(-1).tolist() == [1, 1, -1]


def test_what_could_not_be_scored_is_not_recorded(folder):
    one, two, _ = recording_effort("rec")["file"]
    table = scores([(one, 0.0, 10.0, True), (two, 0.0, 4.5, False)])
    effort = recording_effort("rec", table)
    found = events((one, "cat", 1.0, 0.9))
    history = detection_histories(found, effort)
    assert history.fillna(-1).to_numpy().tolist() == [[1, 0], [-1, -1]]
    assert daily_effort(effort).loc["MARSH"].tolist() == [5, 5]


def test_recordings_without_a_start(folder):
    os.rename("rec/MARSH_20240516_053000.wav", "rec/MARSH.wav")
    effort = recording_effort("rec", sites=lambda file: "m")
    found = events(("rec/MARSH.wav", "cat", 1.0, 0.9))
    with pytest.warns(
        UserWarning, match=r"1 of 3 recordings have no known start .*MARS"
    ):
        history = detection_histories(found, effort, classes=["cat"])
    assert history.to_numpy().tolist() == [[0, 0]]
    effort["start"] = None
    with pytest.warns(UserWarning, match="3 of 3 recordings have no known start"):
        history = detection_histories(found, effort)
    assert history.empty


def test_datetimes_of_events(folder):
    effort = recording_effort("rec", time_zone="Europe/Berlin")
    one, _, three = effort["file"]
    found = events((one, "cat", 5.25, 0.9), (Path(three), "cow", 0.0, 0.9))
    found.index = [7, 7]
    dated = add_datetimes(found, effort)
    expected = ["2024-05-15 00:00:00.25", "2024-05-15 00:00:00"]
    assert dated["datetime"].tolist() == list(map(pd.Timestamp, expected))
    assert dated["time_zone"].tolist() == ["UTC+02:00"] * 2
    assert dated.columns.tolist() == [*found.columns, "datetime", "time_zone"]
    assert dated.index.tolist() == [7, 7] and "datetime" not in found
    plain = effort[["file", "site", "start", "seconds_recorded"]]
    assert add_datetimes(found, plain)["time_zone"].tolist() == [None, None]
    assert add_datetimes(found[:0], effort).empty


def test_events_that_cannot_be(folder):
    effort = recording_effort("rec")
    one, *_ = effort["file"]
    found = events((one, "cat", 1.0, 0.9), (one, "cat", 70.0, 0.9), (one, "x", -1, 0.9))
    with pytest.warns(UserWarning, match=r"2 of 3 events lie .* at 70\.0 s of 10\.0 s"):
        dated = add_datetimes(found, effort)
    assert dated["datetime"].isna().tolist() == [False, True, True]
    with pytest.warns(UserWarning, match="2 of 3 events lie outside"):
        counts = detection_histories(found, effort, count=True)
    assert counts.loc[("cat", "MARSH")].tolist() == [1, 0, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"1 recording that effort does not have"):
            detection_histories(events(("other.wav", "cat", 1.0, 0.9)), effort)
        with pytest.raises(ValueError, match="events has no column annotation: got"):
            detection_histories(found.drop(columns="annotation"), effort)
        with pytest.raises(
            ValueError, match=r"min_score=0\.5: the events have no score"
        ):
            detection_histories(found[:1].drop(columns="score"), effort, min_score=0.5)
        with pytest.raises(ValueError, match="effort has no column site: got"):
            daily_effort(effort.drop(columns="site"))
        with pytest.raises(ValueError, match="effort has several rows of"):
            daily_effort(pd.concat([effort, effort]))
        with pytest.raises(
            ValueError, match="effort has starts that are no local time"
        ):
            daily_effort(effort.assign(start="2024-05-14T05:30:00+02:00"))
