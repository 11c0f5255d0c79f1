"""Spectrogram and sound of a clip, encoded for the page."""

import base64
import io
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import rfft

from skaudio._utils.mel_scale import mel_filters, to_mel
from skaudio.io import AudioFileError, load_clip, resample
from skaudio.reports.html._spectrogram_png import spectrogram_png

SAMPLE_RATE = 16000
_SOUND_RATES = (8000, 16000, 24000, 32000, 48000)  # Hz, of MP3
LONGEST = 6.0  # seconds that are embedded
_WIDTH, _N_FFT, _N_MELS, _TOP_DB, _AMIN = 300, 1024, 96, 70, 1e-10


class ClipMedia(NamedTuple):
    """The embedded media of a clip, or why there are none."""

    spectrogram: str | None = None  # data URI
    sound: str | None = None  # data URI
    start: float = 0.0  # of the embedded part, in seconds of the clip
    seconds: float = 0.0  # duration of the embedded part
    length: float = 0.0  # duration of the whole clip, in seconds
    problem: str | None = None
    ticks: tuple = ()  # of the frequency axis: (kHz, per cent of the height)


def clip_media(
    file, start_time=None, end_time=None, sample_rate=SAMPLE_RATE, channel="mix"
):
    """Draw the spectrogram of a clip and encode its sound.

    Parameters
    ----------
    file : str
    start_time, end_time : float or None
        Span in seconds.
    sample_rate : int
        In Hz. The spectrogram ends at half of it. The sound has at most 48 kHz.
    channel : "mix", "loudest" or int
        As of `WavLoader`.

    Returns
    -------
    media : ClipMedia
        Of a clip longer than 6 s, its loudest 6 s. For a file that is missing or cannot
        be read, ``problem`` gives the reason.
    """
    loaded = load_clip((file, start_time, end_time), sample_rate, channel)
    if isinstance(loaded, AudioFileError):
        return ClipMedia(problem=loaded.reason)
    waveform = loaded.waveform
    first, part = _loudest_part(waveform, sample_rate)
    return ClipMedia(
        spectrogram=data_uri(
            "image/png", spectrogram_png(_decibels(part, sample_rate))
        ),
        sound=data_uri(*encode_sound(part, sample_rate)),
        start=first / sample_rate,
        seconds=len(part) / sample_rate,
        length=len(waveform) / sample_rate,
        ticks=_mel_ticks(sample_rate),
    )


def _mel_ticks(sample_rate):
    """Choose frequencies in kHz, at most four, with their heights on the mel scale."""
    highest = to_mel(sample_rate / 2)
    octaves = sample_rate / 2000 / 2.0 ** np.arange(4)
    return tuple(
        (f"{octave:.3g}", float(100 * to_mel(1000 * octave) / highest))
        for octave in octaves
    )


def _loudest_part(waveform, sample_rate):
    """Cut the part of at most `LONGEST` seconds that has the most energy."""
    n_samples = int(LONGEST * sample_rate)
    if len(waveform) <= n_samples:
        return 0, waveform
    energy = np.concatenate([[0.0], np.cumsum(np.square(waveform, dtype=float))])
    first = int(np.argmax(energy[n_samples:] - energy[:-n_samples]))
    return first, waveform[first : first + n_samples]


def _decibels(waveform, sample_rate):
    """Compute the log-mel, scaled from its dynamic range to [0, 1]."""
    # Short clips take smaller steps, so that all spectrograms have about equal width.
    hop_length = max(32, -(-len(waveform) // _WIDTH))
    frames = sliding_window_view(np.pad(waveform, _N_FFT // 2), _N_FFT)[::hop_length]
    spectrum = rfft(frames * np.hanning(_N_FFT + 1)[:-1].astype(np.float32))
    filters = mel_filters(sample_rate, _N_FFT, _N_MELS, 0.0, None, False)
    power = filters @ (spectrum.real**2 + spectrum.imag**2).T
    decibels = 10 * np.log10(np.maximum(power, _AMIN))
    decibels -= decibels.max()
    if not decibels.any():  # silence: decibels below its maximum are all 0
        return np.zeros_like(decibels)
    return 1 + np.maximum(decibels, -_TOP_DB) / _TOP_DB


def encode_sound(waveform, sample_rate, level=0.5, highest_rate=48000):
    """Encode as MP3, the one compressed format that every browser plays.

    Parameters
    ----------
    waveform : ndarray of float32, shape (n_samples,)
    sample_rate : float
        In Hz.
    level : float, default=0.5
        From 0, the best quality, to 1, the smallest size.
    highest_rate : int, default=48000
        In Hz; sound of a higher rate is resampled.

    Returns
    -------
    kind : str
        The media type: WAV where libsndfile knows no MP3.
    content : bytes
    """
    import soundfile

    # An MP3 has one of a few rates.
    rates = [rate for rate in _SOUND_RATES if rate <= highest_rate]
    rate = next((rate for rate in rates if rate >= sample_rate), rates[-1])
    waveform = resample(waveform, sample_rate, rate)
    buffer = io.BytesIO()
    if "MP3" not in soundfile.available_formats():  # libsndfile before 1.1
        soundfile.write(buffer, waveform, rate, format="WAV", subtype="PCM_16")
        return "audio/wav", buffer.getvalue()
    soundfile.write(
        buffer,
        waveform,
        rate,
        format="MP3",
        bitrate_mode="VARIABLE",
        compression_level=level,
    )
    return "audio/mpeg", buffer.getvalue()


def data_uri(kind, content):
    """Write content into an address, of which a page can load it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
