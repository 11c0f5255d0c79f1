"""Annotations written and read back, by ourselves and by other packages."""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from crowsetta.formats.bbox import AudBBox, Raven
from crowsetta.formats.seq import AudSeq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skaudio.io import ANNOTATION_FORMATS, read_annotations, write_annotations

TEXT = ["audio_file", "annotation_file", "annotation"]
NUMBERS = ["start_time", "end_time", "low_f", "high_f"]
NOTHING = ("NA", "N/A", "#N/A", "NaN", "nan", "<NA>", "NULL", "null", "None")
# What each format carries beside file, label and times.
CARRIES = {
    "raven": ["low_f", "high_f", "score"],
    "audacity": ["low_f", "high_f"],
    "birdnet": ["score"],
    "opensoundscape": ["annotation_file", "low_f", "high_f", "score"],
    "kaleidoscope": ["score"],
    "plain": [],
}


def table(rows):
    """Make an annotation table from rows of file, label, start, end, low, high."""
    frame = pd.DataFrame(rows, columns=["audio_file", "annotation", *NUMBERS])
    frame.insert(1, "annotation_file", None)
    return frame.astype(dict.fromkeys(TEXT, object) | dict.fromkeys(NUMBERS, float))


def carried(frame, format):
    """Keep what a format carries of a table."""
    kept = frame.assign(annotation_file=None)
    lost = [name for name in ("low_f", "high_f") if name not in CARRIES[format]]
    kept = kept.assign(**dict.fromkeys(lost, np.nan))
    if "score" in kept and ("score" not in CARRIES[format] or kept.score.isna().all()):
        kept = kept.drop(columns="score")
    return kept.astype(dict.fromkeys(TEXT, object))


def again(frame, format, folder, **options):
    """Write a table and read it."""
    path = Path(folder, "out")
    if format not in ("raven", "audacity"):
        path = Path(folder, f"{format}.csv")
    write_annotations(frame, path, format)
    if not path.exists():
        return None
    return read_annotations(path, format, **options).assign(annotation_file=None)


line_ends = "".join(map(chr, (*range(32), *range(127, 160), 0x2028, 0x2029)))
words = st.text(
    st.one_of(
        st.sampled_from("\"',;|\\ #=+-*_0.é鳥🐦\u00a0\ufeff"),
        st.characters(exclude_characters=line_ends, exclude_categories=["Cs"]),
    ),
    min_size=1,
    max_size=8,
).filter(lambda text: text.strip() and text.strip() not in NOTHING)
seconds = st.floats(0, 1e6, allow_subnormal=False)
hertz = st.one_of(st.just(np.nan), st.floats(0, 2e5))
scores = st.one_of(st.just(np.nan), st.floats(-50, 50, width=32))


@st.composite
def annotations(draw, files):
    """Draw a table with hostile labels and any numbers."""
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        times = sorted([draw(seconds), draw(seconds)])
        band = sorted([draw(hertz), draw(hertz)])
        rows.append([draw(files), draw(words), *times, *band])
    frame = table(rows)
    frame["score"] = np.array([draw(scores) for _ in rows], dtype=float)
    return frame


paths = st.sampled_from(
    ["a.wav", "x/a.wav", "y z/b, c.flac", '"q".mp3', "/mnt/a.wav", "x//a.wav", "é.wav"]
)
any_folder = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize(
    "format", ["birdnet", "opensoundscape", "kaleidoscope", "plain"]
)
@any_folder
@given(frame=annotations(paths))
def test_one_table_comes_back_to_the_last_digit(tmp_path, format, frame):
    found = again(frame, format, tmp_path)
    pd.testing.assert_frame_equal(found, carried(frame, format), check_exact=True)


@any_folder
@given(frame=annotations(paths))
def test_raven_comes_back_with_the_paths_in_it(tmp_path, frame):
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    written = write_annotations(frame, folder, "raven")
    assert len(written) == frame["audio_file"].map(os.path.abspath).nunique()
    if written:
        found = read_annotations(folder, "raven").assign(annotation_file=None)
        expected = carried(frame, "raven")
        order = [*expected.columns]
        pd.testing.assert_frame_equal(
            found[order].sort_values(order, ignore_index=True),
            expected.sort_values(order, ignore_index=True),
            check_exact=True,
        )


@any_folder
@given(frame=annotations(st.just("a.wav")))
def test_audacity_comes_back(tmp_path, frame):
    path = tmp_path / "a.txt"
    write_annotations(frame, path, "audacity")
    found = read_annotations(path, "audacity", audio_file="a.wav")
    pd.testing.assert_frame_equal(
        found.assign(annotation_file=None), carried(frame, "audacity"), check_exact=True
    )


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_crowsetta_opens_what_was_written(tmp_path, tone):
    file = str(tone("dawn.wav", sample_rate=8000))
    labels = ["x", '"q" s', 'mid "q"', "é鳥, ;", " spaces "]
    rows = [[file, name, 0.125, 60.5, 100, 2000.5] for name in labels]
    rows.append([file, "no band", 1, 2, np.nan, np.nan])
    frame = table(rows)
    (path,) = write_annotations(frame, tmp_path / "raven", "raven")
    boxes = Raven.from_file(path).to_bbox()
    assert [box.label for box in boxes] == frame["annotation"].tolist()
    assert [(box.onset, box.offset) for box in boxes] == [
        *[(0.125, 60.5)] * 5,
        (1.0, 2.0),
    ]
    bands = [(box.low_freq, box.high_freq) for box in boxes]
    assert bands == [*[(100, 2000.5)] * 5, (0, 4000)]
    (path,) = write_annotations(frame[:-1], tmp_path / "audacity", "audacity")
    boxes = AudBBox.from_file(path).to_bbox()
    assert [box.label for box in boxes] == labels
    assert {(box.onset, box.offset) for box in boxes} == {(0.125, 60.5)}
    assert {(box.low_freq, box.high_freq) for box in boxes} == {(100, 2000.5)}
    (path,) = write_annotations(frame[-1:], tmp_path / "audacity", "audacity")
    simple = AudSeq.from_file(path).to_seq()
    assert simple.labels.tolist() == ["no band"]
    assert (simple.onsets_s.tolist(), simple.offsets_s.tolist()) == ([1], [2])


def test_scores_of_float32_and_times_of_any_size_come_back(tmp_path):
    frame = table([["a.wav", "x", 0.1, 0.3, np.nan, np.nan]] * 2)
    frame["score"] = np.array([0.1, 1e-7], dtype=np.float32)
    frame["start_time"] = [sys.float_info.min, 5e-324]
    for format in ("raven", "birdnet", "opensoundscape", "kaleidoscope"):
        found = again(frame, format, tmp_path)
        assert found["score"].tolist() == frame["score"].astype(float).tolist()
        assert found["start_time"].tolist() == frame["start_time"].tolist()
        assert found["end_time"].tolist() == [0.3, 0.3]


def test_opensoundscape_opens_what_was_written(tmp_path):
    # Its package is not among ours: what BoxedAnnotations.from_csv and
    # .from_raven_files of 0.13 do, by their source.
    frame = table([["a.wav", 'x "y", z', 0.125, 0.5, 100, 2000.5]])
    events = frame.assign(score=0.5, peak_start_time=0.25, path="other", note=None)
    (path,) = write_annotations(events, tmp_path / "events.csv", "opensoundscape")
    opened = pd.read_csv(path)
    assert opened.columns.tolist() == [*events.columns]
    kept = ["audio_file", "annotation", *NUMBERS, "score", "peak_start_time", "path"]
    assert opened[kept].to_numpy().tolist() == events[kept].to_numpy().tolist()
    # Columns of the user are no second path.
    assert read_annotations(path)["audio_file"].tolist() == ["a.wav"]
    (path,) = write_annotations(frame, tmp_path, "raven")
    opened = pd.read_csv(path, delimiter="\t")
    opened = opened.rename(
        columns={
            "Annotation": "annotation",
            "Begin Time (s)": "start_time",
            "End Time (s)": "end_time",
            "Low Freq (Hz)": "low_f",
            "High Freq (Hz)": "high_f",
        },
        errors="raise",
    )
    kept = ["annotation", *NUMBERS]
    assert opened[kept].to_numpy().tolist() == frame[kept].to_numpy().tolist()
    assert Path(path).name == "a.selections.txt"
    assert opened["View"].tolist() == ["Spectrogram 1"]


def test_recordings_of_one_name_do_not_collide(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = ["north/dawn.wav", "south/dawn.wav", "south/dusk.wav", "south/dusk.flac"]
    for file in [*files, "far/off/DAWN.wav"]:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch()
    files.append("far/off/DAWN.wav")
    frame = table([[file, f"of {file}", 0, 1, np.nan, np.nan] for file in files])
    for format, ending in (("raven", ".selections.txt"), ("audacity", ".txt")):
        written = write_annotations(frame, tmp_path / format, format)
        names = [Path(p).relative_to(tmp_path / format).as_posix() for p in written]
        assert sorted(names) == sorted(
            f"{name}{ending}"
            for name in (
                *("north/dawn", "south/dawn", "far/off/DAWN"),
                *("dusk.wav", "dusk.flac"),
            )
        )
        # Audacity's have no file inside: by the names of the tables alone.
        found = read_annotations(tmp_path / format, format, recordings=tmp_path)
        where = [Path(f).relative_to(tmp_path).as_posix() for f in found.audio_file]
        assert [f"of {file}" for file in where] == found["annotation"].tolist()
        assert len(found) == 5


def test_an_unknown_band_is_a_box_in_raven(tmp_path, tone):
    file = str(tone("dawn.wav", sample_rate=8000))
    rows = [[file, "x", 0, 1, np.nan, np.nan], [file, "y", 1, 2, 5000, np.nan]]
    (path,) = write_annotations(table(rows), tmp_path / "out", "raven")
    opened = pd.read_csv(path, sep="\t")
    assert opened["Low Freq (Hz)"].tolist() == [0, 5000]
    assert opened["High Freq (Hz)"].tolist() == [4000, 5000]
    (path,) = write_annotations(
        table([["gone.wav", "x", 0, 1, np.nan, np.nan]]), tmp_path / "out", "raven"
    )
    assert pd.read_csv(path, sep="\t")["High Freq (Hz)"].tolist() == [24000]


@pytest.mark.parametrize("format", ANNOTATION_FORMATS)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"annotation": "a\nb"},
            r"Row 1 .*annotation is 'a\\nb', with a tab, an end of",
        ),
        ({"annotation": "a\u2028b"}, "an end of line or another control character"),
        ({"annotation": " "}, "annotation is ' ', which stands for nothing known"),
        ({"annotation": "NA"}, "annotation is 'NA', which stands for nothing known"),
        ({"annotation": None}, "annotation is None, which stands for nothing known"),
        ({"annotation": "\ud800"}, "expected text that UTF-8 can encode"),
        ({"audio_file": None}, "Row 1 of .*audio_file is None, expected a path"),
        ({"audio_file": "a\n.wav"}, "audio_file is .*rename it"),
        ({"start_time": -1.0}, r"start_time is -1\.0, expected seconds from 0 to"),
        ({"end_time": np.nan}, "end_time is nan, expected seconds"),
        ({"start_time": 9.0}, r"end_time 1\.0 is before start_time 9\.0"),
        ({"low_f": 9e3}, r"high_f 200\.0 is below low_f 9000\.0"),
        ({"high_f": np.inf}, "high_f is inf, expected Hz from 0 to"),
        ({"score": np.inf}, "score is inf, expected a number"),
    ],
    ids=lambda value: None if isinstance(value, str) else "-".join(map(str, value)),
)
def test_what_no_file_can_hold_is_refused(tmp_path, format, change, reason):
    frame = table([["a.wav", "x", 0, 1, 100, 200]] * 2).assign(score=0.5)
    for name, value in change.items():
        frame.loc[1, name] = value
    path = tmp_path / "out.csv"
    with pytest.raises(ValueError, match=reason) as caught:
        write_annotations(frame, path, format)
    assert "\n" not in str(caught.value)
    assert not path.exists()


def test_tabs_are_refused_where_they_separate_columns(tmp_path):
    frame = table([["a.wav", "x\ty", 0, 1, 100, 200]])
    for format in ("raven", "audacity"):
        with pytest.raises(ValueError, match=f"files of format '{format}' cannot hold"):
            write_annotations(frame, tmp_path, format)
    found = again(frame, "plain", tmp_path)
    assert found["annotation"].tolist() == ["x\ty"]


def test_bad_tables_and_paths(tmp_path):
    frame = table([[f"{name}.wav", "x", 0, 1, 1, 2] for name in "ab"])
    with pytest.raises(ValueError, match=r"of 2 recordings, of which a file of form"):
        write_annotations(frame, tmp_path / "a.txt", "raven")
    with pytest.raises(ValueError, match=r"no column end_time: got \['audio_file'"):
        write_annotations(frame.drop(columns="end_time"), tmp_path, "raven")
    with pytest.raises(ValueError, match="Column low_f of the annotations does not"):
        write_annotations(frame.assign(low_f="low"), tmp_path, "raven")
    with pytest.raises(ValueError, match="'excel'"):
        write_annotations(frame, tmp_path, "excel")
    with pytest.raises(IsADirectoryError, match="expected the name of a file"):
        write_annotations(frame, tmp_path, "birdnet")
    assert write_annotations(frame[:0], tmp_path / "none", "raven") == []
    (path,) = write_annotations(frame[:0], tmp_path / "a.txt", "raven")
    assert read_annotations(path, audio_file="a.wav").empty
