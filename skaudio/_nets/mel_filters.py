"""Mel filters as in Kaldi, which many published networks were trained with."""

import numpy as np


def mel_filters(sample_rate, n_fft, n_mels, fmin, fmax):
    """Compute triangles over mel, where librosa's are triangles over hertz.

    Parameters
    ----------
    sample_rate, n_fft, n_mels : int
    fmin, fmax : float
        In Hz.

    Returns
    -------
    filters : ndarray of float32, shape (n_fft // 2 + 1, n_mels)
        The highest value of a triangle is 1. Bins outside `fmin` to `fmax` have the
        weight 0.
    """
    bins = _mel(np.linspace(0, sample_rate / 2, n_fft // 2 + 1))[:, np.newaxis]
    edges = np.linspace(_mel(fmin), _mel(fmax), n_mels + 2)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _mel(hertz):
    return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)
