"""Other clips as a background, added as sound adds: in power, not in decibels."""

import numpy as np


def log_mixup(pictures, rng, ratio):
    """Mix each picture with another of the batch, the other being the weaker.

    ``log((1 - r) exp(a) + r exp(b))``, with r drawn uniformly from 0 to `ratio`.

    Parameters
    ----------
    pictures : ndarray of float32, shape (n, n_bands, n_frames)
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
    # Each gets one that is not itself.
    shift = rng.integers(1, len(pictures)) if len(pictures) > 1 else 0
    others = np.roll(pictures, shift, axis=0)
    shares = rng.uniform(0, ratio, size=(len(pictures), 1, 1)).astype(np.float32)
    shares = np.maximum(shares, np.float32(1e-6))
    return np.logaddexp(pictures + np.log1p(-shares), others + np.log(shares))
