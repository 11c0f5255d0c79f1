"""Near copies: clips that hold the same recording, re-encoded, cut or with noise."""

import functools

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.fft import irfft, next_fast_len, rfft

from skaudio._utils.clips import as_clips
from skaudio.audit._fingerprint import SAMPLE_RATE, fingerprint, pairs_that_share
from skaudio.io import AudioFileError, decode_audio, resample

# Thresholds were chosen on real training clips: benchmarks/near_copies.py.
_MIN_OVERLAP = 0.05  # s
_MIN_LINES = 24  # a tone has few spectral lines, and matches at every period
_SILENCE = 1e-5  # peak

_BAND = (50, 3800)  # Hz, which a copy at 8 kHz still contains
_BANDWIDTH = 30  # Hz over which the spectrum is whitened
_MIN_POWER = 0.01  # of the mean: quieter bands get less than full weight
_FADE = 128  # samples
_FRACTIONS = np.arange(-8, 9) / 8  # of a sample


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
    [1]_, and pairs of clips that share hashes at one time offset are candidates. Very
    common hashes count for neighbouring clips only, and each clip keeps its 10 best
    candidates, so no step compares all pairs. Generalised cross-correlation [2]_ then
    gives the offset of each candidate pair to a fraction of a sample, and the
    similarity there, from 50 to 3800 Hz, which telephone-grade copies still contain.
    Whitening gives all bands equal weight: loud rumble or hum alone makes no copy.
    Clips of too few spectral lines, such as pure tones, are never paired.

    Copies whose common part is masked are missed: where hum is 40 dB above the animal,
    noise 20 dB below the hum masks the animal. Of dozens of copies of one clip not
    every pair is listed, but each copy is in at least one.

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
    return _pairs([(_read, clip) for clip in as_clips(clips)], n_jobs)


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
    return _pairs(
        [(_resample, *clip) for clip in zip(waveforms, rates, strict=True)], n_jobs
    )


def _pairs(sources, n_jobs):
    parallel = Parallel(n_jobs=n_jobs, prefer="threads")
    prepared = parallel(delayed(_prepare)(*source) for source in sources)
    waveforms = [waveform for waveform, _ in prepared]
    candidates = pairs_that_share([prints for _, prints in prepared])
    rows = parallel(
        delayed(_compare)(i, j, waveforms[i], waveforms[j]) for i, j in candidates
    )
    columns = {
        "i": int,
        "j": int,
        "similarity": float,
        "offset": float,
        "overlap": float,
    }
    rows = [row for row in rows if row is not None]
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _prepare(source, *args):
    """Return waveform (8 kHz, peak 1) and fingerprint; both are empty for silence."""
    waveform = source(*args)
    if len(waveform):
        waveform = waveform - waveform.mean()
    level = np.abs(waveform).max(initial=0.0)
    waveform = waveform / level if level > _SILENCE else waveform[:0]
    return waveform.astype(np.float16), fingerprint(waveform)


def _read(clip):
    try:
        waveform, sample_rate, _ = decode_audio(*clip)
        return _resample(waveform, sample_rate)
    except AudioFileError:
        return np.empty(0, dtype=np.float32)


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


def _compare(i, j, x, y):
    """Return the row of a pair, or None where the two are no copies."""
    x, y = x.astype(np.float32), y.astype(np.float32)
    lag = _lag(x, y)
    a, b = x[max(0, lag) :], y[max(0, -lag) :]
    n_samples = min(len(a), len(b))
    if n_samples < _MIN_OVERLAP * SAMPLE_RATE:
        return None
    similarity, fraction, n_lines = _similarity(a[:n_samples], b[:n_samples])
    if n_lines < _MIN_LINES or similarity < _min_similarity(n_lines):
        return None
    offset = (lag + fraction) / SAMPLE_RATE
    return i, j, similarity, offset, n_samples / SAMPLE_RATE


def _min_similarity(n_lines):
    # Short or tonal calls of one species correlate at about 0.5 by chance.
    return min(0.5 + 3 / np.sqrt(n_lines), 0.9)


def _lag(x, y):
    """Return by how many samples `y` starts after `x`, where they correlate best."""
    n_fft = next_fast_len(len(x) + len(y), real=True)
    cross, _, _, gain = _whitened(x, y, n_fft)
    spectrum = np.zeros(n_fft // 2 + 1, dtype=np.complex64)
    first = _first_line(n_fft)
    spectrum[first : first + cross.size] = (cross * gain[:, None]).ravel()
    # Of either sign: a copy may have its polarity reversed.
    lag = int(np.argmax(np.abs(irfft(spectrum, n_fft))))
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

    Returns
    -------
    cross : ndarray of complex, shape (n_bands, n_lines)
    x_power, y_power, gain : ndarrays of shape (n_bands,)
    """
    first, width = _first_line(n_fft), _lines_per_band(n_fft)
    n_bands = (int(_BAND[1] * n_fft / SAMPLE_RATE) - first) // width
    lines = slice(first, first + n_bands * width)
    x, y = (rfft(_faded(z), n_fft)[lines].reshape(n_bands, width) for z in (x, y))
    x_power, y_power = ((z.real**2 + z.imag**2).sum(axis=1) for z in (x, y))
    relative = sum(
        p / max(p.mean(), np.finfo(p.dtype).tiny) for p in (x_power, y_power)
    )
    return x * y.conj(), x_power, y_power, 1 / (relative + 2 * _MIN_POWER)


def _first_line(n_fft):
    return int(_BAND[0] * n_fft / SAMPLE_RATE)


def _lines_per_band(n_fft):
    return max(1, round(_BANDWIDTH * n_fft / SAMPLE_RATE))


@functools.cache
def _ramp(n):
    return np.sin(np.linspace(0, np.pi / 2, n, dtype=np.float32)) ** 2


def _faded(waveform):
    # A jump at the ends would spread rumble over all bands.
    n = min(_FADE, len(waveform) // 4)
    ramp = _ramp(n)
    waveform = waveform.copy()
    waveform[:n] *= ramp
    waveform[len(waveform) - n :] *= ramp[::-1]
    return waveform
