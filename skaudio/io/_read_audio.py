"""Decode clips, with errors that name the file and the reason."""

import math
from typing import NamedTuple

import numpy as np

from skaudio._utils.levels import power
from skaudio._utils.warn import warn_user
from skaudio.io._audio_file import AudioFileError, OddAudioWarning
from skaudio.io._channels import check_channel, mix, wrong_samples
from skaudio.io._open_audio import Oddity, open_audio


class DecodedAudio(NamedTuple):
    """A decoded clip.

    Attributes
    ----------
    waveform : ndarray of float32, shape (n_samples,)
    sample_rate : int, in Hz
    oddities : tuple of Oddity
        What is wrong with it, each with ``problem`` and ``detail``.
    """

    waveform: np.ndarray
    sample_rate: int
    oddities: tuple


def read_audio(file, start_time=None, end_time=None, channel="mix"):
    """Decode a file, or a span of it, at its own sample rate.

    Parameters
    ----------
    file : str or path-like
    start_time, end_time : float or None
        Span in seconds; only its samples are decoded. A span that runs past the end
        of the file gives the samples up to the end.
    channel : "mix", "loudest" or int
        Mean over the channels, the one of most power, or the number of one, from 0.

    Returns
    -------
    waveform : ndarray of float32, shape (n_samples,)
    sample_rate : int, in Hz

    Raises
    ------
    AudioFileError
        Naming the file and the reason. A file that is cut short gives spans of what is
        there, but is not read as a whole.

    Warns
    -----
    OddAudioWarning
        Where the file holds more than its header announces (all of it is read), where
        its channels cancel in the mix, and where MP3 is damaged.

    See Also
    --------
    decode_audio : Returns what this warns of.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio.io import read_audio
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     soundfile.write(f"{folder}/dawn.wav", np.zeros(16000), 8000)
    ...     waveform, sample_rate = read_audio(f"{folder}/dawn.wav", 0.5, 1.5)
    >>> waveform.shape, sample_rate
    ((8000,), 8000)
    """
    waveform, sample_rate, oddities = decode_audio(file, start_time, end_time, channel)
    for oddity in oddities:
        text = str(AudioFileError(file, oddity.detail))
        warn_user(text, OddAudioWarning)
    return waveform, sample_rate


def decode_audio(file, start_time=None, end_time=None, channel="mix"):
    """Decode a file, or a span of it, and list what is odd about it.

    Parameters
    ----------
    file, start_time, end_time, channel
        As in `read_audio`.

    Returns
    -------
    decoded : DecodedAudio
        ``waveform`` and ``sample_rate`` as from `read_audio`, and ``oddities``.

    Raises
    ------
    AudioFileError
        As `read_audio` does.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio.io import decode_audio
    >>> tone = np.sin(np.arange(8000))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     soundfile.write(f"{folder}/inverted.wav", np.c_[tone, -0.9 * tone], 8000)
    ...     decoded = decode_audio(f"{folder}/inverted.wav")
    >>> [oddity.problem for oddity in decoded.oddities]
    ['cancelling in the mix']
    """
    with open_audio(file) as sound:
        sample_rate, oddities = sound.samplerate, sound.oddities
        first, last = _span_in_frames(sound, file, start_time, end_time)
        check_channel(sound, file, channel)
        channels, damage = sound.read(first, last)
    _check_complete(channels, last - first, sample_rate, file)
    if damage:
        oddities += (Oddity("damaged", f"libmpg123 reports damage ({damage})"),)
    with np.errstate(all="ignore"):  # the error names such samples
        if channel == "mix":
            waveform, cancelled = mix(channels)
            oddities += cancelled
        elif channel == "loudest":
            waveform = channels[:, np.argmax([power(one) for one in channels.T])]
        else:
            waveform = channels[:, channel]
        _check_samples(waveform, first, sample_rate, file)
    return DecodedAudio(np.ascontiguousarray(waveform), sample_rate, oddities)


def without_sound(start, end, length):
    """Return why a span of a file cannot be read."""
    span = f"{start or 0} s to the end" if end is None else f"{start or 0} to {end} s"
    return (
        f"the span from {span} holds no sound: expected 0 <= start < end and start "
        f"below the file's {length:.3f} s"
    )


def _span_in_frames(sound, file, start_time, end_time):
    rate = sound.samplerate
    length = sound.frames / rate
    start = 0.0 if start_time is None else float(start_time)
    end = math.inf if end_time is None else float(end_time)
    if sound.cut and end > length + 0.5 / rate:
        raise AudioFileError(file, f"is cut short: {sound.cut}")
    # Times that are no numbers, or beyond all, make an empty span.
    first = round(start * rate) if 0 <= start + 0.5 / rate <= length + 1 else -1
    last = round(min(end, length) * rate) if end > start else -1
    last = min(last, sound.frames)
    if first < 0 or last <= first:
        raise AudioFileError(file, without_sound(start_time, end_time, length))
    return first, last


def _check_complete(channels, expected, sample_rate, file):
    # Encoders pad, so an intact MP3 may be a little shorter than announced.
    if expected - len(channels) > max(4096, 0.01 * expected):
        raise AudioFileError(
            file,
            f"is damaged or cut short: {len(channels) / sample_rate:.2f} s decode of "
            f"{expected / sample_rate:.2f} s announced",
        )
    if not len(channels):
        raise AudioFileError(file, "holds no samples")


def _check_samples(waveform, first, sample_rate, file):
    places, what = wrong_samples(waveform)
    if len(places):
        seconds = (first + places[0]) / sample_rate
        raise AudioFileError(file, f"holds {what}, the first at {seconds:.3f} s")
