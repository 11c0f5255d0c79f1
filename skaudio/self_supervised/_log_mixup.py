"""Other clips as a background, added in power and not in decibels."""

import numpy as np


def log_mixup(log_mels, rng, ratio):
    """Mix each log-mel with a weaker one, another of the batch.

    ``log((1 - r) exp(a) + r exp(b))``, with r drawn uniformly from 0 to `ratio`.

    Parameters
    ----------
    log_mels : ndarray of float32, shape (n, n_bands, n_frames)
        Normalised, without padding.
    rng : numpy.random.Generator
    ratio : float in [0, 1)

    Returns
    -------
    mixed : ndarray of float32, the same shape

    References
    ----------
    D. Niizumi et al., "BYOL for Audio: self-supervised learning for general-purpose
    audio representation", IJCNN 2021. Theirs mixes with clips of earlier batches.
    """
    # A shift of at least 1, so that none is mixed with itself.
    shift = rng.integers(1, len(log_mels)) if len(log_mels) > 1 else 0
    others = np.roll(log_mels, shift, axis=0)
    shares = rng.uniform(0, ratio, size=(len(log_mels), 1, 1)).astype(np.float32)
    shares = np.maximum(shares, np.float32(1e-6))
    return np.logaddexp(log_mels + np.log1p(-shares), others + np.log(shares))
