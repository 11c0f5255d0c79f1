"""Many files: in chunks, with a journal from which a stopped run goes on."""

import os

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skaudio.recordings._predict.predict_files as _predict_files
from skaudio import MFCCStatistics, WavLoader
from skaudio.recordings import predict_files


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    paths = [tmp_path / "clips" / f"{number}.wav" for number in range(7)]
    paths[0].parent.mkdir()
    for path in paths:
        soundfile.write(path, rng.uniform(-0.5, 0.5, 4000), 8000)
    paths[2].write_bytes(b"no sound")
    return [str(path) for path in paths]


@pytest.fixture
def model(files):
    pipeline = make_pipeline(
        WavLoader(), MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression()
    )
    return pipeline.fit(files[3:], ["cat", "cow"] * 2)


@pytest.fixture(autouse=True)
def two_at_once(monkeypatch):
    monkeypatch.setattr(_predict_files, "_FILES_AT_ONCE", 2)


@pytest.fixture
def loaded(monkeypatch):
    """The names of the files that are decoded."""
    real, names = WavLoader.load, []

    def load(loader, clip):
        names.append(os.path.basename(clip.file))
        return real(loader, clip)

    monkeypatch.setattr(WavLoader, "load", load)
    return names


def stopped(model, files, journal, at):
    """Predict, with Ctrl-C while a file is decoded."""
    real = WavLoader.load

    def load(loader, clip):
        if os.path.basename(clip.file) == f"{at}.wav":
            raise KeyboardInterrupt
        return real(loader, clip)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WavLoader, "load", load)
        with pytest.raises(KeyboardInterrupt):
            predict_files(model, files, journal=journal)


def assert_same(found, expected):
    for one, other in zip(found, expected, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_chunks_change_nothing(model, files, monkeypatch):
    found = predict_files(model, files)
    monkeypatch.setattr(_predict_files, "_FILES_AT_ONCE", 100)
    assert_same(found, predict_files(model, files))
    assert_same(found, predict_files(model, files, n_jobs=2))


def test_a_stopped_run_goes_on(model, files, tmp_path, loaded):
    expected = predict_files(model, files)
    journal = tmp_path / "so_far"
    stopped(model, files, journal, 4)
    with open(journal, "a") as file:
        file.write('{"file": "cut o')  # as when the machine lost its power
    loaded.clear()
    assert_same(predict_files(model, files, journal=journal), expected)
    assert set(loaded) == {"4.wav", "5.wav", "6.wav"}
    # Also with one that has been stopped again.
    stopped(model, files, journal, 6)
    assert_same(predict_files(model, files, journal=journal), expected)


def test_what_has_changed_is_predicted_again(model, files, tmp_path, loaded):
    journal = tmp_path / "so_far"
    stopped(model, files, journal, 6)
    soundfile.write(files[1], np.zeros(4000), 8000)
    loaded.clear()
    _, problems = predict_files(model, files, journal=journal)
    assert set(loaded) == {"1.wav", "6.wav"}
    assert problems["problem"].tolist()[0] == "is silent, its prediction has no meaning"
    model[-1].coef_ += 1
    loaded.clear()
    found = predict_files(model, files, journal=journal)
    assert len(set(loaded)) == 7
    assert_same(found, predict_files(model, files))


def test_another_file_is_not_overwritten(model, files, tmp_path):
    journal = tmp_path / "notes.txt"
    journal.write_text("my notes")
    with pytest.raises(FileExistsError, match=r"notes\.txt: holds something other"):
        predict_files(model, files, journal=journal)
    assert journal.read_text() == "my notes"
