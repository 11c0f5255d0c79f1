"""What each sound file is, found by decoding it once."""

import hashlib

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from skaudio._audio_file import AudioFileError, open_audio, read_audio
from skaudio._clips import as_clips

_FACTS = ("duration", "sample_rate", "channels", "container", "encoding")


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
        ``digest`` (equal for equal decoded sound, whatever the container), and
        ``error`` (the reason why a clip cannot be used, else None).
    """
    rows = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(_inspect)(clip) for clip in as_clips(clips)
    )
    return pd.DataFrame(rows, columns=["file", *_FACTS, "digest", "error"])


def _inspect(clip):
    row = dict.fromkeys(_FACTS) | {"file": clip.file, "digest": None, "error": None}
    try:
        with open_audio(clip.file) as sound:
            row["sample_rate"] = sound.samplerate
            row["channels"] = sound.channels
            row["container"] = sound.format
            row["encoding"] = sound.subtype
        waveform, sample_rate = read_audio(*clip)
    except AudioFileError as error:
        return row | {"error": error.reason}
    digest = hashlib.blake2b(waveform.view(np.uint8), digest_size=16)
    digest.update(str(sample_rate).encode())
    return row | {
        "duration": len(waveform) / sample_rate,
        "digest": digest.hexdigest(),
    }
