"""The command, run as a user runs it: in a process of its own."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile
from sound_files import bat_call

from skaudio import load_model, save_model
from skaudio.cli._ablate import PretrainingName
from skaudio.cli._options import FEATURES, ClassifierName, HeadName
from skaudio.datasets import load_audio_folder, make_animal_sounds
from skaudio.metrics import score_predictions
from skaudio.pipelines import HEADS, PIPELINES
from skaudio.pipelines._reference_pipelines import PRETRAININGS
from skaudio.pretrained import EMBEDDERS


@pytest.fixture(scope="module")
def model(skaudio, clip_folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.skaudio"
    run = skaudio("train", clip_folder, "--classifier", "cnn1d", "-o", path)
    assert "24 clips of 3 classes" in run.stderr and "saved" in run.stderr
    assert "--cv 5" in run.stdout
    return path


def test_evaluate_writes_the_scores_of_the_model(skaudio, model, clip_folder, tmp_path):
    out = tmp_path / "scores.json"
    run = skaudio("evaluate", model, clip_folder, "--json", out)
    clips = load_audio_folder(clip_folder)
    expected = score_predictions(clips.target, load_model(model).predict(clips.data))
    written = json.loads(out.read_text())
    assert written["per_class"] == expected["per_class"]
    for name in ("accuracy", "weighted_f1", "macro_f1", "balanced_accuracy"):
        assert written[name] == expected[name]
        assert f"{expected[name]:.3f}" in run.stdout
    assert "support" in run.stdout


def test_predict(skaudio, model, clip_folder, tmp_path):
    clips = load_audio_folder(clip_folder)
    (tmp_path / "void").mkdir()
    bad = tmp_path / "bad.wav"
    bad.write_text("no sound")
    out = tmp_path / "predictions.csv"
    files = (clip_folder, bad, tmp_path / "void", bad)
    run = skaudio("predict", model, *files, "--csv", out, status=1)
    assert "void: no audio in it" in run.stderr
    assert f"error: {bad}: not a sound file" in run.stderr
    table = pd.read_csv(out)
    assert table["file"].tolist() == [*clips.data, str(bad)]
    assert table.columns[:4].tolist() == [
        "file",
        "start_time",
        "end_time",
        "prediction",
    ]
    pipe = load_model(model)
    expected = pipe.predict_proba(clips.data)
    np.testing.assert_allclose(table[pipe.classes_][:-1], expected, rtol=1e-4)
    assert table["prediction"][:-1].tolist() == pipe.predict(clips.data).tolist()
    assert table.iloc[-1][pipe.classes_].isna().all()
    for file, label in zip(clips.data, pipe.predict(clips.data), strict=True):
        assert any(
            line.startswith(label) and line.endswith(file)
            for line in run.stdout.splitlines()
        )


def test_predict_reads_as_the_model_does(skaudio, model, clip_folder, tmp_path):
    good = next(clip_folder.rglob("*.wav"))
    wave, rate = soundfile.read(good)
    inverted, out = tmp_path / "inverted.wav", tmp_path / "predictions.csv"
    soundfile.write(inverted, np.c_[wave, -0.9 * wave], rate)
    bat = bat_call(tmp_path / "bat.wav")
    odd = tmp_path / os.fsdecode(b"caf\xe9.wav")
    shutil.copy(good, odd)
    files = (inverted, bat, odd)
    run = skaudio("predict", model, *files, "--csv", out, status=1)
    assert f"error: {bat}: " in run.stderr and "above 8 kHz" in run.stderr
    assert run.stderr.count(f"warning: {inverted}: its channels cancel") == 1
    assert r"caf\udce9.wav" in run.stdout
    table = pd.read_csv(out)
    assert table["prediction"].isna().tolist() == [False, True, False]
    skaudio("predict", model, inverted, "--channel", "loudest", "--csv", out)
    (row,) = pd.read_csv(out)["prediction"]
    assert row == table["prediction"][2]
    run = skaudio("evaluate", model, clip_folder, "--channel", 1, status=1)
    assert "None of 24 clips can be read" in run.stderr


def test_predict_survives_a_narrow_terminal_and_names_silence(model, tmp_path):
    silent = tmp_path / "тишина.wav"
    soundfile.write(silent, np.full(8000, 0.3), 16000)
    run = subprocess.run(
        [sys.executable, "-m", "skaudio", "predict", model, silent],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=True,
    )
    assert b"\\u0442" in run.stdout and b"is silent" in run.stderr


def test_train_with_test_and_folds_and_a_bad_clip(skaudio, clip_folder, tmp_path):
    folder = tmp_path / "clips"
    for file in clip_folder.rglob("*.wav"):
        copy = folder / file.parent.name / file.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    (folder / "cat" / "broken.wav").write_bytes(b"RIFF")
    bat_call(folder / "cat" / "bat.wav")
    out = tmp_path / "m.skaudio"
    run = skaudio(
        *("train", folder, "--test", clip_folder, "--classifier", "cnn1d"),
        *("--cv", 2, "--seed", 3, "-o", out),
    )
    assert "1 of 26 clips cannot be read and is left out" in run.stderr
    assert "broken.wav" in run.stderr
    assert "1 of 25 clips cannot be read and is left out" in run.stderr
    assert "bat.wav" in run.stderr
    assert "2 grouped folds: 24 clips" in run.stdout
    assert f"{clip_folder}: 24 clips" in run.stdout
    assert load_model(out)["clf"].random_state == 3
    assert load_model(out)["clf"].callbacks is None


def test_same_seed_same_model(skaudio, clip_folder, tmp_path):
    clips = load_audio_folder(clip_folder)
    predictions = []
    for name in ("a.skaudio", "b.joblib"):
        skaudio("train", clip_folder, "--classifier", "cnn1d", "-o", tmp_path / name)
        predictions.append(load_model(tmp_path / name).predict_proba(clips.data))
    np.testing.assert_array_equal(*predictions)


def test_errors_are_one_line(skaudio, model, clip_folder, tmp_path):
    soundfile.write(tmp_path / "loose.wav", np.zeros(800), 16000)
    one = tmp_path / "one" / "Dog"
    one.mkdir(parents=True)
    soundfile.write(one / "a.wav", np.ones(800) / 2, 16000)
    other = tmp_path / "other" / "Owl"
    other.mkdir(parents=True)
    soundfile.write(other / "a.wav", np.ones(800) / 2, 16000)
    out = tmp_path / "m.skaudio"
    for arguments, reason in [
        (("train", tmp_path / "none", "-o", out), "none: no such folder"),
        (("train", one.parent, "-o", out), "only one class (Dog)"),
        (("train", one, "-o", out), "but no class folders"),
        (
            ("train", clip_folder, "-o", tmp_path / "no" / "m"),
            "m: the model cannot be written there, its folder does not exist",
        ),
        (("train", clip_folder, "-o", tmp_path), "is a folder"),
        (("train", clip_folder, "-o", out, "--cv", 1), "--cv 1: expected 0"),
        (("train", clip_folder, "-o", out, "--cv", 9), "has the most, 8"),
        (("evaluate", model, tmp_path / "none"), "no such folder"),
        (("evaluate", tmp_path / "none.skaudio", clip_folder), "no such model"),
        (
            ("evaluate", model, other.parent),
            "has classes Owl, expected those of the model: cat, cow, dog; if these are "
            "recordings, pass what calls in them as --annotations",
        ),
        (
            ("evaluate", model, one),
            "has no class folders: put the clips of each class into a sub-folder named "
            "after it; if these are recordings, pass what calls in them as",
        ),
        (("predict", model, tmp_path / "none.wav"), "none.wav: no such file"),
        (("predict", out, one / "a.wav"), "no such model"),
    ]:
        run = skaudio(*arguments, status=1)
        errors = [line for line in run.stderr.splitlines() if "error:" in line]
        assert len(errors) == 1 and reason in errors[0]
    assert not out.exists()
    skaudio("train", clip_folder, "-o", out, "--classifier", "resnet", status=2)


def test_leaked_clips_are_named_and_scored_apart(skaudio, model, clip_folder, tmp_path):
    clips = load_audio_folder(clip_folder)
    others = make_animal_sounds(3, n_classes=3, output_dir=tmp_path, random_state=7)
    copy = tmp_path / "Training" / "cat" / "copy.wav"
    shutil.copy(clips.data[0], copy)
    out = tmp_path / "r.json"
    run = skaudio("evaluate", model, tmp_path / "Training", "--json", out)
    assert "1 of 10 test clips are leaked from training" in run.stdout
    assert f"{copy}: exact copy" in run.stdout
    assert "without the leaked clips: 9 clips" in run.stdout
    scores = json.loads(out.read_text())
    assert scores["n_clips"] == 10
    (leak,) = scores["leaks"]
    assert leak["test_file"] == str(copy)
    predicted = load_model(model).predict(others.data)
    expected = score_predictions(others.target, predicted)
    assert scores["unleaked"]["accuracy"] == expected["accuracy"]
    assert scores["near_copies_checked"] is True
    # What cannot be checked is reported: moved clips, a model without its clips.
    pipe = load_model(model)
    pipe.training_clips_["file"] = "/gone" + pipe.training_clips_["file"]
    save_model(pipe, tmp_path / "moved.skaudio")
    run = skaudio("evaluate", tmp_path / "moved.skaudio", tmp_path / "Training")
    assert "near copies of training clips were not looked for" in run.stdout
    del pipe.training_clips_
    save_model(pipe, tmp_path / "own.skaudio")
    run = skaudio("evaluate", tmp_path / "own.skaudio", tmp_path / "Training")
    assert "the training clips of the model are not known" in run.stdout


def test_audit(skaudio, clip_folder, tmp_path):
    page = tmp_path / "audit.html"
    run = skaudio("audit", clip_folder, "--test", clip_folder, "--html", page)
    assert "24 test clips have an exact copy in training" in run.stdout
    assert "the metadata alone scores" in run.stdout
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_fetch_without_network_names_the_folder(skaudio, tmp_path):
    where = ("--data-home", tmp_path, "--base-url", "http://127.0.0.1:9")
    run = skaudio("fetch", "esc10", *where, status=1)
    assert f"unpack it into {tmp_path / 'esc10'}" in run.stderr
    skaudio("fetch", "esc11", status=2)


def test_help_and_version(skaudio):
    for command in (
        (),
        ("train",),
        ("evaluate",),
        ("predict",),
        ("info",),
        ("audit",),
        ("ablate",),
        ("report",),
        ("fetch",),
    ):
        text = skaudio(*command, "--help").stdout
        assert "Usage" in text
        assert not command or "Example: skaudio" in " ".join(text.split())
        assert command or "..." not in text.partition("Commands:")[2]  # cut off
    assert skaudio("--version").stdout.startswith("skaudio 0.")
    assert [name.value for name in ClassifierName] == [*PIPELINES, *HEADS]
    assert [name.value for name in HeadName] == list(HEADS)
    assert [name.value for name in PretrainingName] == list(PRETRAININGS)
    assert list(EMBEDDERS) == list(FEATURES)
