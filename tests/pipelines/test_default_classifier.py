"""What is built where no classifier is named, with and without weights."""

import shutil
import subprocess
import sys
import time
import warnings

import joblib
import numpy as np
import pytest
from sklearn.base import clone

from skaudio.pipelines import (
    PIPELINES,
    audio_pipeline,
    default_classifier,
    embedding_pipeline,
    named_pipelines,
)


@pytest.fixture
def no_weights(monkeypatch, tmp_path):
    """No weights and no network; gives the folder that they would be fetched to."""
    monkeypatch.delenv("SKAUDIO_WEIGHTS", raising=False)
    monkeypatch.setenv("SKAUDIO_DATA", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    return tmp_path / "pretrained"


def test_a_head_on_efficientat_where_its_weights_are(mn04, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nothing is fetched
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipeline = audio_pipeline(n_jobs=2)
    assert list(pipeline.named_steps) == ["load", "embed", "scale", "clf"]
    assert pipeline["load"].sample_rate == pipeline["embed"].sample_rate == 32000
    assert (pipeline["embed"].layers, pipeline["embed"].speeds) == ("all", (1, 2))
    assert pipeline["clf"].C == 0.01
    assert pipeline["embed"].n_jobs == pipeline["load"].n_jobs == 2


def test_the_ensemble_where_they_cannot_be_had_and_why(no_weights):
    start = time.perf_counter()
    with pytest.warns(UserWarning) as caught:
        pipeline = audio_pipeline(random_state=3)
    assert time.perf_counter() - start < 5
    (text,) = (str(warning.message) for warning in caught)
    assert "no connection" in text and "\n" not in text
    assert f"put the file there yourself: {no_weights / 'mn04_as_mAP_432.pt'}" in text
    assert text.endswith("the default is mel_ensemble, trained from scratch.")
    assert pipeline["clf"].random_state == 3 and "noise" in pipeline.named_steps
    with pytest.warns(UserWarning):
        assert list(named_pipelines()) == ["mel_ensemble"]
    # Where a classifier is named, nothing is looked for.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        audio_pipeline("cnn1d")
        named_pipelines(PIPELINES)
        audio_pipeline(features="efficientat")
        assert default_classifier(noise=[np.ones(9)]) == ("mel_ensemble", None)


def test_a_file_put_in_place_serves(no_weights, mn04):
    no_weights.mkdir()
    shutil.copy(mn04, no_weights)
    assert default_classifier() == ("logistic", "efficientat")


def test_a_damaged_file_is_an_error_and_no_reason_to_fall_back(no_weights):
    no_weights.mkdir()
    (no_weights / "mn04_as_mAP_432.pt").write_bytes(b"half a file")
    with pytest.raises(ValueError, match=r"mn04_as_mAP_432\.pt: sha256 is .*remove it"):
        default_classifier()


def test_saved_without_weights_and_the_same_to_the_bit_elsewhere(mn04, clips, tmp_path):
    model = embedding_pipeline("efficientat", n_jobs=2).fit(clips.data, clips.target)
    path = tmp_path / "model.joblib"
    joblib.dump(model, path)
    # 2800 features of three classes, far from the 4 MB of the weights.
    assert path.stat().st_size < 300_000
    some = list(clips.data[::5])
    code = (
        "import sys, joblib, numpy as np; model = joblib.load(sys.argv[1]); "
        "np.save(sys.argv[2], model.predict_proba(sys.argv[3:]))"
    )
    out = tmp_path / "there.npy"
    command = [sys.executable, "-c", code, str(path), str(out), *map(str, some)]
    subprocess.run(command, check=True)
    here = model.predict_proba(some)
    np.testing.assert_array_equal(np.load(out), here)
    assert (model.predict(some) == np.asarray(clips.target)[::5]).mean() > 0.8
    assert clone(model).get_params()["embed__model"] == "mn04_as"
