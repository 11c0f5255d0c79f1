"""Near copies: clips that hold the same recording, re-encoded, cut or with noise."""

import hashlib
from itertools import combinations, product

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from skaudio._utils.clips import as_clips
from skaudio.audit._candidates import candidate_pairs
from skaudio.audit._correlation import alike_in_places, compare
from skaudio.audit._fingerprint import SAMPLE_RATE, fingerprint
from skaudio.io import AudioFileError, decode_audio, resample

_SILENCE = 1e-5  # peak
_BATCH = 64  # pairs that are checked at once


def near_copies(clips, *, n_jobs=None):
    """Find the pairs of clips that hold the same recording.

    A near copy is the same recording after re-encoding, resampling, a change of level,
    cutting or padding, or with some noise added. Other calls of the same animal are
    not near copies. Cost grows nearly linearly with the number of clips.

    Parameters
    ----------
    clips : list of paths or table
        As `WavLoader` takes them. Clips that cannot be read are in no pair.
    n_jobs : int or None, default=None
        Threads that work in parallel; -1 uses all cores.

    Returns
    -------
    pairs : DataFrame
        One row per pair, sorted, with the columns:

        i, j : int
            Row numbers in `clips`, ``i < j``.
        similarity : float in [0, 1]
            Correlation of the two whitened waveforms where they overlap. Pairs are
            listed from 0.5 for long clips of many spectral lines to 0.9 for short or
            tonal ones; unrelated clips mostly stay below 0.1.
        offset : float
            Where `j` starts within `i`, in seconds; negative if it starts before.
        overlap : float
            Length of the part that both contain, in seconds.

    See Also
    --------
    group_clips : Groups near copies, exact copies and clips of one source.

    Notes
    -----
    Candidates come from fingerprints: constellations of spectral peaks are hashed
    [1]_, and pairs of clips that share hashes at one time offset are candidates. A
    very common hash counts for some of its pairs only, and each clip keeps its 15 best
    candidates, so no step compares all pairs. Of each candidate pair a quarter of a
    second around a shared hash is correlated first, which rules most pairs out.
    Generalised cross-correlation [2]_ then gives the offset of the others to a fraction
    of a sample, and the similarity there, from 50 to 3800 Hz, which telephone-grade
    copies still contain.
    Whitening gives all bands equal weight: loud rumble or hum alone makes no copy.
    Clips of too few spectral lines, such as pure tones, are never paired.

    Copies whose common part is masked are missed: where hum is 40 dB above the animal,
    noise 20 dB below the hum masks the animal. Of dozens of unequal copies of one clip
    not every pair is listed, but each copy is in at least one. A pair that shares only
    two or three hashes may be missed among thousands of clips, where more pairs share
    as many by chance. The order of the clips does not matter.

    Memory is about 16 kB per second of audio (8 kHz, 16 bit) and 150 kB per clip.

    References
    ----------
    .. [1] A. L. Wang, "An industrial-strength audio search algorithm", ISMIR 2003.
    .. [2] C. H. Knapp and G. C. Carter, "The generalized correlation method for
       estimation of time delay", IEEE Transactions on Acoustics, Speech, and Signal
       Processing 24(4), 1976.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import soundfile
    >>> from skaudio.audit import near_copies
    >>> from skaudio.datasets import make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(2, n_classes=2, output_dir=folder, random_state=0)
    ...     files = sorted(Path(folder, "Training").rglob("*.wav"))
    ...     waveform, sample_rate = soundfile.read(files[1])
    ...     cut = Path(folder, "cut.ogg")
    ...     soundfile.write(cut, 0.5 * waveform[sample_rate // 2 :], sample_rate)
    ...     pairs = near_copies([*files, cut])
    >>> pairs[["i", "j", "offset"]].round(3).values.tolist()
    [[1.0, 4.0, 0.5]]
    """
    parallel = Parallel(n_jobs=n_jobs, prefer="threads")
    prepared = parallel(delayed(_read)(clip) for clip in as_clips(clips))
    return pairs_of_prepared(prepared, n_jobs)


def near_copies_of_waveforms(waveforms, sample_rate, *, n_jobs=None):
    """Find near copies as `near_copies` does, among waveforms in memory.

    Parameters
    ----------
    waveforms : sequence of ndarray of shape (n_samples,)
        A waveform with NaN or infinite samples is in no pair.
    sample_rate : int or sequence of int
        In Hz; of all waveforms, or of each.
    n_jobs : int or None, default=None
        Threads that work in parallel; -1 uses all cores.

    Returns
    -------
    pairs : DataFrame
        As from `near_copies`.
    """
    rates = np.broadcast_to(sample_rate, len(waveforms)).tolist()
    parallel = Parallel(n_jobs=n_jobs, prefer="threads")
    clips = zip(waveforms, rates, strict=True)
    return pairs_of_prepared(
        parallel(delayed(prepare)(*clip) for clip in clips), n_jobs
    )


def pairs_of_prepared(prepared, n_jobs=None):
    """Find near copies as `near_copies` does.

    Parameters
    ----------
    prepared : list of (waveform, fingerprint) or None
        As `prepare` gives; None for a clip that cannot be read.
    n_jobs : int or None, default=None

    Returns
    -------
    pairs : DataFrame
    """
    parallel = Parallel(n_jobs=n_jobs, prefer="threads")
    # Equal waveforms are compared once, and all in the order of their digests: what is
    # found does not depend on the order of the files.
    rows_of = {}
    for row, clip in enumerate(prepared):
        if clip is not None and len(clip[1][0]):
            digest = hashlib.blake2b(clip[0], digest_size=16).digest()
            rows_of.setdefault(digest, []).append(row)
    rows_of = [rows_of[digest] for digest in sorted(rows_of)]
    waveforms = [prepared[rows[0]][0] for rows in rows_of]
    candidates = candidate_pairs([prepared[rows[0]][1] for rows in rows_of])
    alike = parallel(
        delayed(_alike)(waveforms, candidates[start : start + _BATCH].tolist())
        for start in range(0, len(candidates), _BATCH)
    )
    pairs = [(k, k) for k, rows in enumerate(rows_of) if len(rows) > 1]
    pairs += [pair for batch in alike for pair in batch]
    found = parallel(delayed(compare)(waveforms[a], waveforms[b]) for a, b in pairs)
    rows = []
    for (a, b), columns in zip(pairs, found, strict=True):
        if columns is None:
            continue
        similarity, offset, overlap = columns
        one, other = rows_of[a], rows_of[b]
        for i, j in combinations(one, 2) if a == b else product(one, other):
            offset_of_i = offset if i < j else -offset
            rows.append((min(i, j), max(i, j), similarity, offset_of_i, overlap))
    columns = {
        "i": int,
        "j": int,
        "similarity": float,
        "offset": float,
        "overlap": float,
    }
    return pd.DataFrame(sorted(rows), columns=list(columns)).astype(columns)


def _alike(waveforms, candidates):
    alike = alike_in_places(
        [(waveforms[i], waveforms[j], *frames) for i, j, *frames in candidates]
    )
    return [
        tuple(row[:2])
        for row, is_alike in zip(candidates, alike, strict=True)
        if is_alike
    ]


def _read(clip):
    try:
        return prepare(*decode_audio(*clip)[:2])
    except AudioFileError:
        return None


def prepare(waveform, sample_rate):
    """Prepare a clip for the search.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
    sample_rate : int

    Returns
    -------
    waveform : ndarray of float16
        At 8 kHz, with a peak of 1; empty for silence and where a sample is not finite.
    fingerprint : (hashes, frames)
    """
    waveform = _resample(waveform, sample_rate)
    if len(waveform):
        waveform = waveform - waveform.mean()
    level = np.abs(waveform).max(initial=0.0)
    waveform = waveform / level if level > _SILENCE else waveform[:0]
    return waveform.astype(np.float16), fingerprint(waveform)


def _resample(waveform, sample_rate):
    waveform = np.asarray(waveform, dtype=np.float32)
    if waveform.ndim != 1:
        raise ValueError(
            f"Got a waveform of shape {waveform.shape}, expected (n_samples,): "
            "average the channels."
        )
    if not np.isfinite(waveform).all():
        return waveform[:0]
    return resample(waveform, sample_rate, SAMPLE_RATE)
