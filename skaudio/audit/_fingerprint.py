"""Audio fingerprints: hashed constellations of spectral peaks."""

from itertools import combinations

import numpy as np
from scipy.ndimage import maximum_filter

SAMPLE_RATE = 8000
HOP_LENGTH = 128

_N_FFT = 512
_BINS = slice(3, 244)  # 47 to 3800 Hz, which a copy at 8 kHz still holds
_NEIGHBOURHOOD = (7, 7)  # frames, bins in which a peak is the maximum
_DYNAMIC_RANGE = 40.0  # dB below the loudest peak, where noise at 20 dB SNR takes over
_FAN_OUT = 7
_MAX_GAP = 63  # frames between the first and the last peak of a hash
_TIME_STEP = 3  # frames; the peak of a steady tone is not sharper in time
_MAX_HASHES = 3000

_MAX_SHARERS = 50  # occurrences of one hash that each is paired with
_MIN_VOTES = 2
_MAX_CANDIDATES = 10  # checked for each clip
_OFFSET_TOLERANCE = 2  # frames
_OFFSETS = 1 << 25  # room for those of 74 hours
_CLIP_BITS = 28
_BLOCK = 512  # clips whose votes are counted at once, to bound the memory


def fingerprint(waveform):
    """Hash the constellations of a waveform's spectral peaks.

    Each peak forms triangles with every two of the next few peaks [1]_. The hash of a
    triangle is made of its frequencies and its two time differences, which neither
    gain nor a shift in time alters. At most 3000 hashes, those of the smallest value,
    are kept, so that two copies of a clip keep the same ones [2]_.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        At 8 kHz.

    Returns
    -------
    hashes : ndarray of uint32, shape (n_hashes,), at most 3000
    frames : ndarray of int32, shape (n_hashes,)
        Time of the first peak of each, in steps of `HOP_LENGTH` samples.

    References
    ----------
    .. [1] A. L. Wang, "An industrial-strength audio search algorithm", ISMIR 2003, for
       the peaks; J. Six and M. Leman, "Panako: a scalable acoustic fingerprinting
       system handling time-scale and pitch modification", ISMIR 2014, for three in a
       hash, which makes chance matches rare.
    .. [2] A. Z. Broder, "On the resemblance and containment of documents",
       Compression and Complexity of Sequences, 1997.
    """
    frame, bin_ = _peaks(waveform)
    n = len(frame)
    hashes, frames = [np.empty(0, np.uint32)], [np.empty(0, np.int32)]
    for second, third in combinations(range(1, _FAN_OUT + 1), 2):
        if third >= n:
            continue
        a, b, c = (slice(k, n - third + k) for k in (0, second, third))
        near = frame[c] - frame[a] <= _MAX_GAP
        gaps = [(frame[k] - frame[a] + 1) // _TIME_STEP for k in (b, c)]
        hashes.append(_pack([bin_[a], bin_[b], bin_[c], *gaps])[near])
        frames.append(frame[a][near].astype(np.int32))
    return _smallest(np.concatenate(hashes), np.concatenate(frames))


def pairs_that_share(fingerprints):
    """Find pairs of clips that share hashes at about one time offset.

    Parameters
    ----------
    fingerprints : list of (hashes, frames)
        As `fingerprint` gives.

    Returns
    -------
    pairs : list of (i, j)
        Sorted, ``i < j``; each is among the 10 pairs of i or of j that share most
        hashes.
    """
    n_hashes = [len(hashes) for hashes, _ in fingerprints]
    if not any(n_hashes):
        return []
    clip = np.repeat(np.arange(len(fingerprints), dtype=np.int32), n_hashes)
    hashes = np.concatenate([hashes for hashes, _ in fingerprints])
    frames = np.concatenate([frames for _, frames in fingerprints])
    order = np.argsort(hashes, kind="stable")  # so by clip within a hash
    index = hashes[order], frames[order], clip[order]
    blocks = [
        _vote(index, start, start + _BLOCK)
        for start in range(0, len(fingerprints), _BLOCK)
    ]
    i, j, n_votes = map(np.concatenate, zip(*blocks, strict=True))
    kept = _among_best(i, n_votes) | _among_best(j, n_votes)
    return list(zip(i[kept].tolist(), j[kept].tolist(), strict=True))


def _vote(index, start, stop):
    """Return pairs i < j, i from `start` to `stop`, and the count of shared hashes."""
    hashes, frames, clip = index
    first = np.flatnonzero((start <= clip) & (clip < stop))
    votes = []
    for step in range(1, _MAX_SHARERS + 1):
        first = first[first < len(hashes) - step]
        first = first[hashes[first] == hashes[first + step]]
        a = first[clip[first] != clip[first + step]]
        pair = (clip[a] - start).astype(np.int64) << _CLIP_BITS | clip[a + step]
        # Pair and offset in one number, so that equal votes sort together.
        offset = frames[a] - frames[a + step]
        votes.append(pair * _OFFSETS + _OFFSETS // 2 + offset)
    vote, count = np.unique(np.concatenate(votes), return_counts=True)
    total = np.append(0, np.cumsum(count))
    low = np.searchsorted(vote, vote - _OFFSET_TOLERANCE)
    high = np.searchsorted(vote, vote + _OFFSET_TOLERANCE, side="right")
    pair, first = np.unique(vote // _OFFSETS, return_index=True)
    n_votes = (
        np.maximum.reduceat(total[high] - total[low], first) if len(pair) else pair
    )
    pair, n_votes = pair[n_votes >= _MIN_VOTES], n_votes[n_votes >= _MIN_VOTES]
    return start + (pair >> _CLIP_BITS), pair & (1 << _CLIP_BITS) - 1, n_votes


def _among_best(clip, n_votes):
    """Return whether each pair is among the `_MAX_CANDIDATES` best of its clip."""
    order = np.lexsort((-n_votes, clip))
    rank = np.empty(len(clip), dtype=int)
    rank[order] = np.arange(len(clip)) - np.searchsorted(clip[order], clip[order])
    return rank < _MAX_CANDIDATES


def _peaks(waveform):
    """Return frames and bins of the local maxima, sorted by frame."""
    level = np.abs(waveform).max(initial=0.0)
    if not level:
        return np.empty((2, 0), dtype=int)
    padded = np.pad(waveform / level, _N_FFT // 2)
    framed = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[::HOP_LENGTH]
    window = np.hanning(_N_FFT).astype(np.float32)
    power = np.abs(np.fft.rfft(framed * window)[:, _BINS]) ** 2
    # A slope of 6 dB per octave: else only rumble would be in the dynamic range.
    power *= np.arange(_BINS.start, _BINS.stop) ** 2
    crest = maximum_filter(power, _NEIGHBOURHOOD, mode="nearest")
    threshold = power.max() * 10 ** (-_DYNAMIC_RANGE / 10)
    return np.nonzero((power == crest) & (power > threshold))


def _pack(parts):
    packed = np.zeros(len(parts[0]), dtype=np.uint64)
    for part in parts:
        packed = packed << np.uint64(8) | part.astype(np.uint64)
    # The upper half of the product mixes all bits, so that small values are a fair
    # sample (Fibonacci hashing).
    packed *= np.uint64(0x9E3779B97F4A7C15)
    return (packed >> np.uint64(32)).astype(np.uint32)


def _smallest(hashes, frames):
    if len(hashes) > _MAX_HASHES:
        kept = np.sort(np.argsort(hashes, kind="stable")[:_MAX_HASHES])
        hashes, frames = hashes[kept], frames[kept]
    return hashes, frames
