"""Mel bands as librosa has them, whose import takes seconds."""

import numpy as np

_BREAK = 1000.0  # Hz: Slaney's scale is linear below and logarithmic above
_LINEAR = 200 / 3  # Hz per mel
_LOGARITHMIC = np.log(6.4) / 27  # of frequency, per mel


def mel_frequencies(n, fmin, fmax, htk=False):
    """Compute frequencies that are evenly spaced in mel.

    Parameters
    ----------
    n : int
    fmin, fmax : float
        The first and the last, in Hz.
    htk : bool, default=False
        HTK's scale, 2595 log10(1 + f / 700), instead of Slaney's.

    Returns
    -------
    frequencies : ndarray of shape (n,)
        In Hz.
    """
    low, high = to_mel(fmin, htk), to_mel(fmax, htk)
    return _to_hertz(np.linspace(low, high, n), htk)


def mel_filters(sample_rate, n_fft, n_mels, fmin, fmax, htk=False):
    """Compute triangles over hertz, each with an area of 1.

    Parameters
    ----------
    sample_rate, n_fft, n_mels : int
    fmin : float
        In Hz.
    fmax : float or None
        In Hz; None is half of the sample rate.
    htk : bool, default=False
        As of `mel_frequencies`.

    Returns
    -------
    filters : ndarray of float32, shape (n_mels, n_fft // 2 + 1)
        Those of ``librosa.filters.mel``. A triangle between two bins is empty.

    References
    ----------
    M. Slaney, "Auditory Toolbox", Interval Research technical report 1998-010 (1998).
    """
    fmax = sample_rate / 2 if fmax is None else fmax
    edges = mel_frequencies(n_mels + 2, fmin, fmax, htk)
    low, centre, high = (edges[k : k + n_mels, np.newaxis] for k in range(3))
    bins = np.arange(n_fft // 2 + 1) * sample_rate / n_fft
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    triangles = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return (triangles * (2 / (high - low))).astype(np.float32)


def to_mel(hertz, htk=False):
    """Return the place of a frequency in Hz on the mel scale, as librosa has it."""
    if htk:
        return 2595 * np.log10(1 + hertz / 700)
    if hertz < _BREAK:
        return hertz / _LINEAR
    return _BREAK / _LINEAR + np.log(hertz / _BREAK) / _LOGARITHMIC


def _to_hertz(mels, htk):
    if htk:
        return 700 * (10 ** (mels / 2595) - 1)
    above = mels - _BREAK / _LINEAR
    return np.where(
        above < 0, mels * _LINEAR, _BREAK * np.exp(_LOGARITHMIC * np.maximum(above, 0))
    )
