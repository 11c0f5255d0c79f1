"""Clips at the sample rate of a model."""

from typing import NamedTuple

import numpy as np

from skaudio._utils.levels import LEAST_KEPT, SILENCE_PEAK, power
from skaudio._utils.loaded_once import keeps_loaded
from skaudio.io._audio_file import AudioFileError
from skaudio.io._read_audio import decode_audio
from skaudio.io._resample import resample


class LoadedClip(NamedTuple):
    """A clip at the rate of a model.

    Attributes
    ----------
    waveform : ndarray of float32, shape (n_samples,)
    duration : float
        Seconds of the file, or of the span of it.
    oddities : tuple
        What is wrong with it, each with ``problem`` and ``detail``.
    """

    waveform: np.ndarray
    duration: float
    oddities: tuple


@keeps_loaded
def load_clip(clip, sample_rate, channel="mix"):
    """Decode a clip and resample it, as a model takes it.

    Parameters
    ----------
    clip : tuple of (file, start_time, end_time)
        Times in seconds, or None.
    sample_rate : int
        Of the model, in Hz.
    channel : "mix", "loudest" or int
        As of `read_audio`.

    Returns
    -------
    loaded : LoadedClip or AudioFileError
        The error as a value, so that all errors of many clips can be reported. It is
        one, too, where almost all energy lies above half of the model's rate.

    Examples
    --------
    >>> from skaudio.io import load_clip
    >>> print(load_clip(("missing.wav", None, None), 16000))
    missing.wav: no such file
    """
    try:
        waveform, own_rate, oddities = decode_audio(*clip, channel=channel)
        resampled = resample(waveform, own_rate, sample_rate)
        if own_rate > sample_rate:
            _check_band(clip, waveform, own_rate, resampled, sample_rate)
    except AudioFileError as error:
        return error
    return LoadedClip(resampled, len(waveform) / own_rate, oddities)


def _check_band(clip, waveform, own_rate, resampled, sample_rate):
    """Raise where almost nothing of a clip is left."""
    # With its mean, the whole clip has more power than without, at less cost.
    mean_square = np.dot(waveform, waveform) / len(waveform)
    if power(resampled) >= LEAST_KEPT * mean_square:
        return
    whole = power(waveform)
    if whole < SILENCE_PEAK**2:
        return
    if waveform.mean() ** 2 > whole:
        # At the ends of a large DC offset resampling leaves what is no sound.
        resampled = resample(waveform - waveform.mean(), own_rate, sample_rate)
    lost = 1 - power(resampled) / whole
    if lost > 1 - LEAST_KEPT:
        raise AudioFileError(
            clip[0],
            f"{lost:.1%} of its energy lies above {sample_rate / 2000:g} kHz, "
            f"which a model at sample_rate={sample_rate} does not use",
        )
