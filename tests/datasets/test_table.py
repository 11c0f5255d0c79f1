"""Clips, labels and groups from tables."""

import warnings

import numpy as np
import pandas as pd
import pytest
import soundfile

from skaudio import AudioFileError, MFCCStatistics, WavLoader
from skaudio.datasets import load_audio_table
from skaudio.export import load_model, save_model
from skaudio.model_selection import cross_validated_report
from skaudio.pipelines import baseline_pipelines


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two recordings of 4 s, and clips."""
    folder = tmp_path_factory.mktemp("table")
    for seed, name in enumerate(["dawn.wav", "dusk.wav", "1.wav", "2.wav"]):
        noise = np.random.default_rng(seed).uniform(-0.5, 0.5, 8000 * 4)
        soundfile.write(folder / name, noise, 8000)
    return folder


def write(folder, *rows):
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    return folder / "table.csv"


def test_spans_labels_and_groups(folder):
    path = write(
        folder,
        "Start (s),End (s),Scientific name,Common name,Confidence,File",
        "0,1.5,Troglodytes troglodytes,Wren,0.9,dawn.wav",
        "2,3.5,Erithacus rubecula,Robin,0.8,dawn.wav",
        "1,2,Troglodytes troglodytes,Wren,0.7,dusk.wav",
    )
    clips = load_audio_table(path)
    assert clips.target.tolist() == ["Wren", "Robin", "Wren"]
    assert clips.groups.tolist() == [0, 0, 1]
    assert clips.data.columns.tolist() == ["file", "start_time", "end_time"]
    assert clips.target_names == ["Robin", "Wren"] and clips.rejected.empty
    assert clips.frame["duration"].tolist() == [1.5, 1.5, 1.0]
    assert clips.frame["Confidence"].tolist() == ["0.9", "0.8", "0.7"]
    assert clips.columns == {
        "file": "File",
        "start_time": "Start (s)",
        "end_time": "End (s)",
        "label": "Common name",
    }
    species = load_audio_table(path, label="Scientific name")
    assert species.target[0] == "Troglodytes troglodytes"
    # Also as a DataFrame, whose paths are relative to the root that is given.
    same = load_audio_table(pd.read_csv(path), folder)
    assert same.target.tolist() == clips.target.tolist()
    pd.testing.assert_frame_equal(same.data, clips.data)
    lengths = [len(waveform) for waveform in WavLoader(8000).transform(clips.data)]
    assert lengths == [12000, 12000, 8000]


def test_whole_files(folder):
    path = write(
        folder,
        "filename,fold,target,category,esc10,src_file,take",
        "1.wav,1,0,dog,True,7,A",
        "2.wav,1,1,cow,True,7,B",
        "dawn.wav,1,1,cow,True,9,A",
    )
    clips = load_audio_table(path)
    assert clips.data.tolist() == [str(folder / f"{n}.wav") for n in (1, 2, "dawn")]
    assert clips.target.tolist() == ["dog", "cow", "cow"]
    assert clips.groups.tolist() == [0, 0, 1]
    assert clips.columns["group"] == "src_file"
    assert load_audio_table(path, groups="take").groups.tolist() == [0, 1, 0]
    assert load_audio_table(path, groups=[1, 2, 1]).groups.tolist() == [0, 1, 0]
    assert load_audio_table(path, groups=lambda files: files).groups.max() == 2
    listed = load_audio_table(path, groups=None)
    assert listed.groups is None and listed.data.tolist() == clips.data.tolist()


def test_columns_of_the_table_stay(folder):
    rows = ["file,duration,label,species", "1.wav,long,call,wren", "2.wav,x,song,owl"]
    clips = load_audio_table(write(folder, *rows), label="species")
    assert clips.target.tolist() == ["wren", "owl"]
    assert clips.frame["label_in_table"].tolist() == ["call", "song"]
    assert clips.frame["duration_in_table"].tolist() == ["long", "x"]
    assert clips.frame["duration"].tolist() == [4.0, 4.0]


def test_bad_clips_are_named_and_the_others_kept(folder):
    path = write(
        folder,
        "file,start,end,label",
        "dawn.wav,0,1,a",
        "gone.wav,0,1,a",
        "dawn.wav,3,2,b",
        "dawn.wav,-1,2,b",
        "dawn.wav,8,9,b",
        "dusk.wav,1,2,b",
    )
    with pytest.warns(UserWarning, match="4 of 6 clips cannot be read") as caught:
        clips = load_audio_table(path)
    assert clips.target.tolist() == ["a", "b"]
    for reason in ("gone.wav: no such file", "from 3.0 to 2.0", "from 8.0 to 9.0"):
        assert reason in str(caught[0].message)
    assert clips.rejected["start_time"].tolist() == [0, 3, -1, 8]
    assert clips.rejected["label"].tolist() == ["a", "b", "b", "b"]
    with pytest.raises(AudioFileError, match=r"gone\.wav: no such file; and 3 more"):
        load_audio_table(path, on_error="raise")
    path = write(folder, "file,start,end,label", "dawn.wav,8,9,b")
    with pytest.raises(
        ValueError, match=r"table\.csv: none of its 1 clips can be read"
    ):
        load_audio_table(path)


def test_faults_that_a_table_is_warned_of(folder):
    path = write(
        folder,
        "file,start,end,label",
        "dawn.wav,0,1,wren",  # Raven lists a selection once per view
        "dawn.wav,0.0,1.0,wren",
        "dawn.wav,1,2,Wren",
        "dawn.wav,3,9,owl",
        "dusk.wav,1,2,owl",
        "dusk.wav,1,2,wren",
    )
    with pytest.warns(UserWarning) as caught:
        clips = load_audio_table(path)
    assert len(clips.data) == 5
    texts = "\n".join(str(warning.message) for warning in caught)
    for part in (
        "table.csv: 1 of 6 rows repeat an earlier one and are left out",
        "1 clips have more than one label, such as",
        "dusk.wav (1.0-2.0 s): owl and wren",
        "'Wren' and 'wren'",
        "1 clips end after their file, and are shorter than listed, such as",
        "dawn.wav (3.0-9.0 s): 1.00 s",
    ):
        assert part in texts, texts


@pytest.mark.parametrize(
    ("rows", "arguments", "reason"),
    [
        (["file,label", "1.wav,"], {}, r"column 'label' contains NaN.*row 0 is None"),
        (["file,label,group", "1.wav,a,"], {}, r"column 'group' contains NaN, None or"),
        (
            ["file,x", "1.wav,a"],
            {},
            r"has the columns \['file',.*expected one of labels",
        ),
        (["file,label", "1.wav,a"], {"label": "y"}, "expected one called 'y'"),
        (["file,label", "1.wav,a"], {"groups": "y"}, "expected one called 'y'"),
        (["file,label", "1.wav,a"], {"groups": [1, 2]}, "groups has 2 entries"),
        (["file,label"], {}, "table.csv: has no rows"),
        (["file,label", "1.wav,a", "1.wav,b"], {}, r"1\.wav has 2 rows without start"),
        (["file,label", "1.wav,a"], {"on_error": "skip"}, "on_error='skip': expected"),
    ],
)
def test_bad_tables_are_refused_in_one_line(folder, rows, arguments, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        load_audio_table(write(folder, *rows), **arguments)
    assert "\n" not in str(caught.value)


def test_a_table_goes_through_report_and_saved_model(folder):
    rows = [
        f"{name}.wav,{start},{start + 1},{'wren' if start % 2 else 'owl'}"
        for name in ("dawn", "dusk", "1", "2")
        for start in range(4)
    ]
    clips = load_audio_table(write(folder, "file,begin,end,species", *rows))
    pipeline = baseline_pipelines()["mfcc_svm"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = cross_validated_report(
            pipeline, clips.data, clips.target, clips.groups, cv=2, audit=False
        )
    assert report.predictions["start_time"].tolist() == [0.0, 1.0, 2.0, 3.0] * 4
    assert isinstance(pipeline["mfcc"], MFCCStatistics)
    pipeline.fit(clips.data, clips.target)
    save_model(pipeline, folder / "model.joblib", training_clips=clips)
    assert len(load_model(folder / "model.joblib").training_clips_) == 16
