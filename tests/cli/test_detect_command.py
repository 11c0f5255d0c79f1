import json

import numpy as np
import pandas as pd
import pytest
import soundfile

from skaudio import load_model
from skaudio._utils.file_types import is_replaceable
from skaudio.datasets import load_audio_folder, make_animal_sounds, make_soundscape
from skaudio.io import write_annotations
from skaudio.recordings import draw_for_review

RATE = 16000


def wind(seconds, seed=0):
    return np.random.RandomState(seed).normal(0, 0.01, seconds * RATE)


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    """A folder with clips, background, a recording with calls, and its truth."""
    folder = tmp_path_factory.mktemp("field")
    make_animal_sounds(5, n_classes=2, output_dir=folder / "clips", random_state=0)
    (folder / "quiet").mkdir()
    soundfile.write(folder / "quiet" / "night.wav", wind(20), RATE)
    (folder / "recordings").mkdir()
    clips = load_audio_folder(folder / "clips" / "Training")
    scene = make_soundscape(
        clips,
        [wind(30, 5)],
        40,
        snr_db=(10, 20),
        random_state=0,
        output=folder / "recordings" / "dawn.wav",
    )
    write_annotations(scene.truth, folder / "truth", "raven")
    return folder


@pytest.fixture(scope="module")
def model(field, quick_model):
    return quick_model(field / "clips" / "Training", field / "plain.skaudio")


def test_from_clips_and_background_to_events_segments_and_scores(
    field, tmp_path, command
):
    model, found = tmp_path / "model.skaudio", tmp_path / "found"
    status, _, err = command(
        *("train", field / "clips" / "Training", "--classifier", "cnn1d", "-j", 1),
        *("--background", field / "quiet", "-o", model),
    )
    assert status == 0, err
    assert "cnn1d for the windows of recordings" in err
    # 20 s in windows of 3 s that overlap by half
    assert "background: 13 windows and clips" in err
    assert load_model(model).classes_.tolist() == ["background", "cat", "cow"]

    status, out, err = command(
        *("detect", model, field / "recordings", "-o", found),
        *("--min-confidence", 0.0, "--format", "audacity"),
    )
    assert status == 0, err
    assert "in 40 seconds of 1 recording\n" in out
    assert "no class of background" not in err
    run = json.loads((found / "run.json").read_text())
    assert run["model"].startswith("model.skaudio sha256:")
    assert run["scoring"]["clip_duration"] == 3.0
    assert (found / "audacity" / "dawn.txt").is_file()
    assert not (found / "raven").exists()

    status, out, err = command(
        *("segments", found / "events.csv", "-o", tmp_path / "cut", "--per-class", 1)
    )
    assert status == 0, err
    events = pd.read_csv(found / "events.csv")
    assert len(out.splitlines()) == events["annotation"].nunique()

    status, out, err = command(
        *("evaluate", model, field / "recordings", "--annotations", field / "truth"),
        *("--json", tmp_path / "scores.json"),
    )
    assert status == 0, err
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["event_scores"]["micro"]["n_truth"] == 7
    assert "7 annotations" in out
    assert is_replaceable(tmp_path / "scores.json", "scores.json")
    n_background, n_windows = scores["n_background"], scores["n_windows"]
    assert 0 < n_background < n_windows
    assert f"background: {n_background} of {n_windows} windows hold no ann" in out


def test_a_folder_named_background_makes_a_model_for_recordings(
    field, tmp_path, command
):
    clips = tmp_path / "clips"
    make_animal_sounds(4, n_classes=2, output_dir=tmp_path / "made", random_state=0)
    (tmp_path / "made" / "Training").rename(clips)
    (clips / "noise").mkdir()
    for number in range(4):
        soundfile.write(clips / "noise" / f"{number}.wav", wind(4, number), RATE)
    status, _, err = command(
        *("train", clips, "--classifier", "cnn1d", "-j", 1, "-o", tmp_path / "m.joblib")
    )
    assert status == 0, err
    assert "for the windows of recordings" in err
    assert "background: 4 windows and clips" in err


def test_detect_without_background_warns(field, model, tmp_path, command):
    status, _, err = command(
        *("detect", model, field / "recordings", "-o", tmp_path / "found"),
        *("--window", 2),
    )
    assert status == 0, err
    assert "no class of background" in err


def test_an_unreadable_recording_is_named_and_the_others_are_kept(
    field, model, tmp_path, command
):
    (tmp_path / "dusk.wav").write_bytes(b"nothing")
    status, out, err = command(
        *("detect", model, field / "recordings", tmp_path / "dusk.wav"),
        *("-o", tmp_path / "found", "--window", 2),
    )
    assert status == 1
    assert "dusk.wav: not a sound file" in err and "1 of 2 recordings" in out
    assert len(pd.read_csv(tmp_path / "found" / "effort.csv")) == 2


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("--min-confidence", 7), "--min-confidence 7.0: expected 0 to 1"),
        (("--format", "excel"), "--format 'excel'"),
        (("--window", 0), "--window 0"),
        (("--window", 2, "--overlap", 2), "--overlap 2.0 with --window 2.0: each"),
        (("--window", 2, "--sites", "("), "--sites '('"),
        (("--window", 2, "--time-zone", "Nowhere"), "--time-zone 'Nowhere'"),
        ((), "--window: the model has no window of its own, expected the"),
        (("--window", 2, "--channel", "left"), "--channel 'left': expected 'mix'"),
    ],
)
def test_bad_options_are_named_in_one_line(
    arguments, message, field, model, tmp_path, command
):
    status, _, err = command(
        *("detect", model, field / "recordings", "-o", tmp_path / "found", *arguments)
    )
    assert status == 1
    (line,) = [line for line in err.splitlines() if line.startswith("error:")]
    assert message in line


def test_results_are_replaced_by_those_of_other_recordings_only_on_request(
    field, model, tmp_path, command
):
    found = tmp_path / "found"
    options = ("-o", found, "--window", 2)
    status, _, err = command("detect", model, field / "recordings", *options)
    assert status == 0, err
    before = {path: path.read_bytes() for path in found.rglob("*") if path.is_file()}
    soundfile.write(tmp_path / "other.wav", wind(10), RATE)
    for arguments, message in (
        ((tmp_path / "nothere",), "nothere: no such folder or file"),
        ((tmp_path / "other.wav",), f"{found}: holds the results of 1 recording"),
    ):
        status, out, err = command("detect", model, *arguments, *options)
        assert (status, out) == (1, "")
        assert message in err
        assert before == {path: path.read_bytes() for path in before}
    status, _, err = command(
        "detect", model, tmp_path / "other.wav", *options, "--replace"
    )
    assert status == 0, err
    assert len(pd.read_csv(found / "effort.csv")) == 1
    status, _, err = command("embed", tmp_path / "nothere", "-o", tmp_path / "index")
    assert status == 1 and "nothere: no such folder or file" in err


def test_a_recording_is_no_clip_to_predict(model, tmp_path, command):
    soundfile.write(tmp_path / "dawn.wav", wind(120), RATE)
    status, _, err = command("predict", model, tmp_path / "dawn.wav")
    assert status == 1
    assert "skaudio detect" in err


def test_thresholds_are_used_and_their_promises_printed(
    field, model, tmp_path, command
):
    first, second = tmp_path / "first", tmp_path / "second"
    where = (model, field / "recordings")
    status, _, err = command(
        *("detect", *where, "-o", first, "--min-confidence", 0.1, "--window", 2)
    )
    assert status == 0, err
    events = pd.read_csv(first / "events.csv")
    verdicts = draw_for_review(events, 100, random_state=0).assign(verdict="yes")
    verdicts.to_csv(tmp_path / "verdicts.csv", index=False)
    status, _, err = command("calibrate", first, tmp_path / "verdicts.csv")
    assert status == 0, err
    thresholds = ("--thresholds", first / "thresholds.json")
    status, out, err = command("detect", *where, "-o", second, *thresholds)
    assert status == 0, err
    assert out.count("known, for all were checked") == events["annotation"].nunique()
    assert (
        f"{len(events)} events reach the threshold of the class, in events_checked.csv"
        in out
    )
    assert len(pd.read_csv(second / "events_checked.csv")) == len(events)
    status, _, err = command(
        *("detect", *where, "-o", second, *thresholds, "--overlap", 0.5)
    )
    assert status == 1
    assert "error: --overlap 0.5: " in err
