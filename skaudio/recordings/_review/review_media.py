"""Spectrogram and sound of a window and of what is around it, within some bytes."""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import rfft

from skaudio.io import AudioFileError, decode_audio, open_audio, resample
from skaudio.reports.html import data_uri, encode_sound, spectrogram_png

_AUDIBLE = 96000  # Hz: sound of a higher rate is slowed down
_SLOWED = 10  # times, as bat detectors do
_WIDTH, _HEIGHT = 400, 128  # pixels
_TOP_DB = 70
_N_COLOURS = 16
_LOUDEST, _MOST_GAIN = 0.5, 100.0
# Highest rate in Hz and level of MP3, with what a second of sound takes: measured on
# recordings of a marsh, in bytes.
_STEPS = (
    (32000, 0.5, 6000),
    (32000, 0.7, 4500),
    (24000, 0.7, 3800),
    (16000, 0.7, 3100),
    (16000, 0.9, 2800),
)
_BASE64 = 4 / 3


class WindowMedia(NamedTuple):
    """What the page has of a window; times are in seconds of the recording.

    Attributes
    ----------
    spectrogram, sound : str
        Data URIs.
    shown : (float, float)
        What the spectrogram covers.
    heard : (float, float)
        What the sound covers.
    slowed : int
        How many times the sound is slowed down; 1 where it is not.
    khz : float
        Where the spectrogram ends.
    """

    spectrogram: str
    sound: str
    shown: tuple
    heard: tuple
    slowed: int
    khz: float


def window_media(file, start, end, padding, sample_rate, channel, n_bytes):
    """Draw the spectrogram of a window and encode its sound.

    Parameters
    ----------
    file : str
    start, end : float
        Seconds.
    padding : float
        Seconds before and after it, as they are heard.
    sample_rate : int or None
        In Hz; None is that of the recording.
    channel : "mix", "loudest" or int
    n_bytes : float
        Room in the page. Where the sound does not fit, its loudest part is kept.

    Returns
    -------
    media : WindowMedia

    Raises
    ------
    AudioFileError
    """
    with open_audio(file) as sound:
        length, rate = sound.frames / sound.samplerate, sound.samplerate
    if start >= length:
        raise AudioFileError(
            file,
            f"the window from {start:g} to {end:g} s lies after the end of the "
            f"recording, which lasts {length:g} s",
        )
    slowed = _SLOWED if min(rate, sample_rate or rate) > _AUDIBLE else 1
    first = max(0.0, start - padding / slowed)
    last = min(length, end + padding / slowed)
    waveform, rate, _ = decode_audio(file, first, last, channel)
    if sample_rate is not None and sample_rate < rate:
        waveform, rate = resample(waveform, rate, sample_rate), sample_rate
    png = data_uri("image/png", spectrogram_png(_levels(waveform, rate), _N_COLOURS))
    room = (n_bytes - len(png)) / _BASE64
    peak = np.abs(waveform).max(initial=0)
    waveform = waveform * min(_LOUDEST / max(peak, 1e-9), _MOST_GAIN)
    (kind, content), begin, n_samples = _fitting(waveform, rate / slowed, room)
    return WindowMedia(
        spectrogram=png,
        sound=data_uri(kind, content),
        shown=(first, first + len(waveform) / rate),
        heard=(first + begin / rate, first + (begin + n_samples) / rate),
        slowed=slowed,
        khz=rate / 2000,
    )


def _levels(waveform, rate):
    """Compute a spectrogram of linear frequency, scaled to [0, 1]."""
    n_fft = max(4 * _HEIGHT, 2 ** round(np.log2(min(rate, 50000) / 40)))
    n_samples = len(waveform)
    padded = np.pad(waveform, (n_fft // 2, n_fft))
    starts = np.arange(_WIDTH) * n_samples // _WIDTH
    frames = sliding_window_view(padded, n_fft)[starts] * np.hanning(n_fft)
    power = np.abs(rfft(frames.astype(np.float32), axis=1))[:, : n_fft // 2] ** 2
    power = power.reshape(_WIDTH, _HEIGHT, -1).mean(axis=2).T
    decibels = 10 * np.log10(np.maximum(power, 1e-10))
    top = decibels.max()
    # The even noise between calls is dark, whatever its level.
    floor = max(top - _TOP_DB, np.percentile(decibels, 30))
    if top - floor < 1:
        return np.zeros_like(decibels)
    return (decibels - floor) / (top - floor)


def _fitting(waveform, rate, n_bytes):
    """Encode as well as there is room for; return it with what part it is."""
    seconds = len(waveform) / rate
    least = _STEPS[-1][2]
    begin = 0
    if seconds * least > n_bytes:
        begin, waveform = _loudest_part(waveform, int(rate * n_bytes / least))
        seconds = len(waveform) / rate
    for highest, level, per_second in _STEPS:
        is_last = per_second == least
        if seconds * per_second > n_bytes and not is_last:
            continue
        encoded = encode_sound(waveform, rate, level, highest)
        if len(encoded[1]) <= n_bytes:
            return encoded, begin, len(waveform)
    while len(encoded[1]) > n_bytes and len(waveform) > rate / 4:
        n_fewer = int(len(waveform) * min(0.9, n_bytes / len(encoded[1])))
        later, waveform = _loudest_part(waveform, n_fewer)
        begin += later
        encoded = encode_sound(waveform, rate, level, highest)
    return encoded, begin, len(waveform)


def _loudest_part(waveform, n_samples):
    """Cut the part that has the most energy; return its first sample and itself."""
    n_samples = max(1, n_samples)
    energy = np.concatenate([[0.0], np.cumsum(np.square(waveform, dtype=float))])
    first = int(np.argmax(energy[n_samples:] - energy[:-n_samples]))
    return first, waveform[first : first + n_samples]
