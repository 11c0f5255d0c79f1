"""The power of a clip, and the frames in which it is active."""

import numpy as np

from skaudio._utils.levels import SILENCE_PEAK

FRAME = 0.032  # seconds
ACTIVE_DB = 30.0  # a frame is active up to this far below the loudest


def centre(waveform):
    """Take off the mean: a recorder's DC offset is not signal.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)

    Returns
    -------
    ndarray of shape (n_samples,), float64
    """
    return waveform - waveform.mean(dtype=np.float64)


def is_silent(waveform):
    """Whether no sample is further than `SILENCE_PEAK` (-80 dB) from the mean."""
    mean = waveform.mean(dtype=np.float64)
    return max(waveform.max() - mean, mean - waveform.min()) < SILENCE_PEAK


def sounding_part(centred, level, sample_rate):
    """Select the samples over which powers are measured.

    Parameters
    ----------
    centred : ndarray of shape (n_samples,)
        A waveform of mean 0.
    level : {"active", "rms"}
        "active" is every frame of `FRAME` seconds, laid end to end from the start (the
        last may be shorter), whose mean power is at most `ACTIVE_DB` below that of the
        loudest; "rms" is the whole clip.
    sample_rate : int, in Hz

    Returns
    -------
    part : ndarray of shape (n_samples,), bool
    """
    if level == "rms":
        return np.ones(len(centred), bool)
    length = max(1, round(FRAME * sample_rate))
    starts = np.arange(0, len(centred), length)
    sizes = np.diff(starts, append=len(centred))
    powers = np.add.reduceat(centred**2, starts) / sizes
    return np.repeat(powers >= powers.max() * 10 ** (-ACTIVE_DB / 10), sizes)


def mean_power(centred, part):
    """Mean square over a part, of a waveform that has mean 0 over the whole."""
    return float(np.mean(centred[part] ** 2))
