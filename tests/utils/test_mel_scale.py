import warnings

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skaudio._utils.mel_scale import mel_filters, mel_frequencies


@given(
    sample_rate=st.sampled_from([8000, 16000, 22050, 48000]),
    n_fft=st.sampled_from([255, 256, 1024]),
    n_mels=st.integers(1, 200),
    fmin=st.sampled_from([0, 20.5, 999.0, 1500.0]),
    fmax=st.sampled_from([None, 2000, 3999.5]),
    htk=st.booleans(),
)
def test_filters_are_librosas_to_the_bit(sample_rate, n_fft, n_mels, fmin, fmax, htk):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty bands
        reference = librosa.filters.mel(
            sr=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk
        )
    filters = mel_filters(sample_rate, n_fft, n_mels, fmin, fmax, htk)
    assert filters.dtype == reference.dtype
    np.testing.assert_array_equal(filters, reference)


@pytest.mark.parametrize("htk", [False, True])
def test_frequencies_are_librosas(htk):
    reference = librosa.mel_frequencies(50, fmin=10, fmax=12000, htk=htk)
    np.testing.assert_allclose(mel_frequencies(50, 10, 12000, htk), reference)
