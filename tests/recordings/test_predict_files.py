import numpy as np
import pytest
import soundfile
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skaudio import CNN1DClassifier, LogMelExtractor, MFCCStatistics, WavLoader
from skaudio.datasets import load_audio_folder
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
