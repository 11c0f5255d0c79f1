import json
import os
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import MFCCStatistics, UnknownRejector, WavLoader
from skaudio.datasets import make_animal_sounds, make_soundscape
from skaudio.io import AudioFileError, read_annotations
from skaudio.pipelines import window_pipeline
from skaudio.recordings import detect, evaluate_recordings, read_scores, segments

RATE = 16000


def wind(seconds, seed=0):
    return np.random.RandomState(seed).normal(0, 0.01, seconds * RATE).astype("float32")


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    return make_animal_sounds(8, n_classes=3, output_dir=folder, random_state=0)


@pytest.fixture(scope="module")
def plain(clips):
    pipeline = make_pipeline(
        *(WavLoader(), MFCCStatistics(n_mels=32)),
        *(StandardScaler(), LogisticRegression(max_iter=1000)),
    )
    return pipeline.fit(clips.data, clips.target)


@pytest.fixture(scope="module")
def model(plain, clips):
    pipeline = window_pipeline(
        plain, [wind(60)], clip_duration=2.0, n_copies=4, random_state=0
    )
    return pipeline.fit(clips.data, clips.target)


@pytest.fixture(scope="module")
def scene(clips, tmp_path_factory):
    """Two recordings with calls at good signal-to-noise ratios, and their truth."""
    folder = tmp_path_factory.mktemp("recordings")
    truths = []
    for seed, name in enumerate(("MARSH_20240514_053000", "MARSH_20240515_053000")):
        made = make_soundscape(
            clips,
            [wind(30, seed + 5)],
            60,
            rate_per_minute=8,
            snr_db=(15, 25),
            min_gap=2.0,
            random_state=seed,
            output=folder / f"{name}.wav",
        )
        truths.append(made.truth)
    return folder, pd.concat(truths, ignore_index=True)


def test_the_folder_holds_the_tables_that_are_returned(model, scene, tmp_path):
    folder, truth = scene
    found = detect(model, folder, tmp_path / "found", model_id="mine")
    written = pd.read_csv(tmp_path / "found" / "events.csv")
    assert written["annotation"].tolist() == found.events["annotation"].tolist()
    assert written["score"].tolist() == found.events["score"].tolist()
    assert written["datetime"].str[:13].unique().tolist() == [
        "2024-05-14 05",
        "2024-05-15 05",
    ]
    effort = pd.read_csv(tmp_path / "found" / "effort.csv")
    assert effort["seconds_scored"].tolist() == [60.0, 60.0]
    assert effort["site"].tolist() == ["MARSH", "MARSH"]
    pd.testing.assert_frame_equal(
        read_scores(tmp_path / "found" / "scores"), found.scores
    )
    raven = read_annotations(tmp_path / "found" / "raven", recordings=str(folder))
    assert raven["annotation"].tolist() == found.events["annotation"].tolist()
    run = json.loads((tmp_path / "found" / "run.json").read_text())
    assert run["model"] == "mine" and run["events"] == len(found.events)
    assert run["scoring"]["clip_duration"] == 2.0
    # Most calls are found, and background is no event.
    assert not found.events["annotation"].isin(["background"]).any()
    assert len(found.events) > len(truth) / 2


def test_a_second_run_scores_nothing_and_finds_events_anew(model, scene, tmp_path):
    folder, _ = scene
    first = detect(model, folder, tmp_path / "found")
    stamps = {
        p: p.stat().st_mtime_ns for p in (tmp_path / "found/scores").glob("*.pa*")
    }
    again = detect(model, folder, tmp_path / "found", threshold=0.9)
    assert stamps == {path: path.stat().st_mtime_ns for path in stamps}
    assert len(again.events) < len(first.events)
    same = detect(model, folder, tmp_path / "found")
    pd.testing.assert_frame_equal(same.events, first.events)


def test_a_file_that_somebody_worked_in_is_not_replaced(model, scene, tmp_path):
    folder, _ = scene
    detect(model, folder, tmp_path / "found")
    path = next((tmp_path / "found" / "raven").iterdir())
    checked = path.read_text() + "checked by hand\n"
    path.write_text(checked)
    with pytest.raises(FileExistsError, match=r"selections.txt: changed since"):
        detect(model, folder, tmp_path / "found")
    assert path.read_text() == checked


def test_without_background_a_warning_says_that_all_is_taken_for_animals(
    plain, scene, tmp_path
):
    with pytest.warns(UserWarning, match="no class of background.*--background"):
        detect(plain, scene[0], tmp_path / "found", clip_duration=2.0)


def test_sound_in_the_folder_of_results_is_no_recording(model, clips, tmp_path):
    soundfile.write(tmp_path / "dawn.wav", wind(10), RATE)
    found = detect(model, tmp_path, tmp_path / "found", threshold=0.0)
    segments(found.events, tmp_path / "found" / "segments")
    again = detect(model, tmp_path, tmp_path / "found")
    assert again.effort["file"].tolist() == [str(tmp_path / "dawn.wav")]
    with pytest.raises(ValueError, match="lie in the folder of results"):
        detect(model, tmp_path / "found" / "segments", tmp_path / "found")


def test_a_recording_that_cannot_be_read_costs_only_itself(model, tmp_path):
    soundfile.write(tmp_path / "dawn.wav", wind(10), RATE)
    (tmp_path / "dusk.wav").write_bytes(b"no sound at all")
    with pytest.warns(UserWarning, match=r"dusk.wav") as caught:
        found = detect(model, tmp_path, tmp_path / "found")
    assert sum("dusk.wav" in str(one.message) for one in caught) == 1
    assert found.effort["seconds_scored"].tolist()[0] == 10.0
    assert found.effort["seconds_recorded"].isna().tolist() == [False, True]


@pytest.mark.skipif(sys.platform != "linux", reason="names of bytes")
def test_a_name_that_is_no_text_costs_only_its_recording(model, tmp_path):
    (tmp_path / "rec").mkdir()
    for name in (b"dawn.wav", b"\xff.wav"):
        soundfile.write(tmp_path / "made.wav", wind(10), RATE)
        os.rename(tmp_path / "made.wav", os.fsencode(tmp_path / "rec") + b"/" + name)
    with pytest.warns(UserWarning, match=r"udcff.wav: its name is no UTF-8"):
        found = detect(model, tmp_path / "rec", tmp_path / "found")
    assert found.effort["seconds_scored"].tolist() == [10.0]
    assert len(found.run["failed"]) == 1


def test_evaluation_counts_what_is_found_and_names_unknown_classes(model, scene):
    folder, truth = scene
    other = truth.head(1).assign(annotation="unicorn")
    with pytest.warns(UserWarning, match=r"does not know.*unicorn \(1\)"):
        found = evaluate_recordings(model, folder, pd.concat([truth, other]))
    total = found.event_scores.loc["micro"]
    assert total["n_truth"] == len(truth)
    assert total["f1"] > 0.6
    with pytest.raises(ValueError, match="None of 1 annotations is of a class"):
        evaluate_recordings(model, folder, other)


@pytest.fixture
def stereo(tmp_path):
    """A stereo recording whose samples tell their place, and events in it."""
    ramp = np.arange(9 * 8000) / (9 * 8000)
    soundfile.write(tmp_path / "dawn.wav", np.column_stack([ramp, -ramp]), 8000)
    rows = [("Wren", 1.0, 2.0, 0.5), ("Wren", 4.0, 6.0, 0.9), ("A/b", 8.5, 9.5, 0.7)]
    events = pd.DataFrame(
        rows, columns=["annotation", "start_time", "end_time", "score"]
    )
    return events.assign(audio_file=str(tmp_path / "dawn.wav"))


def test_segments_hold_the_sound_of_their_events(stereo, tmp_path):
    table = segments(stereo, tmp_path / "out", padding=0.25)
    assert table["start_time"].tolist() == [0.75, 3.75, 8.25]
    assert table["end_time"].tolist() == [2.25, 6.25, 9.0]
    assert [path.parent.name for path in map(type(tmp_path), table["file"])] == [
        "Wren",
        "Wren",
        "A_b",
    ]
    sound, rate = soundfile.read(table["file"][1])
    assert rate == 8000 and sound.shape == (round(2.5 * 8000), 2)
    assert sound[0, 0] == pytest.approx(3.75 / 9, abs=1e-4)
    assert sound[0, 1] == pytest.approx(-3.75 / 9, abs=1e-4)


def test_segments_take_the_best_or_a_sample_of_each_class(stereo, tmp_path):
    best = segments(stereo, tmp_path / "out", per_class=1)
    assert best["score"].tolist() == [0.9, 0.7]
    drawn = {
        segments(
            stereo, tmp_path / f"{seed}", per_class=1, pick="random", random_state=seed
        )["score"][0]
        for seed in range(9)
    }
    assert drawn == {0.5, 0.9}


def test_segments_of_an_earlier_call_are_named(stereo, tmp_path):
    folder = tmp_path / "out"
    earlier = segments(stereo, folder)
    with pytest.warns(UserWarning, match="in the folders of the segments before"):
        assert len(segments(stereo, folder, per_class=1)) == len(earlier) - 1


def test_segments_are_not_put_among_other_sounds(stereo, tmp_path):
    folder = tmp_path / "Training"
    make_animal_sounds(2, n_classes=2, output_dir=tmp_path, random_state=0)
    before = sorted(folder.rglob("*"))
    with pytest.raises(FileExistsError, match=r"Training: .* are no segments \(.*more"):
        segments(stereo, folder)
    assert sorted(folder.rglob("*")) == before
    # Those that a person has sorted are its own still.
    table = segments(stereo, tmp_path / "out")
    (tmp_path / "out" / "noise").mkdir()
    os.rename(
        table["file"][0], tmp_path / "out" / "noise" / "0.500_dawn_1.000-2.000s.wav"
    )
    assert len(segments(stereo, tmp_path / "out")) == 3
    os.rename(table["file"][0], tmp_path / "out" / "mine.wav")
    with pytest.raises(FileExistsError, match=r"mine\.wav"):
        segments(stereo, tmp_path / "out")
    with pytest.raises(ValueError, match="padding=-1"):
        segments(stereo, tmp_path / "new", padding=-1)
    assert not (tmp_path / "new").exists()


def test_segments_name_events_and_recordings_that_cannot_be_cut(stereo, tmp_path):
    stereo.loc[2, ["start_time", "end_time"]] = 20.0, 21.0
    gone = stereo.head(1).assign(audio_file=str(tmp_path / "gone.wav"))
    events = pd.concat([stereo, gone])
    with pytest.warns(UserWarning, match=r"(?s)outside the 9 s.*gone.wav: no such"):
        table = segments(events, tmp_path / "out")
    assert len(table) == 2
    with pytest.raises(AudioFileError, match="outside the 9 s"):
        segments(events, tmp_path / "out", on_error="raise")
    with pytest.raises(ValueError, match="no column audio_file"):
        segments(events.drop(columns="audio_file"), tmp_path / "out")


def test_progress_is_shown_of_the_scores_and_of_the_page(
    model, scene, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    detect(model, scene[0], tmp_path / "found", verbose=1, threshold=0.2)
    shown = capsys.readouterr().err
    assert shown.index("2 recordings") < shown.index("events of the page")
    detect(model, scene[0], tmp_path / "found", threshold=0.2)
    assert not capsys.readouterr().err


def test_sounds_of_no_class_are_events_called_unknown(clips, tmp_path):
    head = UnknownRejector(
        LogisticRegression(max_iter=1000), as_class=True, random_state=0
    )
    plain = make_pipeline(
        *(WavLoader(), MFCCStatistics(n_mels=32), StandardScaler(), head)
    )
    pipeline = window_pipeline(plain, [wind(60)], clip_duration=2.0, random_state=0)
    pipeline.fit(clips.data, clips.target)
    sound = wind(40, 7)
    seconds = np.arange(5 * RATE) / RATE
    clicks = np.sin(2 * np.pi * 7500 * seconds) * (seconds % 0.05 < 0.01)
    sound[20 * RATE : 25 * RATE] += 0.3 * clicks
    soundfile.write(tmp_path / "night.wav", sound, RATE)
    events = detect(pipeline, tmp_path / "night.wav", tmp_path / "found").events
    there = (events["start_time"] < 25) & (events["end_time"] > 20)
    assert set(events["annotation"][there]) == {"unknown"}
    assert (events["score"][there] > 0.9).all()
