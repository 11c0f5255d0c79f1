"""Facts about sound files, from decoding each once."""

import hashlib
import os

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.fft import rfft

from skaudio._utils.clips import as_clips
from skaudio._utils.hashing import sha256_of
from skaudio._utils.progress import progress_bar
from skaudio.io import AudioFileError, decode_audio, open_audio

_FACTS = (
    "duration",
    "sample_rate",
    "channels",
    "container",
    "encoding",
    "n_bytes",
    "peak",
    "clipped",
    "above_8_khz",
    "odd",
)
_BAND = 8000  # Hz; half of the default sample rate of `WavLoader`
_FRAME = 2048  # samples of a spectrum
_FULL_SCALE = 0.99
_FLAT = 3  # consecutive samples at full scale that make a flattened crest


def clip_facts(clips, n_jobs=None, also=None, verbose=0):
    """Decode clips, each once, and list facts about them.

    Parameters
    ----------
    clips, n_jobs, verbose
        As in `inspect_clips`.
    also : callable or None, default=None
        Called with the waveform and sample rate of each clip that is decoded, for what
        else needs them.

    Returns
    -------
    facts : DataFrame
        As from ``inspect_clips(clips)``.
    others : list of n
        What `also` returned; None for the other clips.
    """
    clips, found = as_clips(clips), []
    parallel = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")
    with progress_bar("reading clips", len(clips), verbose, unit="clip") as bar:
        for one in parallel(delayed(_inspect)(clip, also) for clip in clips):
            found.append(one)
            bar.update()
    columns = ["file", *_FACTS, "digest", "sha256", "error"]
    rows, others = zip(*found, strict=True) if found else ((), ())
    return pd.DataFrame(rows, columns=columns), list(others)


def _inspect(clip, also):
    row = dict.fromkeys((*_FACTS, "digest", "sha256", "error")) | {"file": clip.file}
    try:
        with open_audio(clip.file) as sound:
            row["sample_rate"] = sound.samplerate
            row["channels"] = sound.channels
            row["container"] = sound.format
            row["encoding"] = sound.subtype
            row["n_bytes"] = os.path.getsize(clip.file)
        row["sha256"] = sha256_of(clip.file)
        waveform, sample_rate, oddities = decode_audio(*clip)
    except AudioFileError as error:
        return row | {"error": error.reason}, None
    except OSError as error:  # gone while it is read
        return row | {"error": error.strerror}, None
    digest = hashlib.blake2b(waveform.view(np.uint8), digest_size=16)
    digest.update(str(sample_rate).encode())
    row |= {
        "duration": len(waveform) / sample_rate,
        "peak": float(np.abs(waveform - waveform.mean()).max()),
        "clipped": _clipped_share(waveform),
        "above_8_khz": _share_above(waveform - waveform.mean(), sample_rate),
        "odd": dict(oddities) or None,
        "digest": digest.hexdigest(),
    }
    return row, also(waveform, sample_rate) if also else None


def _clipped_share(waveform):
    """Return the share of samples in runs at full scale, as overdriven inputs give."""
    loud = np.flatnonzero(np.abs(waveform) >= _FULL_SCALE)
    if len(loud) < _FLAT:
        return 0.0
    runs = np.split(loud, np.flatnonzero(np.diff(loud) > 1) + 1)
    return sum(len(run) for run in runs if len(run) >= _FLAT) / len(waveform)


def _share_above(waveform, sample_rate):
    """Return the share of the energy that lies above the band."""
    if sample_rate <= 2 * _BAND:
        return 0.0
    padded = np.pad(waveform, (0, -len(waveform) % _FRAME)).reshape(-1, _FRAME)
    window = np.hanning(_FRAME).astype(np.float32)
    power = np.square(np.abs(rfft(padded * window, axis=1))).sum(axis=0, dtype=float)
    above = power[round(_BAND * _FRAME / sample_rate) :].sum()
    return float(above / power.sum()) if power.any() else 0.0
