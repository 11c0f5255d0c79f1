"""Commands that are stopped: earlier files stay whole, and a second run goes on."""

import os
import shutil
import signal
import sys

import pandas as pd
import pytest
from joblib import Parallel, delayed
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from skaudio import MFCCStatistics, WavLoader
from skaudio.cli import _train
from skaudio.datasets import make_animal_sounds
from skaudio.pipelines import audio_pipeline

TRAIN = ("train", "Training", "--classifier", "cnn1d", "-j", 1)
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_animal_sounds(4, n_classes=2, output_dir=tmp_path, random_state=0)

    def short(*arguments, **options):
        pipeline = audio_pipeline(*arguments, **options)
        return pipeline.set_params(clf__max_epochs=1)

    monkeypatch.setattr("skaudio.pipelines.audio_pipeline", short)
    return tmp_path


@pytest.fixture
def full_disk(monkeypatch):
    """A function after which files of more than a few bytes cannot be written."""
    resource = pytest.importorskip("resource", reason="Windows has no such limits")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.fixture
def on_read(monkeypatch):
    """A function that sets what happens before the n-th reading of waveforms."""

    def set_event(event, number=1):
        real, calls = WavLoader.transform, []

        def transform(self, X):
            calls.append(X)
            if len(calls) == number:
                event()
            return real(self, X)

        monkeypatch.setattr(WavLoader, "transform", transform)

    return set_event


def drafts(folder):
    return [path.name for path in folder.rglob(".skaudio-*")]


def last_line(text):
    return text.splitlines()[-1]


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_fault_of_train_stopped_while_it_saves(
    command, quick_model, place, name, monkeypatch
):
    """By Ctrl-C, its scheduler or a closed terminal, just before the model appears."""
    quick_model("Training", "m.skaudio")
    older = (place / "m.skaudio").read_bytes()
    monkeypatch.setattr(
        "os.replace", lambda *_: signal.raise_signal(signal.Signals[name])
    )
    status, _, err = command(*TRAIN, "-o", "m.skaudio")
    assert status == 130 and last_line(err) == "error: stopped"
    assert (place / "m.skaudio").read_bytes() == older and drafts(place) == []


@posix
def test_fault_of_a_killed_process_of_ablate(command, place, monkeypatch):
    """As where memory runs out: processes of joblib die, and it raises its error."""

    def die(*_, **__):
        Parallel(n_jobs=2)([delayed(signal.raise_signal)(signal.SIGKILL)] * 2)

    monkeypatch.setattr("skaudio.model_selection.ablate", die)
    status, _, err = command("ablate", "Training", "--cv", 2, "-o", "out", "-j", 1)
    assert status == 1 and "Traceback" not in err
    assert "a process that fitted was killed" in last_line(err)


def test_fault_of_a_disk_that_fills_up_during_ablate(
    command, place, full_disk, on_read, monkeypatch
):
    tree = make_pipeline(
        WavLoader(), MFCCStatistics(n_mels=32), DecisionTreeClassifier()
    )
    for name, pipelines in {
        "skaudio.pipelines.reference_pipelines": {"tree": tree},
        "skaudio.model_selection._ablate.baseline_pipelines": {"m": DummyClassifier()},
    }.items():
        monkeypatch.setattr(name, lambda *_, found=pipelines, **__: found)
    arguments = ("ablate", "Training", "--cv", 2, "-j", 1, "-o", "out")
    on_read(full_disk)
    status, _, err = command(*arguments)
    assert status == 1 and "Traceback" not in err
    # The folds of the baseline were there before.
    results = place / "out" / "results"
    finished = {path: path.stat().st_mtime_ns for path in results.iterdir()}
    assert len(finished) == 2 and drafts(place) == []
    assert str(results.relative_to(place)) in last_line(err)
    assert "the result cannot be written" in last_line(err)


def test_fault_of_a_disk_that_fills_up_during_predict(
    command, quick_model, place, full_disk, on_read
):
    quick_model("Training", "m.skaudio")
    older = "file,start_time,end_time,prediction,cat,cow\n"
    (place / "p.csv").write_text(older)
    on_read(full_disk)
    status, out, err = command(
        "predict", "m.skaudio", "Training", "-j", 1, "--csv", "p.csv"
    )
    assert status == 1
    assert err.startswith("error: p.csv: the predictions cannot be written (")
    assert "the older file there is untouched" in err
    assert (place / "p.csv").read_text() == older and drafts(place) == []
    # The predictions are not lost with it.
    assert len(out.splitlines()) == 9


@pytest.mark.parametrize(
    "arguments",
    [
        ("predict", "m.skaudio", "Training", "--csv", "new.csv"),
        ("evaluate", "m.skaudio", "Training", "--json", "new.json"),
        ("audit", "Training", "--html", "new.html"),
        ("train", "Training", "-o", "new.skaudio"),
        ("report", "Training", "-o", "new.html"),
        ("ablate", "Training", "-o", "new"),
    ],
)
def test_fault_of_a_disk_that_is_full(
    command, quick_model, place, full_disk, arguments
):
    """Known before any work."""
    quick_model("Training", "m.skaudio")
    full_disk()
    status, out, err = command(*arguments, "-j", 1)
    (line,) = err.splitlines()
    assert status == 1 and not out and line.startswith(f"error: {arguments[-1]}: ")
    assert "too large" in line and "skaudio-" not in line
    assert not (place / arguments[-1]).exists() and drafts(place) == []


def test_fault_of_files_that_vanish_under_predict(
    command, quick_model, place, monkeypatch
):
    from skaudio.recordings._predict import predict_files

    quick_model("Training", "m.skaudio")
    gone = sorted((place / "Training").rglob("*.wav"))[2:4]
    inspect = predict_files._inspect

    def remove_first(*arguments):  # after they are listed, before they are read
        for file in gone:
            file.unlink()
        return inspect(*arguments)

    monkeypatch.setattr(predict_files, "_inspect", remove_first)
    status, out, err = command(
        "predict", "m.skaudio", "Training", "-j", 1, "--csv", "p.csv"
    )
    assert status == 1 and len(out.splitlines()) == 7
    errors = [line for line in err.splitlines() if line.startswith("error: ")]
    assert errors == [
        f"error: {file.relative_to(place)}: no such file" for file in gone
    ]
    table = pd.read_csv("p.csv")
    assert len(table) == 8 and table["prediction"].isna().sum() == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "Training", "--classifier", "cnn1d", "-o", "m.skaudio"),
        ("evaluate", "m.skaudio", "Training", "--json", "scores.json"),
    ],
)
def test_fault_of_a_clip_that_vanishes(command, quick_model, place, on_read, arguments):
    quick_model("Training", "m.skaudio")
    scores = '{"model": "m.skaudio", "data": "Training", "skaudio": "0.1.0"}'
    (place / "scores.json").write_text(scores)
    older = (place / "m.skaudio").read_bytes()
    clip = place / "Training" / "cow" / "cow_005_000.wav"
    on_read(clip.unlink)
    status, _, err = command(*arguments, "-j", 1)
    assert status == 1 and "Traceback" not in err
    assert last_line(err) == f"error: {clip.relative_to(place)}: no such file"
    assert (place / "m.skaudio").read_bytes() == older and drafts(place) == []
    assert (place / "scores.json").read_text() == scores
    # A second run goes on without it.
    status, _, err = command(*arguments, "-j", 1)
    assert status == 0, err


def test_fault_of_a_clip_that_vanishes_under_audit(command, place, monkeypatch):
    from skaudio.audit import _related_clips

    clip = place / "Training" / "cow" / "cow_005_000.wav"
    pairs_of_prepared = _related_clips.pairs_of_prepared

    def remove_first(*arguments, **options):
        clip.unlink(missing_ok=True)
        return pairs_of_prepared(*arguments, **options)

    monkeypatch.setattr(_related_clips, "pairs_of_prepared", remove_first)
    status, out, _ = command("audit", "Training", "-j", 1, "--html", "audit.html")
    assert status == 0 and out.startswith("8 clips of 2 classes")


@posix
def test_fault_of_a_pipe_that_closes_early(command, quick_model, place, monkeypatch):
    """As of `skaudio predict ... --csv p.csv | head -1`: the table is written."""
    quick_model("Training", "m.skaudio")
    reader, writer = os.pipe()
    os.close(reader)
    with monkeypatch.context() as patch, os.fdopen(writer, "w") as stdout:
        patch.setattr(sys, "stdout", stdout)
        predict = ("predict", "m.skaudio", "Training", "-j", 1, "--csv", "p.csv")
        status, _, err = command(*predict)
    assert status == 1 and err == "wrote p.csv\n"
    assert len(pd.read_csv("p.csv")) == 8


def test_a_model_that_cannot_be_saved_at_the_end_is_saved_elsewhere(
    command, place, monkeypatch
):
    """The disk goes away while the model is trained."""
    fit = _train.fit
    (place / "scratch").mkdir()
    (place / "disk").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place / "scratch"))

    def fit_and_unplug(*arguments):
        fit(*arguments)
        shutil.rmtree("disk")

    monkeypatch.setattr(_train, "fit", fit_and_unplug)
    status, _, err = command(*TRAIN, "-o", "disk/m.skaudio")
    line = last_line(err)
    assert status == 1 and "error: disk/m.skaudio: the model cannot be" in line, line
    model = line.rpartition("it is saved as ")[2]
    assert command("predict", model, "Training", "-j", 1)[0] == 0
