import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skaudio.augment import place_in_background

RATE = 8000


def hiss(n_samples, level=0.01, seed=0):
    return np.random.RandomState(seed).normal(0, level, n_samples)


@given(
    st.integers(1, 3 * RATE),
    st.integers(1, RATE),
    st.floats(-20, 40),
    st.integers(0, 9),
)
def test_windows_are_full_finite_and_within_full_scale(n_clip, n_window, snr_db, seed):
    clip = np.sin(np.arange(n_clip) / 3)
    window = place_in_background(
        clip, hiss(n_window), snr_db, RATE, np.random.RandomState(seed)
    )
    assert window.shape == (n_window,) and window.dtype == np.float32
    assert np.isfinite(window).all() and np.abs(window).max() <= 1


@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 12.5])
def test_the_ratio_is_that_of_the_active_part(snr_db):
    call = np.sin(np.arange(2048) / 3)
    clip = np.concatenate([np.zeros(1024), call, np.zeros(4096)])
    background = hiss(RATE)
    window = place_in_background(
        clip, background, snr_db, RATE, np.random.RandomState(0)
    )
    difference = window - background
    heard = np.flatnonzero(np.abs(difference) > 1e-7)
    span = slice(heard[0], heard[-1] + 1)
    assert span.stop - span.start == pytest.approx(2048, abs=260)
    noise = background - background.mean()
    ratio = np.mean(difference[span] ** 2) / np.mean(noise[span] ** 2)
    assert 10 * np.log10(ratio) == pytest.approx(snr_db, abs=0.3)


def test_a_long_clip_gives_a_part_that_is_heard():
    clip = np.zeros(10 * RATE)
    clip[7 * RATE : 7 * RATE + 500] = np.sin(np.arange(500) / 3)
    clip[:500] = np.sin(np.arange(500) / 3)
    for seed in range(40):
        background = hiss(RATE, seed=seed)
        window = place_in_background(
            clip, background, 20, RATE, np.random.RandomState(seed)
        )
        assert np.std(window) > 2 * np.std(background)


def test_silence_on_either_side():
    random_state = np.random.RandomState(0)
    background = hiss(RATE)
    same = place_in_background(np.zeros(500), background, 10, RATE, random_state)
    np.testing.assert_allclose(same, background, atol=1e-8)
    call = np.sin(np.arange(500) / 3)
    alone = place_in_background(call, np.zeros(RATE), 10, RATE, random_state)
    assert np.abs(alone).max() == pytest.approx(1, abs=0.05)


def test_the_peak_stays_within_full_scale():
    window = place_in_background(
        np.sin(np.arange(500) / 3), hiss(RATE, 0.3), 40, RATE, np.random.RandomState(0)
    )
    assert np.abs(window).max() == pytest.approx(1)
