import numpy as np
import pytest
from numpy.testing import assert_allclose

from skaudio.io import resample


def tone(frequency, sample_rate, seconds=1.0):
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    return np.sin(2 * np.pi * frequency * time).astype(np.float32)


@pytest.mark.parametrize(
    ("sample_rate", "target"), [(48000, 16000), (44100, 16000), (8000, 22050)]
)
def test_a_tone_keeps_frequency_and_level(sample_rate, target):
    resampled = resample(tone(1000, sample_rate), sample_rate, target)
    assert resampled.dtype == np.float32 and resampled.shape == (target,)
    inner = slice(target // 10, -target // 10)  # without the transients of the filter
    assert_allclose(resampled[inner], tone(1000, target)[inner], atol=1e-3)


def test_frequencies_above_the_new_nyquist_frequency_are_removed():
    resampled = resample(tone(6000, 16000), 16000, 8000)
    assert np.abs(resampled[800:-800]).max() < 1e-3


def test_equal_rates_return_the_waveform_itself():
    waveform = tone(440, 16000)
    assert resample(waveform, 16000, 16000) is waveform


@pytest.mark.parametrize("n_samples", [1, 2])
def test_at_least_one_sample(n_samples):
    resampled = resample(np.ones(n_samples, np.float32), 48000, 8000)
    assert resampled.dtype == np.float32 and len(resampled) >= 1
