"""Audio fingerprints: hashed constellations of spectral peaks."""

from itertools import combinations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import rfft

SAMPLE_RATE = 8000
HOP_LENGTH = 128

_N_FFT = 512
_BINS = slice(3, 244)  # 47 to 3800 Hz, which a copy at 8 kHz still holds
_REACH = 3  # frames and bins to each side, of which a peak is the maximum
_DYNAMIC_RANGE = 40.0  # dB below the loudest peak, where noise at 20 dB SNR takes over
_FAN_OUT = 7
_SECOND, _THIRD = np.transpose([*combinations(range(1, _FAN_OUT + 1), 2)])
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
    if not len(frame):
        return np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.int32)
    # Row k holds the k-th next peak of each; none comes near after the last.
    frame = np.append(frame, np.full(_FAN_OUT, np.iinfo(np.int32).max))
    bin_ = np.append(bin_, np.zeros(_FAN_OUT, dtype=int))
    frame, bin_ = (sliding_window_view(z, _FAN_OUT + 1).T for z in (frame, bin_))
    gap = frame - frame[0]
    step = (gap + 1) // _TIME_STEP
    near = gap[_THIRD] <= _MAX_GAP
    hashes = _pack([bin_[:1], bin_[_SECOND], bin_[_THIRD], step[_SECOND], step[_THIRD]])
    frames = np.broadcast_to(frame[0], near.shape).astype(np.int32)
    return _smallest(hashes[near], frames[near])


def _peaks(waveform):
    """Return frames and bins of the local maxima, sorted by frame."""
    level = np.abs(waveform).max(initial=0.0)
    if not level:
        return np.empty((2, 0), dtype=int)
    padded = np.pad(waveform / level, _N_FFT // 2)
    framed = sliding_window_view(padded, _N_FFT)[::HOP_LENGTH]
    window = np.hanning(_N_FFT).astype(np.float32)
    spectrum = rfft(framed * window, axis=1)[:, _BINS]
    # A slope of 6 dB per octave: else only rumble would be in the dynamic range.
    slope = np.arange(_BINS.start, _BINS.stop, dtype=np.float32) ** 2
    power = (spectrum.real**2 + spectrum.imag**2) * slope
    crest = _running_maximum(_running_maximum(power).T).T
    threshold = power.max() * 10 ** (-_DYNAMIC_RANGE / 10)
    return np.nonzero((power == crest) & (power > threshold))


def _running_maximum(power):
    """Return the maximum of each row and of `_REACH` rows before and after it."""
    crest = np.pad(power, [(_REACH, _REACH), (0, 0)])
    # Of two rows, of four, of seven; 8 times faster than scipy's maximum filter.
    for step in (1, 2, _REACH):
        crest = np.maximum(crest[:-step], crest[step:])
    return crest


def _pack(parts):
    packed = np.uint64(0)
    for part in parts:
        packed = packed << np.uint64(8) | part.astype(np.uint64)
    # The upper half of the product mixes all bits, so that small values are a fair
    # sample (Fibonacci hashing).
    packed *= np.uint64(0x9E3779B97F4A7C15)
    return (packed >> np.uint64(32)).astype(np.uint32)


def _smallest(hashes, frames):
    if len(hashes) > _MAX_HASHES:
        last = np.partition(hashes, _MAX_HASHES - 1)[_MAX_HASHES - 1]
        kept = hashes < last
        equal = np.flatnonzero(hashes == last)
        kept[equal[: _MAX_HASHES - np.count_nonzero(kept)]] = True
        hashes, frames = hashes[kept], frames[kept]
    return hashes, frames
