"""Sound files that change or go away while they are predicted."""

import os

import numpy as np
import pytest
import soundfile
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import AudioFileError, MFCCStatistics, WavLoader
from skaudio.io import decode_audio, load_clip
from skaudio.recordings import predict_files


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{number}.wav" for number in range(6)]
    for path in paths:
        soundfile.write(path, rng.uniform(-0.5, 0.5, 4000), 8000)
    return paths


@pytest.fixture
def model(files):
    pipeline = make_pipeline(
        WavLoader(), MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression()
    )
    return pipeline.fit(files, ["cat", "cow"] * 3)


class OwnLoader(TransformerMixin, BaseEstimator):
    """A step of a user, which reads the files itself."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return [decode_audio(file)[0] for file in X]


@pytest.fixture
def meanwhile(monkeypatch):
    """A function that sets what happens after the inspection."""

    def set_event(event):
        for loader in (WavLoader, OwnLoader):
            real = loader.transform

            def transform(self, X, real=real):
                event()
                return real(self, X)

            monkeypatch.setattr(loader, "transform", transform)

    return set_event


@pytest.fixture
def own_model(model, files):
    return make_pipeline(OwnLoader(), *model[1:]).fit(files, ["cat", "cow"] * 3)


def test_files_are_decoded_once(model, files, monkeypatch):
    real, read = load_clip.__wrapped__, []

    def decode(*arguments, **options):
        read.append(arguments[0])
        return decode_audio(*arguments, **options)

    monkeypatch.setitem(real.__globals__, "decode_audio", decode)
    predict_files(model, files, n_jobs=2)
    assert sorted(read) == [str(file) for file in files]
    predict_files(model, files)  # nothing is left of the first call
    assert len(read) == 2 * len(files)


def test_what_has_been_read_is_predicted(model, files, meanwhile):
    expected = model.predict_proba(files)

    def change():
        files[0].unlink(missing_ok=True)
        files[1].write_bytes(b"rubbish")

    meanwhile(change)
    predictions, problems = predict_files(model, files)
    np.testing.assert_array_equal(predictions[model.classes_], expected)
    ((file, problem, fatal),) = problems.itertuples(index=False)
    assert file == str(files[1]) and "has changed meanwhile" in problem and not fatal


@pytest.mark.parametrize("n_gone", [1, 2, 6])
def test_fault_of_files_that_vanish(own_model, files, meanwhile, n_gone):
    model = own_model
    expected = model.predict_proba(files)
    gone = files[1 : 1 + n_gone] if n_gone < 6 else files
    calls = []

    def remove():
        calls.append(len(calls))
        for file in gone:
            file.unlink(missing_ok=True)

    meanwhile(remove)
    predictions, problems = predict_files(model, files)
    # All that are gone are found at once.
    assert len(calls) == (2 if n_gone < 6 else 1)
    rows = [number for number, file in enumerate(files) if file not in gone]
    kept = predictions.loc[rows]
    np.testing.assert_allclose(kept[model.classes_], expected[rows], rtol=1e-5)
    lost = predictions.drop(index=rows)
    assert (lost["prediction"] == "").all()
    assert lost[["start_time", "end_time", *model.classes_]].isna().all(axis=None)
    assert problems["file"].tolist() == [str(file) for file in gone]
    assert problems["fatal"].all()
    assert problems["problem"].unique().tolist() == ["no such file"]


def test_fault_of_a_file_that_turns_to_rubbish(own_model, files, meanwhile):
    meanwhile(lambda: files[0].write_bytes(b"rubbish"))
    predictions, problems = predict_files(own_model, files)
    assert predictions["prediction"].ne("").tolist() == [False] + [True] * 5
    ((file, problem, fatal),) = problems.itertuples(index=False)
    assert file == str(files[0]) and "not a sound file" in problem and fatal


def test_fault_of_a_file_that_grows(model, files, meanwhile):
    """As one that a recorder is still writing: predicted, and named."""
    waveform, rate = soundfile.read(files[2])
    meanwhile(lambda: soundfile.write(files[2], np.tile(waveform, 3), rate))
    predictions, problems = predict_files(model, files)
    assert predictions["prediction"].ne("").all()
    ((file, problem, fatal),) = problems.itertuples(index=False)
    assert file == str(files[2]) and "has changed meanwhile" in problem and not fatal


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file"
)
def test_fault_of_a_file_that_must_not_be_read(own_model, files, meanwhile):
    meanwhile(lambda: files[3].chmod(0))
    predictions, problems = predict_files(own_model, files)
    assert predictions["prediction"].eq("").tolist() == [False] * 3 + [
        True,
        False,
        False,
    ]
    assert problems["file"].tolist() == [str(files[3])] and problems["fatal"].all()


def test_fault_of_a_model_that_names_other_files(model, files, meanwhile):
    """Nothing is tried again for ever."""

    def fail():
        raise AudioFileError("elsewhere.wav", "is damaged")

    meanwhile(fail)
    with pytest.raises(AudioFileError, match="elsewhere"):
        predict_files(model, files)


@pytest.mark.parametrize(
    ("classes", "columns"),
    [
        (["file", "cow"], ["file (class)", "cow"]),
        (["prediction", "start_time"], ["prediction (class)", "start_time (class)"]),
        (["file", "file (class)"], ["file (class) (class)", "file (class)"]),
        ([0, 1], [0, 1]),
    ],
)
def test_classes_with_the_names_of_columns(model, files, classes, columns):
    model.fit(files, classes * 3)
    columns = [columns[place] for place in np.argsort(classes)]
    predictions, _ = predict_files(model, files)
    assert predictions.columns.tolist()[4:] == columns
    assert predictions.columns.is_unique
    assert predictions["file"].tolist() == [str(file) for file in files]
    np.testing.assert_array_equal(predictions[columns], model.predict_proba(files))
    assert predictions["prediction"].tolist() == [*map(str, model.predict(files))]
