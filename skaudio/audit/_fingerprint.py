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
