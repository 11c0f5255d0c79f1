import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixer_inputs import both, pulses, ragged, snr_achieved, white

from skaudio import WavLoader
from skaudio.augment import CalibratedNoiseMixer, NoiseMixer


@settings(max_examples=60, deadline=None)
@given(
    n_samples=st.integers(40, 5000),
    signal_db=st.floats(-60, 0),
    noise_db=st.floats(-60, 0),
    snr_db=st.floats(-30, 50),
    offset=st.sampled_from([0.0, 0.3]),
    level=st.sampled_from(["active", "rms"]),
    seed=st.integers(0, 2**31),
)
def test_the_requested_snr_is_achieved(
    n_samples, signal_db, noise_db, snr_db, offset, level, seed
):
    rng = np.random.default_rng(seed)
    envelope = np.repeat(10.0 ** rng.uniform(-3, 0, 8), -(-n_samples // 8))[:n_samples]
    signal, noise = rng.normal(size=(2, n_samples))
    clip = np.float32(10 ** (signal_db / 20) * envelope * signal + offset)
    noise *= 10 ** (noise_db / 20)
    mixer = CalibratedNoiseMixer(
        noise, snr_db=snr_db, level=level, sample_rate=8000, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ((same, view),) = mixer.fit_transform(clip[np.newaxis])
    np.testing.assert_array_equal(same, clip)
    assert np.abs(view).max() <= 1
    # The noise has one cut only: the scale of the view follows from it.
    clean, noise = np.float64(clip), noise - noise.mean()
    (scale, gain), *_ = np.linalg.lstsq(np.stack([clean, noise], 1), np.float64(view))
    np.testing.assert_allclose(view, scale * clean + gain * noise, atol=1e-5)
    mixed = view / scale - clean
    assert snr_achieved(clip, mixed, level, 8000) == pytest.approx(snr_db, abs=0.1)
    assert mixer.snr_db_ == pytest.approx(np.array([[snr_db]]))


@pytest.mark.parametrize("noise_seconds", [0.05, 0.3, 3.0])
@pytest.mark.parametrize(
    "mixer_class, level", [(NoiseMixer, "rms"), (CalibratedNoiseMixer, "active")]
)
def test_snr_of_looped_and_cut_noise(mixer_class, level, noise_seconds):
    clips = pulses(12)
    noise = [white(int(noise_seconds * 8000), seed) for seed in range(3)]
    mixer = mixer_class(noise, snr_db=(0, 20), sample_rate=8000, random_state=0)
    views = mixer.fit_transform(clips)
    for clip, (_, view), asked in zip(clips, views, mixer.snr_db_[:, 0], strict=True):
        got = snr_achieved(clip, np.float64(view) - clip, level, 8000)
        assert got == pytest.approx(asked, abs=0.1)
    assert 0 <= mixer.snr_db_.min() and mixer.snr_db_.max() <= 20


def test_active_level_leaves_the_pause_out():
    clips = pulses(1, n_samples=4096)  # 256 samples a frame
    options = dict(snr_db=10, sample_rate=8000, random_state=0)
    active = CalibratedNoiseMixer(white(4000), **options).fit_transform(clips)
    rms = CalibratedNoiseMixer(white(4000), level="rms", **options).fit_transform(clips)
    louder = np.std(active[0, 1] - clips[0]) / np.std(rms[0, 1] - clips[0])
    assert 20 * np.log10(louder) == pytest.approx(6, abs=0.5)  # a quarter is active


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("n_views", [1, 3])
def test_snrs_and_noises_are_even_within_every_class(n_views, several):
    rng = np.random.default_rng(0)
    y = rng.permutation(np.repeat(["cat", "cow", "dog", "owl"], [23, 7, 3, 1]))
    noise = np.stack([white(500, seed) for seed in range(5)])
    mixer = CalibratedNoiseMixer(
        noise, snr_db=(10, 20), n_views=n_views, sample_rate=8000, random_state=0
    )
    # Or of two labels per clip, within every combination.
    pairs = {"cat": (0, 0), "cow": (0, 1), "dog": (1, 0), "owl": (1, 1)}
    labels = [pairs[label] for label in y] if several else y
    mixer.fit_transform(pulses(len(y), n_samples=400), labels)
    assert mixer.snr_db_.shape == mixer.noise_index_.shape == (len(y), n_views)
    for label in np.unique(y):
        snr_db = mixer.snr_db_[y == label].ravel()
        place = np.sort((snr_db - 10) / 10 * len(snr_db)).astype(int)
        np.testing.assert_array_equal(place, np.arange(len(snr_db)))
        counts = np.bincount(mixer.noise_index_[y == label].ravel(), minlength=5)
        assert np.ptp(counts) <= 1
    assert np.ptp(np.bincount(mixer.noise_index_.ravel(), minlength=5)) <= 1
    # The order is random: neither the SNR nor the noise follows the row.
    assert (np.diff(mixer.snr_db_[y == "cat", 0]) < 0).any()
    assert n_views == 1 or (np.diff(mixer.snr_db_, axis=1) < 0).any()
    mixer.fit_transform(pulses(len(y), n_samples=400))
    place = np.sort((mixer.snr_db_.ravel() - 10) / 10 * mixer.snr_db_.size).astype(int)
    np.testing.assert_array_equal(place, np.arange(mixer.snr_db_.size))


def test_clips_without_an_snr_take_no_share():
    clips = pulses(9, n_samples=400)
    clips[[1, 4]], clips[7] = 0, np.nan
    mixer = CalibratedNoiseMixer([white(500, 1), white(500, 2)], sample_rate=8000)
    with pytest.warns(UserWarning, match="2 of 9 clips are silent") as caught:
        mixer.fit_transform(clips, np.arange(9) % 2)
    assert len(caught) == 1
    even = mixer.snr_db_[[0, 2, 6, 8], 0]
    assert sorted(((even - 10) / 10 * 4).astype(int)) == [0, 1, 2, 3]
    assert np.bincount(mixer.noise_index_[[0, 2, 6, 8], 0]).tolist() == [2, 2]


def test_p_is_the_share_of_mixed_views():
    clips = pulses(200, n_samples=100)
    mixer = NoiseMixer(white(500), n_views=2, p=0.3, sample_rate=8000, random_state=0)
    views = mixer.fit_transform(clips)
    mixed = mixer.noise_index_ >= 0
    assert 0.2 < mixed.mean() < 0.4
    np.testing.assert_array_equal(mixed, np.isfinite(mixer.snr_db_))
    same = (views[:, 1:] == clips[:, np.newaxis]).all(axis=2)
    np.testing.assert_array_equal(same, ~mixed)


@both
def test_nothing_clips_and_the_snr_stays(mixer_class):
    clips = np.float32(0.99 * np.sin(np.arange(4000) / 9))[np.newaxis]
    noise = white(4000)
    mixer = mixer_class(noise, snr_db=3, sample_rate=8000, random_state=0)
    ((same, view),) = mixer.fit_transform(clips)
    np.testing.assert_array_equal(same, clips[0])
    assert np.abs(view).max() == 1
    basis = np.stack([clips[0], noise - noise.mean()], 1).astype(float)
    (scale, _), *_ = np.linalg.lstsq(basis, view.astype(float))
    assert scale < 0.9
    got = snr_achieved(clips[0], view / scale - clips[0], "rms", 8000)
    assert got == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(
    "snr_db",
    [(20, 0), (1, 2, 3), (), (0, np.nan), np.inf, ("a", 1), [0, 1e9], ((1, 2),)],
)
@both
def test_bad_snr_db_raises(mixer_class, snr_db):
    with pytest.raises(ValueError, match=r"^snr_db=.*, expected a number or a pair"):
        mixer_class(white(9), snr_db=snr_db).fit(pulses(2))


@both
def test_real_clips_in_real_wind(mixer_class, animals_sounds):
    files = sorted(animals_sounds.glob("Training/*/*"))[::60]
    clips = ragged(*(0.1 * clip for clip in WavLoader().transform(files)))
    mixer = mixer_class(
        sorted(animals_sounds.glob("Noise/wind/*"))[:8], n_views=2, random_state=0
    )
    views = mixer.fit_transform(clips, [file.parent.name for file in files])
    level = "active" if mixer_class is CalibratedNoiseMixer else "rms"
    for row, clip in enumerate(clips):
        np.testing.assert_array_equal(views[row][0], clip)
        for view, asked in zip(views[row][1:], mixer.snr_db_[row], strict=True):
            assert np.abs(view).max() < 1  # so that the difference is the noise
            got = snr_achieved(clip, np.float64(view) - clip, level, 16000)
            assert got == pytest.approx(asked, abs=0.1)
    assert (mixer.noise_index_ >= 0).all()
