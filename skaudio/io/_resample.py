"""Change the sample rate of a waveform."""

import numpy as np


def resample(waveform, sample_rate, target_sample_rate):
    """Resample a waveform with soxr at its "HQ" quality.

    Parameters
    ----------
    waveform : ndarray of float32, shape (n_samples,)
    sample_rate, target_sample_rate : float
        In Hz. Where they are equal, the waveform is returned as it is.

    Returns
    -------
    waveform : ndarray of float32, shape (n_resampled,)
        At least one sample.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.io import resample
    >>> resample(np.zeros(48000, np.float32), 48000, 16000).shape
    (16000,)
    """
    if sample_rate == target_sample_rate:
        return waveform
    import soxr

    resampled = soxr.resample(waveform, sample_rate, target_sample_rate, "HQ")
    return resampled if len(resampled) else np.zeros(1, np.float32)
