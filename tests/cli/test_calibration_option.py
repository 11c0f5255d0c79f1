"""`skaudio train --calibration`: networks and heads, of clips and of windows."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest
import soundfile

from skaudio import GroupedCalibrator, load_model, pipelines
from skaudio.cli import _train
from skaudio.datasets import load_audio_folder, make_animal_sounds
from skaudio.pipelines import audio_pipeline

SMALL = {"mel__n_mels": 16, "mel__n_frames": 40}


@pytest.fixture(scope="module")
def few_clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few-clips")
    make_animal_sounds(6, n_classes=2, output_dir=folder, random_state=2)
    return folder / "Training"


def shortened(name, **options):
    """A network of one epoch, on small log-mels."""
    pipeline = audio_pipeline(name, random_state=0, **options)
    names = [key for key in pipeline.get_params() if key.endswith("max_epochs")]
    return pipeline.set_params(**SMALL, **dict.fromkeys(names, 1))


@pytest.mark.parametrize("name", ["cnn1d", "mel_ensemble"])
def test_the_bar_counts_the_epochs_of_all_fits_and_leaves_nothing(
    name, few_clips, bars
):
    pipeline = shortened(name, calibration="temperature")
    pipeline.set_params(clf__cv=2)
    _train.fit(pipeline, load_audio_folder(few_clips))
    (bar,) = bars
    assert bar.n == bar.total == (9 if name == "mel_ensemble" else 3)
    fitted = pipeline["clf"].estimator_
    networks = [network for _, network in getattr(fitted, "members_", [(name, fitted)])]
    assert [network.callbacks for network in networks] == [None] * len(networks)


@pytest.mark.parametrize("background", [True, False])
def test_train_calibrates_a_network_and_says_so(
    background, few_clips, tmp_path, command, monkeypatch
):
    real = pipelines.named_pipelines

    def short(*arguments, **options):
        ((name, pipeline),) = real(*arguments, **options).items()
        return {name: pipeline.set_params(clf__estimator__max_epochs=1, clf__cv=2)}

    monkeypatch.setattr(pipelines, "named_pipelines", short)
    model, options = tmp_path / "model.skaudio", []
    if background:
        wind = np.random.default_rng(0).normal(0, 0.01, 16000 * 9)
        soundfile.write(tmp_path / "wind.wav", wind, 16000)
        options = ["--background", tmp_path / "wind.wav"]
    status, _, err = command(
        *("train", few_clips, "--classifier", "cnn1d", "-o", model, "-j", 1),
        *("--calibration", "temperature", *options),
    )
    assert status == 0, err
    loaded = load_model(model)
    inner = loaded["clf"]
    assert ("background:" in err) == background
    if background:
        inner = inner.estimator_["clf"]
    assert isinstance(inner, GroupedCalibrator)
    assert f"calibrated: temperature {inner.temperature_:.2f}" in err
    assert "trained 1 epochs" in err
    with zipfile.ZipFile(model) as file:
        (name,) = [name for name in file.namelist() if name.endswith("model.json")]
        facts = json.loads(file.read(name))
        (card,) = [name for name in file.namelist() if name.endswith("README.md")]
        card = file.read(card).decode()
    assert facts["calibration"] == inner.calibration_
    assert facts["n_parameters"] == inner.estimator_.n_parameters_
    assert "Its probabilities are calibrated (temperature" in card
    status, _, err = command(
        *("predict", model, few_clips, "--csv", tmp_path / "scores.csv")
    )
    assert status == 0, err
    table = pd.read_csv(tmp_path / "scores.csv")
    expected = loaded.predict_proba(table["file"].tolist())
    np.testing.assert_allclose(table[loaded.classes_].to_numpy(), expected, atol=1e-5)


def test_another_calibration_is_refused(few_clips, tmp_path, command):
    status, _, err = command(
        *("train", few_clips, "--classifier", "cnn1d", "--calibration", "platt"),
        *("-o", tmp_path / "model.skaudio"),
    )
    assert status == 1
    assert "--calibration 'platt': expected one of None, 'temperature'" in err
