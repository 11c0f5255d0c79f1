"""Spectrogram and sound of a clip, encoded for the page."""

import base64
import io
from typing import NamedTuple

import numpy as np
import pandas as pd

from skaudio.features import LogMelExtractor, WavLoader
from skaudio.io import AudioFileError
from skaudio.reports.html._spectrogram_png import spectrogram_png

SAMPLE_RATE = 16000
LONGEST = 6.0  # seconds that are embedded
_WIDTH, _N_MELS, _TOP_DB = 300, 96, 70


class ClipMedia(NamedTuple):
    """The embedded media of a clip, or why there are none."""

    spectrogram: str | None = None  # data URI
    sound: str | None = None  # data URI
    start: float = 0.0  # of the embedded part, in seconds of the clip
    seconds: float = 0.0  # duration of the embedded part
    length: float = 0.0  # duration of the whole clip, in seconds
    problem: str | None = None


def clip_media(file, start_time=None, end_time=None):
    """Draw the spectrogram of a clip and encode its sound.

    Parameters
    ----------
    file : str
    start_time, end_time : float or None
        Span in seconds.

    Returns
    -------
    media : ClipMedia
        Of a clip longer than 6 s, its loudest 6 s. For a file that is missing or cannot
        be read, ``problem`` gives the reason.
    """
    span = pd.DataFrame(
        {"file": [file], "start_time": [start_time], "end_time": [end_time]}
    )
    try:
        waveform = WavLoader(SAMPLE_RATE).transform(span)[0]
    except AudioFileError as error:
        return ClipMedia(problem=error.reason)
    first, part = _loudest_part(waveform)
    return ClipMedia(
        spectrogram=_data_uri("image/png", spectrogram_png(_decibels(part))),
        sound=_data_uri(*_encode(part)),
        start=first / SAMPLE_RATE,
        seconds=len(part) / SAMPLE_RATE,
        length=len(waveform) / SAMPLE_RATE,
    )


def _loudest_part(waveform):
    """Cut the part of at most `LONGEST` seconds that has the most energy."""
    n_samples = int(LONGEST * SAMPLE_RATE)
    if len(waveform) <= n_samples:
        return 0, waveform
    energy = np.concatenate([[0.0], np.cumsum(np.square(waveform, dtype=float))])
    first = int(np.argmax(energy[n_samples:] - energy[:-n_samples]))
    return first, waveform[first : first + n_samples]


def _decibels(waveform):
    """Compute the log-mel, scaled from its dynamic range to [0, 1]."""
    # Short clips take smaller steps, so that all spectrograms have about equal width.
    hop_length = max(32, -(-len(waveform) // _WIDTH))
    log_mel = LogMelExtractor(
        SAMPLE_RATE,
        n_mels=_N_MELS,
        hop_length=hop_length,
        # No more frames than the clip has: padding would be drawn as its maximum.
        n_frames=1 + len(waveform) // hop_length,
        normalize=None,
        top_db=_TOP_DB,
    ).transform([waveform])[0]
    if not log_mel.any():  # silence: decibels below its maximum are all 0
        return np.zeros_like(log_mel)
    return 1 + log_mel / _TOP_DB


def _encode(waveform):
    """Encode as MP3, the one compressed format that every browser plays."""
    import soundfile

    buffer = io.BytesIO()
    if "MP3" not in soundfile.available_formats():  # libsndfile before 1.1
        soundfile.write(buffer, waveform, SAMPLE_RATE, format="WAV", subtype="PCM_16")
        return "audio/wav", buffer.getvalue()
    soundfile.write(
        buffer,
        waveform,
        SAMPLE_RATE,
        format="MP3",
        bitrate_mode="VARIABLE",
        compression_level=0.5,
    )
    return "audio/mpeg", buffer.getvalue()


def _data_uri(kind, content):
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
