"""Networks in ONNX files, made by the tests."""

import subprocess
import sys
from collections import OrderedDict

import joblib
import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tiny_weights import write_onnx

from skaudio import ONNXEmbedder
from skaudio.pretrained import ONNX_PRESETS, _weights
from skaudio.pretrained._cache import CACHE

RATE = 8000
LENGTH = 4000  # windows of 0.5 s


@pytest.fixture(scope="module")
def clips():
    """Noise of 0.2 s, 0.5 s and 1.1 s: one window, one, and three."""
    rng = np.random.default_rng(0)
    return [0.1 * rng.standard_normal(n).astype(np.float32) for n in (1600, 4000, 8800)]


def embedder(path, **options):
    return ONNXEmbedder(path, RATE, 0.5, **options)


def reference(clips, seed=0):
    """Embed with torch: the highest of each clip's windows."""
    kernel = torch.randn(6, 1, 160, generator=torch.Generator().manual_seed(seed))
    rows = []
    for clip in clips:
        windows = [np.resize(clip, LENGTH)]
        if len(clip) > LENGTH:
            windows = [clip[:LENGTH], clip[LENGTH : 2 * LENGTH], clip[-LENGTH:]]
        windows = torch.from_numpy(np.stack(windows))[:, None]
        bands = torch.nn.functional.conv1d(windows, kernel, stride=80).relu()
        rows.append(bands.mean(dim=2).amax(dim=0).numpy())
    return np.stack(rows)


@pytest.mark.parametrize(
    "shape",
    [
        ("n_samples",),
        (LENGTH,),
        ("n_windows", "n_samples"),
        (None, LENGTH),
        (1, LENGTH),
        (2, LENGTH),  # so that the last run has too few
        ("n_windows", 1, "n_samples"),
        (1, 1, LENGTH),
    ],
)
def test_inputs_of_every_shape_give_the_same(tmp_path, clips, shape):
    path = write_onnx(tmp_path / "own.onnx", shape)
    rows = embedder(path, pooling="max").transform(clips)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, reference(clips), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("kind", "rtol"), [("DOUBLE", 1e-4), ("FLOAT16", 2e-2)])
def test_other_floats_are_converted(tmp_path, clips, kind, rtol):
    path = write_onnx(tmp_path / "own.onnx", kind=kind)
    rows = embedder(path, pooling="max").transform(clips)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, reference(clips), rtol=rtol)


def test_overlap_and_padding(tmp_path, clips):
    path = write_onnx(tmp_path / "own.onnx")
    parts = [clips[2][start : start + LENGTH] for start in (0, 2000, 4000, 4800)]
    expected = reference(parts).max(axis=0)
    rows = embedder(path, pooling="max", overlap=0.25).transform(clips[2:])
    np.testing.assert_allclose(rows[0], expected, rtol=1e-4)
    padded = np.pad(clips[0], (0, LENGTH - 1600))
    rows = embedder(path, pad_mode="zero").transform(clips[:1])
    np.testing.assert_allclose(rows, reference([padded]), rtol=1e-4)
    with pytest.raises(ValueError, match=r"overlap=0\.5: expected less than window=0"):
        embedder(path, overlap=0.5).fit(clips)


def test_an_output_is_chosen_by_name_or_number(tmp_path, clips):
    path = write_onnx(tmp_path / "own.onnx", outputs=("label", "embedding"))
    rows = [
        embedder(path, output=output, pooling="max").transform(clips)
        for output in ("embedding", 1, -1)
    ]
    for row in rows:
        np.testing.assert_allclose(row, reference(clips), rtol=1e-4, atol=1e-6)
    assert embedder(path, output="label").transform(clips).shape == (3, 4)
    listed = r"label \(n_windows, 4\), embedding \(n_windows, 6\)"
    with pytest.raises(ValueError, match=rf"own\.onnx: it has 2 outputs.*{listed}"):
        embedder(path).transform(clips)
    for output in ("rows", 2, -3):
        with pytest.raises(ValueError, match=rf"no output {output!r}.*{listed}"):
            embedder(path, output=output).transform(clips)
    assert len(embedder(path, output=0).get_feature_names_out()) == 4


@pytest.mark.parametrize("shape", [("n_samples",), (1, "n_samples"), ("n", 1, "m")])
def test_a_time_axis_is_averaged(tmp_path, clips, shape):
    path = write_onnx(tmp_path / "own.onnx", shape, outputs=("frames", "bands"))
    for output, axis in (("frames", 1), ("bands", 2)):
        rows = embedder(path, output=output, time_axis=axis, pooling="max")
        np.testing.assert_allclose(
            rows.transform(clips), reference(clips), rtol=1e-4, atol=1e-6
        )


def test_one_window_may_come_without_its_axis(tmp_path, clips):
    for shape in (("n_samples",), (1, LENGTH)):
        path = write_onnx(
            tmp_path / "own.onnx",
            shape,
            outputs=("row",),
            nodes=[("Squeeze", ["embedding"], "row")],
        )
        rows = embedder(path, pooling="max").transform(clips)
        np.testing.assert_allclose(rows, reference(clips), rtol=1e-4, atol=1e-6)


def test_other_rates_are_resampled_to_the_network(tmp_path):
    path = write_onnx(tmp_path / "own.onnx", (1, LENGTH))
    time = np.arange(16000) / 16000
    tone = np.sin(2 * np.pi * 500 * time).astype(np.float32)
    there = embedder(path).transform([tone[::2]])
    options = dict(sample_rate=16000, network_sample_rate=RATE)
    here = embedder(path).set_params(**options).transform([tone])
    np.testing.assert_allclose(here, there, rtol=0.05)


@pytest.mark.parametrize(
    ("made", "options", "reason"),
    [
        (
            {"shape": ("n", 16000)},
            {},
            r"16000 samples, not the 4000.*expected window=2",
        ),
        ({"shape": ("n", 2, LENGTH)}, {}, r"shape \(n, 2, 4000\): expected that of a"),
        ({"shape": ("n", 1, 64, 64)}, {}, r"shape \(n, 1, 64, 64\): expected that of"),
        ({"shape": ()}, {}, r"shape \(\): expected that of a waveform"),
        ({"kind": "INT16"}, {}, r"'wave' is tensor\(int16\): expected a float tensor"),
        ({}, {"window": 0.01}, r"cannot run on input of shape \(1, 80\)"),
        ({}, {"output": "places"}, r"'places' is tensor\(int64\): expected a float"),
        ({}, {"output": "pairs"}, r"'pairs' has shape \(1, 1, 6, 49\) for 1 window"),
        ({}, {"output": "joined"}, r"'joined' has shape \(1, 6\) for 5 window"),
    ],
)
def test_a_network_that_does_not_fit_is_one_line(
    tmp_path, clips, made, options, reason
):
    path = write_onnx(
        tmp_path / "own.onnx",
        outputs=("embedding", "places", "pairs", "joined"),
        nodes=[
            ("Shape", ["embedding"], "places"),
            ("Unsqueeze", ["bands", "windows_axis"], "pairs"),
            ("ReduceMean", ["embedding", "windows_axis"], "joined"),
        ],
        **made,
    )
    with pytest.raises(ValueError, match=reason) as error:
        embedder(path, output=0).set_params(**options).transform(clips)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("content", ["whole", "half", "text", "nothing"])
def test_what_is_no_onnx_file_is_named_in_one_line(tmp_path, clips, content):
    path = write_onnx(tmp_path / "own.onnx")
    whole = path.read_bytes()
    others = {"half": whole[: len(whole) // 2], "text": b"no network", "nothing": b""}
    path.write_bytes(others.get(content, whole))
    if content == "whole":
        assert embedder(path).fit(clips).transform(clips).shape == (3, 6)
        return
    for use in (embedder(path).fit, embedder(path).transform):
        with pytest.raises(ValueError, match=r"own\.onnx: not an ONNX file") as error:
            use(clips)
        assert "\n" not in str(error.value)


def test_operations_that_onnxruntime_lacks_are_one_line(tmp_path, clips):
    path = write_onnx(tmp_path / "own.onnx", nodes=[("Warble", ["embedding"], "x")])
    with pytest.raises(ValueError, match=r"own\.onnx: onnxruntime cannot open.*Warble"):
        embedder(path).transform(clips)


def test_inputs_beside_the_waveform_are_left_out(tmp_path, clips):
    path = write_onnx(
        tmp_path / "own.onnx",
        outputs=("embedding", "placed"),
        inputs=[("place", ("n_windows", 6))],
        nodes=[("Add", ["embedding", "place"], "placed")],
    )
    for chosen in ("wave", 0):
        rows = embedder(path, input=chosen, output="embedding", pooling="max")
        np.testing.assert_allclose(rows.transform(clips), reference(clips), rtol=1e-4)
    listed = r"wave \(n_windows, n_samples\), place \(n_windows, 6\)"
    with pytest.raises(ValueError, match=rf"it has 2 inputs: pass input=.*{listed}"):
        embedder(path, output="embedding").transform(clips)
    with pytest.raises(ValueError, match="'placed' also needs the input place"):
        embedder(path, input="wave", output="placed").transform(clips)


def test_weights_in_files_beside_it_are_read_and_count(tmp_path, clips):
    options = dict(save_as_external_data=True, location="own.data", size_threshold=1000)
    path = write_onnx(tmp_path / "own.onnx", **options)
    fitted = embedder(path, pooling="max").fit(clips)
    np.testing.assert_allclose(fitted.transform(clips), reference(clips), rtol=1e-4)
    before = path.read_bytes()
    (tmp_path / "own.data").unlink()  # onnx would append to it
    write_onnx(path, seed=1, **options)
    assert path.read_bytes() == before  # the weights alone are others
    np.testing.assert_allclose(
        embedder(path, pooling="max").transform(clips), reference(clips, 1), rtol=1e-4
    )
    with pytest.raises(ValueError, match=r"sha256 is .* but this ONNXEmbedder was fit"):
        fitted.transform(clips)
    (tmp_path / "own.data").unlink()
    with pytest.raises(FileNotFoundError, match=r"own\.data: no such file"):
        embedder(path).transform(clips)


def test_a_saved_model_predicts_the_same_or_names_the_file(tmp_path, clips):
    path = write_onnx(tmp_path / "own.onnx")
    X = [np.roll(clip, shift) * (1 + shift) for shift in range(6) for clip in clips]
    y = ["short", "middle", "long"] * 6
    model = make_pipeline(embedder(path), StandardScaler(), LogisticRegression())
    probabilities = model.fit(X, y).predict_proba(X)
    joblib.dump((model, X), tmp_path / "model.joblib")
    assert (tmp_path / "model.joblib").stat().st_size < 500_000
    code = (
        "import sys, joblib; model, X = joblib.load(sys.argv[1]);"
        "joblib.dump(model.predict_proba(X), sys.argv[2])"
    )
    files = tmp_path / "model.joblib", tmp_path / "probabilities"
    subprocess.run([sys.executable, "-c", code, *files], check=True)
    np.testing.assert_array_equal(joblib.load(files[1]), probabilities)
    again, _ = joblib.load(files[0])
    moved = path.rename(tmp_path / "moved.onnx")
    with pytest.raises(FileNotFoundError, match=r"own\.onnx: no such file"):
        again.predict(X)
    write_onnx(path, seed=1)
    with pytest.raises(ValueError, match=r"own\.onnx: sha256 is .*model_path"):
        again.predict(X)
    again.set_params(onnxembedder__model_path=moved)
    np.testing.assert_array_equal(again.predict_proba(X), probabilities)


def test_another_file_window_or_output_misses_the_cache(tmp_path, clips):
    path = write_onnx(tmp_path / "own.onnx", outputs=("embedding", "label"))
    first = embedder(path, output=0).transform(clips)
    size = embedder(path, output=0).set_params(pooling="mean_std").transform(clips)
    np.testing.assert_array_equal(size[:, :6], first)
    kept = len(CACHE._arrays)
    for change in (
        {"output": 1},
        {"window": 0.25},
        {"overlap": 0.1},
        {"pad_mode": "zero"},
        {"network_sample_rate": 16000},
        {"model_path": write_onnx(tmp_path / "other.onnx", seed=1), "output": None},
    ):
        rows = embedder(path, output=0).set_params(**change).transform(clips)
        kept += len(clips)
        assert len(CACHE._arrays) == kept
        assert rows.shape != first.shape or not np.allclose(rows, first)


def test_nothing_is_printed(tmp_path, clips, capfd):
    path = write_onnx(tmp_path / "own.onnx", ("n", LENGTH))
    embedder(path, n_jobs=2, batch_size=1).fit(clips).transform(clips)
    printed = capfd.readouterr()
    assert printed.out + printed.err == ""


@pytest.mark.parametrize("module", ["onnx", "onnxruntime"])
def test_missing_packages_are_named(monkeypatch, tmp_path, clips, module):
    path = write_onnx(tmp_path / "own.onnx")
    monkeypatch.setattr(_weights, "_opened", OrderedDict())
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    with pytest.raises(ImportError, match=rf"{module} is not.*'skaudio\[onnx\]'"):
        embedder(path).transform(clips)


@pytest.mark.parametrize("name", list(ONNX_PRESETS))
def test_presets_run_on_a_file_like_the_published_one(tmp_path, name):
    preset = ONNX_PRESETS[name]
    n_samples = round(preset.window * preset.sample_rate)
    path = write_onnx(
        tmp_path / preset.file,
        ("batch", n_samples),
        outputs=("label", preset.output),
        nodes=[("Identity", ["embedding"], "embeddings")],
    )
    made = ONNXEmbedder.from_preset(name, path, sample_rate=48000, pooling="max")
    clip = np.random.default_rng(0).standard_normal(48000 * 6).astype(np.float32)
    assert made.transform([clip]).shape == (1, 6)
    assert preset.licence and preset.url.startswith("https://")
    with pytest.raises(ValueError, match="'owlnet': expected one of perch_v2, birdnet"):
        ONNXEmbedder.from_preset("owlnet", path)
