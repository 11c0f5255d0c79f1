"""One waveform of several channels, and samples that are no sound."""

import math

import numpy as np

from skaudio._utils.levels import SILENCE_PEAK, power
from skaudio.io._audio_file import AudioFileError
from skaudio.io._open_audio import Oddity

# Of the power that the mix of channels without any relation has, which for two is half
# of theirs. Of 213 stereo clips that people published the least was 0.57.
_CANCELLED = 0.2
# Files that hold integers as floats reach 2e9. Above this squares lose their meaning.
_LARGEST_SAMPLE = 1e10


def check_channel(sound, file, channel):
    """Raise AudioFileError where an open sound file has no such channel."""
    if not isinstance(channel, str) and channel >= sound.channels:
        raise AudioFileError(
            file,
            f"has {sound.channels} channel(s), so there is no channel {channel}: "
            'pass a smaller channel or channel="mix"',
        )


def mix(channels):
    """Return the mean over channels, and whether they cancel.

    Parameters
    ----------
    channels : ndarray of float32, shape (n_samples, n_channels)

    Returns
    -------
    waveform : ndarray of float32, shape (n_samples,)
    oddities : tuple of Oddity
    """
    n_channels = channels.shape[1]
    if n_channels == 1:
        return channels[:, 0], ()
    # numpy's mean over an axis of two is slow.
    if n_channels == 2:
        mixed = (channels[:, 0] + channels[:, 1]) * np.float32(0.5)
    else:
        mixed = channels.mean(axis=1)
    left, least = power(mixed), _CANCELLED / n_channels
    # With their means, the channels have more power than without, at less cost.
    if left >= least * np.vdot(channels, channels) / channels.size:
        return mixed, ()
    theirs = sum(power(one) for one in channels.T) / n_channels
    if theirs < SILENCE_PEAK**2 or left >= least * theirs:
        return mixed, ()
    loss = 10 * math.log10(theirs / max(left, 1e-10 * theirs))
    detail = (
        f"its channels cancel: their mix has {loss:.0f} dB less power than they have, "
        'as where one is inverted; take one, e.g. with channel="loudest"'
    )
    return mixed, (Oddity("cancelling in the mix", detail),)


def wrong_samples(waveform):
    """Find samples that are no sound.

    Parameters
    ----------
    waveform : ndarray of float32, shape (n_samples,)

    Returns
    -------
    places : ndarray of int
    what : str
        What the first of them is.
    """
    # One dot product shows that all is well; look closer only where it does not.
    if np.dot(waveform, waveform) <= _LARGEST_SAMPLE**2:
        return np.empty(0, int), ""
    places = np.flatnonzero(~(np.abs(waveform) <= _LARGEST_SAMPLE))
    value = waveform[places[0]] if len(places) else 0.0
    what = (
        f"samples as large as {value:.0e}"
        if np.isfinite(value)
        else "NaN or infinite samples"
    )
    return places, what
