"""What each sound file is, found by decoding it once."""

import hashlib
import os

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from skaudio._audio_file import AudioFileError, open_audio, read_audio
from skaudio._clips import as_clips

_FACTS = (
    "duration",
    "sample_rate",
    "channels",
    "container",
    "encoding",
    "n_bytes",
    "peak",
    "clipped",
)
SILENT = 1e-4  # of full scale: -80 dB
_FULL_SCALE = 0.99
_FLAT = 3  # samples in a row at full scale that make a flattened crest


def inspect_clips(clips, n_jobs=None):
    """Decode clips and tell what they are.

    Parameters
    ----------
    clips : list of paths or table
        As `WavLoader` takes them.
    n_jobs : int or None, default=None
        Threads that decode at once; -1 uses all cores.

    Returns
    -------
    facts : DataFrame
        One row a clip, in order: ``file``, ``duration`` (seconds), ``sample_rate``
        (Hz), ``channels``, ``container`` (as WAV), ``encoding`` (as PCM_16),
        ``n_bytes`` of the file, ``peak`` (largest deviation from the mean; full scale
        is 1; below `SILENT` there is no sound), ``clipped`` (share of the
        samples in flattened crests), ``digest`` (equal for equal decoded sound,
        whatever the container), ``sha256`` of the file, and ``error`` (the reason why a
        clip cannot be used, else None).
    """
    rows = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(_inspect)(clip) for clip in as_clips(clips)
    )
    return pd.DataFrame(rows, columns=["file", *_FACTS, "digest", "sha256", "error"])


def _inspect(clip):
    row = dict.fromkeys((*_FACTS, "digest", "sha256", "error")) | {"file": clip.file}
    try:
        with open_audio(clip.file) as sound:
            row["sample_rate"] = sound.samplerate
            row["channels"] = sound.channels
            row["container"] = sound.format
            row["encoding"] = sound.subtype
            row["n_bytes"] = os.path.getsize(clip.file)
        row["sha256"] = sha256_of(clip.file)
        waveform, sample_rate = read_audio(*clip)
    except AudioFileError as error:
        return row | {"error": error.reason}
    digest = hashlib.blake2b(waveform.view(np.uint8), digest_size=16)
    digest.update(str(sample_rate).encode())
    return row | {
        "duration": len(waveform) / sample_rate,
        "peak": float(np.abs(waveform - waveform.mean()).max()),
        "clipped": _clipped_share(waveform),
        "digest": digest.hexdigest(),
    }


def sha256_of(file):
    """Hash the bytes of a file; None where it cannot be read."""
    try:
        with open(file, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def _clipped_share(waveform):
    """Share of the samples in runs at full scale, as overdriven inputs leave them."""
    loud = np.flatnonzero(np.abs(waveform) >= _FULL_SCALE)
    if len(loud) < _FLAT:
        return 0.0
    runs = np.split(loud, np.flatnonzero(np.diff(loud) > 1) + 1)
    return sum(len(run) for run in runs if len(run) >= _FLAT) / len(waveform)
