import os
import pickle
import resource
import signal

import joblib
import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError

from skaudio import CNN1DClassifier, EnhancedCNN1DClassifier, load_model, save_model
from skaudio.datasets import load_audio_folder
from skaudio.pipelines import audio_pipeline

both = pytest.mark.parametrize("ending", [".skaudio", ".joblib"])


@pytest.fixture(scope="module")
def fitted(log_mels, calls):
    return CNN1DClassifier(max_epochs=2, random_state=0).fit(log_mels, calls.target)


def test_a_reloaded_joblib_file_predicts_bit_for_bit(clip_folder, tmp_path):
    clips = load_audio_folder(clip_folder)
    pipe = audio_pipeline("cnn1d", random_state=0).set_params(clf__max_epochs=2)
    pipe.fit(clips.data, clips.target, clf__groups=clips.groups)
    expected = pipe.predict_proba(clips.data)
    path = tmp_path / "model.joblib"
    save_model(pipe, path)
    for load in (load_model, joblib.load):
        reloaded = load(path)
        np.testing.assert_array_equal(reloaded.predict_proba(clips.data), expected)
        assert reloaded["clf"].history_ == pipe["clf"].history_


def test_a_classifier_that_is_not_fitted_is_refused(tmp_path):
    with pytest.raises(NotFittedError, match="not fitted"):
        save_model(audio_pipeline("cnn1d"), tmp_path / "model.skaudio")
    assert not [*tmp_path.iterdir()]


@both
def test_training_clips_are_saved_and_leave_the_model_untouched(
    ending, clip_folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(clip_folder.parent)
    clips = load_audio_folder(clip_folder.name)
    model = DummyClassifier().fit(clips.data, clips.target)
    before = dict(vars(model))
    path = tmp_path / f"model{ending}"
    save_model(model, path, training_clips=clips)
    assert vars(model) == before and not hasattr(model, "training_clips_")
    table = load_model(path).training_clips_
    assert table.columns.tolist() == ["file", "label", "digest", "source"]
    assert table["file"].tolist() == [os.path.abspath(file) for file in clips.data]
    assert table["label"].tolist() == clips.target.tolist()
    assert table["digest"].notna().all()
    # The clips are not changed either, and a model saved again replaces its own.
    assert clips.frame["file"].tolist() == clips.data.tolist()
    again = load_model(path)
    kept = again.training_clips_.copy()
    some = load_audio_folder(clip_folder.name)
    some.frame = some.frame[:3]
    save_model(again, path, training_clips=some)
    assert again.training_clips_.equals(kept)
    assert (
        load_model(path).training_clips_["file"].tolist() == kept["file"][:3].tolist()
    )


def test_no_training_data_and_no_optimiser_in_the_file(log_mels, calls, tmp_path):
    small = CNN1DClassifier(max_epochs=1, random_state=0)
    small.fit(log_mels, calls.target)
    weights = sum(w.numel() for w in small.net_.module_.parameters())
    assert len(pickle.dumps(small)) < 4 * weights + 20_000
    state = small.__getstate__()
    assert "net_" not in state and state["_skaudio_version"]


def test_a_model_saved_on_a_gpu_loads_without_one(fitted, log_mels):
    state = pickle.loads(pickle.dumps(fitted)).__getstate__()
    state["device"] = "cuda"
    reloaded = CNN1DClassifier.__new__(CNN1DClassifier)
    reloaded.__setstate__(state)
    np.testing.assert_allclose(
        reloaded.predict_proba(log_mels), fitted.predict_proba(log_mels), atol=1e-5
    )


def test_gpu_round_trip(log_mels, calls):
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no CUDA GPU on this machine")
    for cls in (CNN1DClassifier, EnhancedCNN1DClassifier):
        on_gpu = cls(max_epochs=2, device="cuda", random_state=0)
        on_gpu.fit(log_mels, calls.target)
        reloaded = pickle.loads(pickle.dumps(on_gpu)).set_params(device="cpu")
        np.testing.assert_allclose(
            reloaded.predict_proba(log_mels),
            on_gpu.predict_proba(log_mels),
            atol=1e-4,
        )


@both
def test_a_newer_version_is_refused_in_one_line(ending, fitted, tmp_path, monkeypatch):
    path = tmp_path / f"new{ending}"
    monkeypatch.setattr("skaudio._utils.version.__version__", "0.9.1")
    save_model(fitted, path)
    monkeypatch.undo()
    with pytest.raises(
        ValueError,
        match=rf"new{ending}: this \w+ was saved by "
        r"skaudio 0.9.1.*pip install 'skaudio>=0.9.1'",
    ):
        load_model(path)


@both
def test_patches_and_older_versions_load(ending, fitted, tmp_path, monkeypatch):
    for version in ("0.0.1", "0.1.99"):
        with monkeypatch.context() as patch:
            patch.setattr("skaudio._utils.version.__version__", version)
            save_model(fitted, tmp_path / f"m{ending}")
        assert load_model(tmp_path / f"m{ending}").classes_ is not None


@both
def test_fault_a_full_disk_leaves_the_old_model(ending, fitted, tmp_path):
    path = tmp_path / f"model{ending}"
    save_model(fitted, path)
    before = path.read_bytes()
    # The kernel refuses to let any file of this process grow past 10 kB.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(
            OSError,
            match=rf"model{ending}: the model cannot be written "
            r"\(File too large\); the older file there is untouched",
        ):
            save_model(fitted, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


def test_bad_joblib_files_are_named(fitted, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none.joblib: no such model"):
        load_model(tmp_path / "none.joblib")
    text = tmp_path / "text.joblib"
    text.write_text("hello")
    with pytest.raises(
        ValueError, match=r"text.joblib: not a model that can be loaded"
    ):
        load_model(text)
    joblib.dump({"a": 1}, tmp_path / "dict.joblib")
    with pytest.raises(ValueError, match="holds a dict, expected a saved estimator"):
        load_model(tmp_path / "dict.joblib")
    save_model(fitted, tmp_path / "whole.joblib")
    content = (tmp_path / "whole.joblib").read_bytes()
    (tmp_path / "cut.joblib").write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"cut.joblib: not a model that can be loaded"):
        load_model(tmp_path / "cut.joblib")
    with pytest.raises(OSError, match="its folder does not exist"):
        save_model(fitted, tmp_path / "no" / "m.joblib")
    for name in ("folder.skaudio", "folder.joblib"):
        (tmp_path / name).mkdir()
        with pytest.raises(OSError, match="is a folder"):
            save_model(fitted, tmp_path / name)
        with pytest.raises(FileNotFoundError, match="is a folder, expected the file"):
            load_model(tmp_path / name)
