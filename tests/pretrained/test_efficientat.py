import os
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_weights import write_mobilenet

from skaudio import EfficientATEmbedder, WavLoader
from skaudio.pretrained._cache import CACHE
from skaudio.pretrained._efficientat import CLASSES, PUBLISHED

RATE = 32000


def opened(embedder):
    return embedder._opened(embedder._weights())


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The path of random weights of a small network."""
    return write_mobilenet(tmp_path_factory.mktemp("weights") / "tiny.pt")


@pytest.fixture(scope="module")
def tiny_embedder(tiny):
    return EfficientATEmbedder(
        **dict(model_path=tiny, sample_rate=RATE, window=0.5, speeds=(1,))
    )


@pytest.fixture(scope="module")
def noise():
    return 0.1 * np.random.default_rng(0).standard_normal(200_000).astype(np.float32)


@pytest.fixture(scope="module")
def chirp():
    """The 5 s that the authors' network was run on."""
    time = np.arange(5 * RATE) / RATE
    sweep = 0.3 * np.sin(2 * np.pi * np.cumsum(300 + 300 * time) / RATE)
    sweep *= np.sin(2 * np.pi * 3 * time) > 0
    return (sweep + 0.05 * np.sin(2 * np.pi * 5200 * time)).astype(np.float32)


def test_equals_the_authors_network(mn04, chirp):
    reference = np.load(mn04.with_name("efficientat_mn04_reference.npz"))
    one_speed = EfficientATEmbedder(speeds=(1,))
    model = opened(one_speed)
    log_mel = model.front_end(torch.from_numpy(chirp)[None])[0].numpy()
    np.testing.assert_allclose(log_mel, reference["log_mel"], rtol=0, atol=1e-4)
    # A clip of 5 s is one window as it is.
    (embedding,) = EfficientATEmbedder(speeds=(1,), layers="embedding").transform(
        [chirp]
    )
    expected = reference["embedding"]
    np.testing.assert_allclose(embedding, expected, rtol=0, atol=1e-4)
    (logits,) = model.scores(chirp[None])
    np.testing.assert_allclose(logits, reference["logits"], rtol=0, atol=1e-4)
    # Blocks, then the embedding, then the hidden layer before the logits.
    (row,) = one_speed.transform([chirp])
    blocks, middle, hidden = np.split(row, [504, 888])
    assert blocks.shape == (504,) and abs(blocks).max() > 0.1
    np.testing.assert_allclose(middle, expected, rtol=0, atol=1e-4)
    last = model.network.classifier[5]
    again = last(torch.from_numpy(hidden)).detach().numpy()
    np.testing.assert_allclose(again, reference["logits"], rtol=0, atol=1e-4)


def test_means_of_every_block(tiny, tiny_embedder, noise):
    """Against the layers run one after the other, batch normalisation unfolded."""
    from skaudio._nets.mobilenet_v3 import MobileNetV3

    network = MobileNetV3.from_weights(torch.load(tiny, weights_only=True))
    window = noise[: RATE // 2]
    X = opened(tiny_embedder).front_end(torch.from_numpy(window)[None])[:, None]
    expected = []
    with torch.inference_mode():
        for number, stage in enumerate(network.features):
            X = stage(X)
            if number:
                expected.append(X.mean(dim=(2, 3))[0])
    (row,) = tiny_embedder.transform([window])
    assert row.shape == (54 + 10 + 6,)
    np.testing.assert_allclose(row[:64], torch.cat(expected), rtol=1e-4, atol=1e-5)


@settings(deadline=None, max_examples=20)
@given(n_samples=st.integers(1, 60_000))
def test_windows_of_any_clip(tiny_embedder, noise, n_samples):
    """Shorter clips are repeated; longer ones cut, the last window ends with them."""
    clip, length = noise[:n_samples], RATE // 2
    starts = [*range(0, max(0, n_samples - length), length), max(0, n_samples - length)]
    repeated = np.tile(clip, -(-length // n_samples))
    if n_samples < length:
        windows = [repeated[:length]]
    else:
        windows = [clip[start : start + length] for start in dict.fromkeys(starts)]
    expected = opened(tiny_embedder).run(np.stack(windows)).mean(axis=0)
    (row,) = tiny_embedder.transform([clip])
    np.testing.assert_allclose(row, expected, rtol=1e-5, atol=1e-6)


def test_rows_are_the_same_to_the_bit_in_any_batch(tiny_embedder, noise):
    clips = [noise[:9000], noise[:40_000], noise[5:20_000], noise[:RATE]]
    rows = tiny_embedder.transform(clips)
    n_threads = torch.get_num_threads()
    try:
        for n_threads_now, n_jobs, order in ((1, None, [2, 0, 3, 1]), (2, 2, [3, 1])):
            CACHE.clear()
            torch.set_num_threads(n_threads_now)
            embedder = EfficientATEmbedder(**tiny_embedder.get_params())
            embedder.set_params(n_jobs=n_jobs, batch_size=2)
            again = embedder.transform([clips[place] for place in order])
            np.testing.assert_array_equal(again, rows[order])
            assert torch.get_num_threads() == n_threads_now
    finally:
        torch.set_num_threads(n_threads)


def test_speeds_are_one_and_two_by_default(mn04, chirp):
    both = EfficientATEmbedder().transform([chirp])
    # Twice as fast is as if there had been half as many samples a second.
    one = {"speeds": (1,)}
    fast = EfficientATEmbedder(sample_rate=2 * RATE, **one).transform([chirp])
    slow = EfficientATEmbedder(**one).transform([chirp])
    np.testing.assert_array_equal(both, np.hstack([slow, fast]))
    assert both.shape == (1, 2800)
    assert len(EfficientATEmbedder().get_feature_names_out()) == 2800


def test_recorded_at_other_rates(mn04, chirp):
    """A clip below 6 kHz has nearly the same embedding from 16 and from 32 kHz."""
    rows = {
        rate: EfficientATEmbedder(sample_rate=rate).transform([clip])[0]
        for rate, clip in ((RATE, chirp), (16000, chirp[::2]), (8000, chirp[::2]))
    }
    near, far = (abs(rows[RATE] - rows[rate]).mean() for rate in (16000, 8000))
    assert near < 0.3 * far


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("Dog", "Dog"),
        ("Cat", "Cat"),
        ("Cow", "Cattle, bovinae"),
        ("Rooster", "Chicken, rooster"),
        ("Frog", "Frog"),
    ],
)
def test_audioset_scores_of_real_animals(mn04, animals_sounds, folder, name):
    files = sorted((animals_sounds / "Training" / folder).iterdir())[:8]
    waveforms = WavLoader(RATE).transform(files)
    scores = EfficientATEmbedder().predict_audioset(waveforms)
    assert scores.shape == (8, 527)
    best = scores.rank(axis=1, ascending=False)[name]
    assert (best <= 3).sum() >= 7


def test_audioset_scores_of_silence_and_of_broken_clips(mn04, tiny_embedder, noise):
    silence = np.zeros(RATE, np.float32)
    broken = np.full(RATE, np.nan, np.float32)
    scores = EfficientATEmbedder().predict_audioset([silence, broken])
    assert scores.iloc[0].idxmax() == "Silence"
    assert scores.iloc[1].isna().all() and scores.to_numpy()[0].max() <= 1
    # Classes of a network of one's own have no names.
    own = tiny_embedder.predict_audioset([noise])
    assert own.columns.tolist() == [*range(7)]


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """No weights and no network; gives the folder that they would be fetched to."""
    monkeypatch.delenv("SKAUDIO_WEIGHTS", raising=False)
    monkeypatch.setenv("SKAUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    return tmp_path / "data" / "pretrained"


def test_without_a_network_the_place_of_the_file_is_named(no_network, tiny_embedder):
    clip = [np.ones(100, np.float32)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no second attempt
        for model, file in (
            ("mn04_as", "mn04_as_mAP_432.pt"),
            ("mn10_as", "mn10_as_mAP_471.pt"),
        ):
            with pytest.raises(OSError) as error:
                EfficientATEmbedder(model).transform(clip)
            text = str(error.value)
            assert f"EfficientAT/releases/download/v0.0.1/{file}: no connection" in text
            assert f"put the file there yourself: {no_network / file}, or" in text
            assert "\n" not in text


def test_own_folder_wins_over_the_cache(no_network, monkeypatch, tmp_path, mn04):
    """And no download is tried, which would fail."""
    no_network.mkdir(parents=True)
    (no_network / mn04.name).write_bytes(b"not asked")
    own = tmp_path / "own"
    own.mkdir()
    for name in (mn04.name, CLASSES.name):
        shutil.copy(mn04.with_name(name), own / name)
    monkeypatch.setenv("SKAUDIO_WEIGHTS", str(own))
    clip = [np.zeros(RATE, np.float32)]
    scores = EfficientATEmbedder().predict_audioset(clip)
    assert scores.columns[0] == "Speech"
    # Without them the file of the cache is read.
    (own / mn04.name).unlink()
    with pytest.raises(ValueError, match=r"data.*mn04.*sha256 .*, expected 899a8c62"):
        EfficientATEmbedder().transform(clip)
    monkeypatch.setenv("SKAUDIO_WEIGHTS", str(tmp_path / "gone"))
    with pytest.raises(ValueError, match=r"SKAUDIO_WEIGHTS=.*gone: no such f"):
        EfficientATEmbedder().transform(clip)


def test_the_cache_serves_once_the_file_is_there(no_network, mn04, noise):
    no_network.mkdir(parents=True)
    shutil.copy(mn04, no_network)
    assert np.isfinite(EfficientATEmbedder().transform([noise[:RATE]])).all()


def test_damaged_and_other_files_are_one_line(mn04, tiny, tmp_path, monkeypatch):
    half = tmp_path / mn04.name
    half.write_bytes(mn04.read_bytes()[: mn04.stat().st_size // 2])
    text = tmp_path / "text.pt"
    text.write_text("no weights")
    content = torch.load(tiny, weights_only=True)
    torch.save([*content.values()], tmp_path / "list.pt")
    torch.save(content | {"more.weight": torch.ones(3)}, tmp_path / "more.pt")
    del content["features.3.block.0.0.weight"]
    torch.save(content, tmp_path / "less.pt")
    clip = [np.ones(100, np.float32)]
    for name, reason in (
        (half.name, "not a file of weights alone"),
        ("text.pt", "not a file of weights alone"),
        ("list.pt", "holds a list, expected weights by name"),
        ("more.pt", "holds no weights of EfficientAT"),
        ("less.pt", "holds no weights of EfficientAT"),
    ):
        with pytest.raises(ValueError, match=f"{name}: {reason}") as error:
            EfficientATEmbedder(model_path=tmp_path / name).transform(clip)
        assert "\n" not in str(error.value)
    # Under its published name the hash is checked first.
    monkeypatch.setenv("SKAUDIO_WEIGHTS", str(tmp_path))
    with pytest.raises(ValueError, match=f"{half.name}: sha256 is .*expected 899a8c62"):
        EfficientATEmbedder().transform(clip)
    with pytest.raises(FileNotFoundError, match=r"nowhere\.pt: no such file"):
        EfficientATEmbedder(model_path="nowhere.pt").transform(clip)


def test_layers_are_cached_apart(tiny, noise):
    options = dict(model_path=tiny, window=0.5, speeds=(1,))
    everything = EfficientATEmbedder(**options).transform([noise])
    alone = EfficientATEmbedder(**options, layers="embedding").transform([noise])
    np.testing.assert_allclose(alone, everything[:, 54:64], rtol=1e-5)


def test_published_files_have_an_address_each():
    assert {*PUBLISHED} >= {"mn04_as", "mn10_as", "mn20_as", "mn30_as", "mn40_as"}
    names = [file.name for file in PUBLISHED.values()]
    assert names == [os.path.basename(file.url) for file in PUBLISHED.values()]
    assert len(set(names)) == len(names)


def test_names_are_those_of_audioset(mn04):
    names = pd.read_csv(mn04.with_name(CLASSES.name))["display_name"]
    assert len(names) == 527 and names.is_unique
