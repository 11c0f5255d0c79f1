import numpy as np
import pytest
import soundfile
import torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sound_files import bat_call

from skaudio import (
    CNN1DClassifier,
    LogMelExtractor,
    MFCCStatistics,
    UnknownRejector,
    WavLoader,
)
from skaudio.datasets import load_audio_folder
from skaudio.io import OddAudioWarning
from skaudio.recordings import predict_files


@pytest.fixture(scope="module")
def clips(clip_folder):
    return load_audio_folder(clip_folder)


@pytest.fixture(scope="module")
def model(clips):
    pipeline = make_pipeline(
        WavLoader(), MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression()
    )
    return pipeline.fit(clips.data, clips.target)


def test_probabilities_are_those_of_the_model(model, clips, clip_folder):
    predictions, problems = predict_files(model, [clip_folder])
    classes = model.classes_.tolist()
    assert predictions.columns.tolist() == [
        *("file", "start_time", "end_time", "prediction"),
        *classes,
    ]
    assert predictions["file"].tolist() == clips.data.tolist()
    expected = model.predict_proba(clips.data)
    np.testing.assert_array_equal(predictions[classes], expected)
    assert predictions["prediction"].tolist() == model.predict(clips.data).tolist()
    assert (predictions["start_time"] == 0).all()
    seconds = [soundfile.info(file).duration for file in clips.data]
    np.testing.assert_allclose(predictions["end_time"], seconds)
    assert problems.columns.tolist() == ["file", "problem", "fatal"]
    assert problems.empty


def test_order_is_kept_and_a_file_counts_once(model, clips, clip_folder):
    first, second, third = clips.data[[7, 2, 5]]
    predictions, _ = predict_files(model, [first, second, first, third, second])
    assert predictions["file"].tolist() == [first, second, third]
    rest = [file for file in clips.data if file != first]
    predictions, _ = predict_files(model, [first, clip_folder], n_jobs=2)
    assert predictions["file"].tolist() == [first, *rest]


def test_unreadable_files_have_nan_and_a_reason(model, clips, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_text("not audio")
    predictions, problems = predict_files(model, [clips.data[0], bad, clips.data[1]])
    assert predictions["file"].tolist() == [clips.data[0], str(bad), clips.data[1]]
    row = predictions.iloc[1]
    assert row["prediction"] == ""
    assert row[["start_time", "end_time", *model.classes_]].isna().all()
    rest = predictions.drop(index=1)
    assert rest.notna().all(axis=None)
    assert rest["prediction"].tolist() == model.predict(clips.data[:2]).tolist()
    ((file, problem, fatal),) = problems.itertuples(index=False)
    assert file == str(bad) and "not a sound file" in problem and fatal
    alone, _ = predict_files(model, [bad])
    assert alone["prediction"].tolist() == [""]
    assert alone[model.classes_].isna().all(axis=None)


def test_files_are_judged_by_the_loader_of_the_model(model, clips, tmp_path):
    wave, rate = soundfile.read(clips.data[0])
    one, two = tmp_path / "one.wav", tmp_path / "two.wav"
    for stereo in (one, two):
        soundfile.write(stereo, np.c_[0 * wave, wave], rate)
    right = clone(model).set_params(wavloader__channel=1)
    right.fit([one] * len(clips.data), clips.target)
    predictions, problems = predict_files(right, [one, clips.data[0], two])
    missing = predictions[right.classes_].isna().all(axis=1)
    assert missing.tolist() == [False, True, False]
    ((file, problem, fatal),) = problems.itertuples(index=False)
    assert file == clips.data[0] and "no channel 1" in problem and fatal


def test_sound_that_the_model_does_not_use_has_no_prediction(model, clips, tmp_path):
    bat = bat_call(tmp_path / "bat.wav")
    predictions, problems = predict_files(model, [bat, clips.data[0]])
    assert predictions["prediction"].tolist()[0] == ""
    assert predictions[model.classes_].isna().all(axis=1).tolist() == [True, False]
    ((_, problem, fatal),) = problems.itertuples(index=False)
    assert "lies above 8 kHz, which a model at" in problem and fatal


def test_odd_files_are_predicted_and_reported(model, clips, tmp_path, recwarn):
    wave, rate = soundfile.read(clips.data[0])
    inverted = tmp_path / "inverted.wav"
    soundfile.write(inverted, np.c_[wave, -0.9 * wave], rate)
    predictions, problems = predict_files(model, [inverted])
    assert predictions[model.classes_].notna().all(axis=None)
    ((file, problem, fatal),) = problems.itertuples(index=False)
    assert file == str(inverted) and "channels cancel" in problem and not fatal
    # Once is enough.
    assert not [one for one in recwarn if one.category is OddAudioWarning]


def test_silent_files_are_predicted_and_reported(model, tmp_path):
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(8000), 16000)
    predictions, problems = predict_files(model, [silent])
    assert predictions.loc[0, "prediction"] in model.classes_
    assert predictions.loc[0, model.classes_].notna().all()
    ((file, problem, fatal),) = problems.itertuples(index=False)
    assert file == str(silent) and "is silent" in problem and not fatal


def test_paths_without_audio_are_reported(model, clips, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    missing = tmp_path / "missing.wav"
    predictions, problems = predict_files(model, [empty, clips.data[0], missing])
    assert predictions["file"].tolist()[0] == clips.data[0]
    reasons = problems.set_index("file")
    assert "no audio" in reasons.loc[str(empty), "problem"]
    assert "no such file" in reasons.loc[str(missing), "problem"]
    assert reasons["fatal"].all() and len(reasons) == 2
    # The name is not repeated in the reason.
    assert not reasons["problem"].str.contains(str(tmp_path)).any()
    none, problems = predict_files(model, [empty])
    assert none.empty and len(problems) == 1
    assert none.columns.tolist() == predictions.columns.tolist()


def test_a_model_that_knows_the_unknown_says_so(clips, clip_folder, tmp_path):
    head = make_pipeline(StandardScaler(), LogisticRegression())
    rejector = UnknownRejector(head, method="max_probability", alpha=0.9, cv=2)
    model = make_pipeline(WavLoader(), MFCCStatistics(n_mels=32), rejector)
    model.fit(clips.data, clips.target)
    predictions, _ = predict_files(model, [clip_folder])
    assert predictions["prediction"].tolist() == model.predict(clips.data).tolist()
    assert "unknown" in predictions["prediction"].tolist()


def test_models_without_probabilities_are_refused(model, clips):
    margin = make_pipeline(*(step for _, step in model.steps[:-1]), LinearSVC())
    margin.fit(clips.data, clips.target)
    with pytest.raises(ValueError, match="Pipeline gives no probabilities of classes"):
        predict_files(margin, clips.data[:1])
    unfitted = make_pipeline(WavLoader(), LogisticRegression())
    with pytest.raises(ValueError, match="expected a fitted classifier or pipeline"):
        predict_files(unfitted, clips.data[:1])


def test_fault_of_a_model_whose_weights_are_not_finite(clips):
    pipeline = make_pipeline(
        WavLoader(),
        LogMelExtractor(n_mels=32, n_frames=40),
        CNN1DClassifier(max_epochs=1),
    )
    pipeline.fit(clips.data, clips.target)
    with torch.no_grad():
        next(pipeline[-1].net_.module_.parameters()).fill_(np.nan)
    predictions, problems = predict_files(pipeline, clips.data[:2])
    assert predictions["prediction"].tolist() == ["", ""]
    assert predictions[pipeline.classes_].isna().all(axis=None)
    assert problems["fatal"].all() and len(problems) == 2
    assert problems["problem"].str.contains("not finite").all()


class TestRecordings:
    """Files longer than clips: no label of half an hour of sound."""

    @pytest.fixture
    def long(self, clips, tmp_path):
        def write(seconds):
            wave, rate = soundfile.read(clips.data[0])
            path = tmp_path / f"{seconds}.wav"
            soundfile.write(path, np.resize(wave, round(seconds * rate)), rate)
            return str(path)

        return write

    def test_a_recording_has_no_prediction(self, model, clips, long, monkeypatch):
        files = [clips.data[0], long(1800), long(30.5), clips.data[1], long(29.5)]
        real, loaded = WavLoader.load, []

        def load(loader, clip):
            loaded.append(clip.file)
            return real(loader, clip)

        monkeypatch.setattr(WavLoader, "load", load)
        predictions, problems = predict_files(model, files)
        assert predictions["file"].tolist() == files
        refused = predictions["prediction"].eq("")
        assert refused.tolist() == [False, True, True, False, False]
        columns = ["start_time", "end_time", *model.classes_]
        assert predictions.loc[refused, columns].isna().all(axis=None)
        assert predictions.loc[~refused, columns].notna().all(axis=None)
        assert problems["file"].tolist() == files[1:3] and problems["fatal"].all()
        assert problems["problem"].tolist()[0] == (
            "lasts 1800.0 s, longer than a clip for this model (at most 30 s): score "
            "its windows with `skaudio detect` (score_recordings in Python)"
        )
        # Half an hour is not decoded for nothing.
        assert not {*loaded} & {*files[1:3]}
        alone, _ = predict_files(model, files[1:2])
        assert alone["prediction"].tolist() == [""]

    def test_long_windows_take_long_clips(self, model, long):
        model = clone(model).set_params(wavloader__duration=20.0)
        files = [long(39), long(41)]
        model.fit(files, ["cat", "cow"])
        predictions, _ = predict_files(model, files)
        assert predictions["prediction"].ne("").tolist() == [True, False]
        # No more is claimed than what the model has used.
        assert predictions["end_time"].tolist()[0] == 20.0

    def test_the_end_is_that_of_what_is_used(self, clips, long):
        pipeline = make_pipeline(
            WavLoader(),
            LogMelExtractor(n_mels=32, n_frames=50),
            CNN1DClassifier(max_epochs=1, random_state=0),
        ).fit(clips.data, clips.target)
        predictions, _ = predict_files(pipeline, [long(1.0), long(18.5)])
        assert predictions["prediction"].ne("").all()
        assert predictions["end_time"].tolist() == [1.0, 1.6]
