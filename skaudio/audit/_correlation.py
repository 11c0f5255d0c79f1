"""Whether two clips hold the same recording: whitened cross-correlation."""

import functools

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from skaudio.audit._fingerprint import HOP_LENGTH, SAMPLE_RATE

# Thresholds were chosen on real training clips: benchmarks/near_copies.py.
_MIN_OVERLAP = 0.05  # s
_MIN_LINES = 24  # a tone has few spectral lines, and matches at every period

_BAND = (50, 3800)  # Hz, which a copy at 8 kHz still contains
_BANDWIDTH = 30  # Hz over which the spectrum is whitened
_MIN_POWER = 0.01  # of the mean: quieter bands get less than full weight
_FADE = 128  # samples
_FRACTIONS = np.arange(-8, 9) / 8  # of a sample

# In a quarter of a second around a shared hash, real copies correlate by 0.4 or more,
# and 99 of 100 other pairs by less than 0.2.
_STRETCH = 2048  # samples
_BEFORE = 256  # of these before the peak that the hash starts at
_MAX_LAG = 512
_MIN_CORRELATION = 0.2


def alike_in_places(pairs):
    """Correlate short parts of clips, which rules most pairs out.

    Parameters
    ----------
    pairs : list of (x, y, frame_x, frame_y)
        Waveforms at 8 kHz, and the frames of one event in both, to 2 frames.

    Returns
    -------
    alike : ndarray of bool, shape (n_pairs,)
    """
    parts = np.zeros((2, len(pairs), _STRETCH), dtype=np.float32)
    for row, (*waveforms, frame_x, frame_y) in enumerate(pairs):
        for side, frame in enumerate((frame_x, frame_y)):
            start = frame * HOP_LENGTH - _BEFORE
            part = waveforms[side][max(0, start) : start + _STRETCH]
            parts[side, row, max(0, -start) :][: len(part)] = part
    cross, x_power, y_power, gain = _whitened(*parts, _STRETCH)
    power = np.sqrt((gain * x_power).sum(axis=1) * (gain * y_power).sum(axis=1))
    correlation = np.abs(_correlate(cross, gain, _STRETCH)) * _STRETCH / 2
    near = correlation[:, np.arange(-_MAX_LAG, _MAX_LAG)].max(axis=1)
    return near > _MIN_CORRELATION * power


def compare(x, y):
    """Align two waveforms at 8 kHz, and compare them where they overlap.

    Returns
    -------
    similarity, offset, overlap : float, or None where the two are no copies
        As the columns of `near_copies`.
    """
    x, y = x.astype(np.float32), y.astype(np.float32)
    lag = _lag(x, y)
    a, b = x[max(0, lag) :], y[max(0, -lag) :]
    n_samples = min(len(a), len(b))
    if n_samples < _MIN_OVERLAP * SAMPLE_RATE:
        return None
    similarity, fraction, n_lines = _similarity(a[:n_samples], b[:n_samples])
    if n_lines < _MIN_LINES or similarity < _min_similarity(n_lines):
        return None
    return similarity, (lag + fraction) / SAMPLE_RATE, n_samples / SAMPLE_RATE


def _min_similarity(n_lines):
    # Short or tonal calls of one species correlate at about 0.5 by chance.
    return min(0.5 + 3 / np.sqrt(n_lines), 0.9)


def _lag(x, y):
    """Return by how many samples `y` starts after `x`, where they correlate best."""
    n_fft = next_fast_len(len(x) + len(y), real=True)
    cross, _, _, gain = _whitened(x, y, n_fft)
    # Of either sign: a copy may have its polarity reversed.
    lag = int(np.argmax(np.abs(_correlate(cross, gain, n_fft))))
    return lag if lag < len(x) else lag - n_fft


def _similarity(x, y):
    """Return the correlation of aligned waveforms, the rest of the lag, and lines."""
    n_fft = next_fast_len(len(x), real=True)
    cross, x_power, y_power, gain = _whitened(x, y, n_fft)
    power = np.sqrt((gain * x_power).sum() * (gain * y_power).sum())
    if not power:
        return 0.0, 0.0, 0.0
    band = np.arange(len(gain)) + 0.5
    frequency = (_first_line(n_fft) + band * cross.shape[1]) / n_fft
    turn = np.exp(2j * np.pi * np.outer(_FRACTIONS, frequency))
    correlation = np.abs((turn @ (gain * cross.sum(axis=1))).real) / power
    best = int(np.argmax(correlation))
    weight = gain[:, None] * np.abs(cross)
    n_lines = weight.sum() ** 2 / (weight**2).sum()
    return min(float(correlation[best]), 1.0), _FRACTIONS[best], n_lines


def _whitened(x, y, n_fft):
    """Return the cross-spectrum in bands, the power of both, and the whitening gain.

    Parameters
    ----------
    x, y : ndarrays of shape (..., n_samples)
    n_fft : int

    Returns
    -------
    cross : ndarray of complex, shape (..., n_bands, n_lines)
    x_power, y_power, gain : ndarrays of shape (..., n_bands)
    """
    first, width = _first_line(n_fft), _lines_per_band(n_fft)
    n_bands = (int(_BAND[1] * n_fft / SAMPLE_RATE) - first) // width
    lines = slice(first, first + n_bands * width)
    x, y = (
        rfft(_faded(z), n_fft)[..., lines].reshape(*z.shape[:-1], n_bands, width)
        for z in (x, y)
    )
    x_power, y_power = ((z.real**2 + z.imag**2).sum(axis=-1) for z in (x, y))
    relative = sum(
        p / np.maximum(p.mean(axis=-1, keepdims=True), np.finfo(p.dtype).tiny)
        for p in (x_power, y_power)
    )
    return x * y.conj(), x_power, y_power, 1 / (relative + 2 * _MIN_POWER)


def _correlate(cross, gain, n_fft):
    """Return the correlation at each lag, of shape (..., n_fft)."""
    shape = cross.shape[:-2]
    spectrum = np.zeros((*shape, n_fft // 2 + 1), dtype=np.complex64)
    weighted = (cross * gain[..., None]).reshape(*shape, -1)
    first = _first_line(n_fft)
    spectrum[..., first : first + weighted.shape[-1]] = weighted
    return irfft(spectrum, n_fft)


def _first_line(n_fft):
    return int(_BAND[0] * n_fft / SAMPLE_RATE)


def _lines_per_band(n_fft):
    return max(1, round(_BANDWIDTH * n_fft / SAMPLE_RATE))


@functools.cache
def _ramp(n):
    return np.sin(np.linspace(0, np.pi / 2, n, dtype=np.float32)) ** 2


def _faded(waveform):
    # A jump at the ends would spread rumble over all bands.
    n_samples = waveform.shape[-1]
    n = min(_FADE, n_samples // 4)
    ramp = _ramp(n)
    waveform = waveform.copy()
    waveform[..., :n] *= ramp
    waveform[..., n_samples - n :] *= ramp[::-1]
    return waveform
