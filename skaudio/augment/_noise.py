"""Noise to mix in: reading, looping and random cuts."""

import os
from numbers import Real

import numpy as np

from skaudio._utils.active_part import centre, is_silent, mean_power
from skaudio.augment._list_noise_files import is_path
from skaudio.features import WavLoader
from skaudio.io import list_audio_files

FADE = 0.02  # seconds
_TRIES = 10
_QUIET = 1e-2  # of the noise's own mean power: -20 dB
_NOTHING = 1e-6  # -60 dB


class Noise:
    """One noise recording, without its DC offset.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
    sample_rate : int, in Hz
    """

    def __init__(self, waveform, sample_rate):
        self.waveform = centre(waveform).astype(np.float32)
        self.power = mean_power(self.waveform, slice(None))
        self.n_fade = max(1, min(round(FADE * sample_rate), len(waveform) // 2))

    def draw(self, n_samples, part, random_state):
        """Cut a piece at random that is not silent where the clip is active.

        Random cuts are tried until one has, within `part`, at least a hundredth of the
        recording's mean power (-20 dB). After ten tries one more cut places the noise's
        peak in `part`, and the cut of highest power is taken.

        Parameters
        ----------
        n_samples : int
        part : ndarray of shape (n_samples,), bool
            Where power is measured.
        random_state : numpy.random.RandomState

        Returns
        -------
        cut : ndarray of shape (n_samples,), float64
            Of mean 0.
        power : float
            Mean square within `part`; 0 where that is below -60 dB of the noise's mean
            power, as may happen with clips of a few samples.
        """
        long_enough = len(self.waveform) >= n_samples
        source = self.waveform if long_enough else self.looped()
        n_starts = len(source) - n_samples + 1 if long_enough else len(source)
        best, best_power = None, -1.0
        for _ in range(_TRIES):
            cut, power = _cut(source, random_state.randint(n_starts), n_samples, part)
            if power >= _QUIET * self.power:
                return cut, power
            if power > best_power:
                best, best_power = cut, power
        source = self.looped()
        at = random_state.choice(np.flatnonzero(part))
        cut, power = _cut(source, np.abs(source).argmax() - at, n_samples, part)
        if power > best_power:
            best, best_power = cut, power
        return best, best_power if best_power > _NOTHING * self.power else 0.0

    def looped(self):
        """Crossfade the end into the start, so that the noise can be repeated.

        Returns
        -------
        ndarray of shape (n_samples - n_fade,)
            Its last sample continues smoothly in its first. The weights are sine and
            cosine, which preserve the power of noise.
        """
        angle = (np.arange(self.n_fade) + 0.5) * (np.pi / 2 / self.n_fade)
        looped = self.waveform[: -self.n_fade].copy()
        looped[: self.n_fade] *= np.sin(angle)
        looped[: self.n_fade] += np.cos(angle) * self.waveform[-self.n_fade :]
        return looped


def _cut(source, start, n_samples, part):
    if 0 <= start <= len(source) - n_samples:
        cut = centre(source[start : start + n_samples])
    else:
        cut = centre(source[np.arange(start, start + n_samples) % len(source)])
    return cut, mean_power(cut, part)


def read_noise(noise, sample_rate, n_jobs=None):
    """Read every noise recording.

    Parameters
    ----------
    noise : path, list of paths, 1-D array, 2-D array or list of 1-D arrays
        Folders give the audio files in them. Arrays are taken at `sample_rate`.
    sample_rate : int, in Hz
    n_jobs : int or None
        Threads that decode.

    Returns
    -------
    list of Noise

    Raises
    ------
    ValueError
        Naming each file or row that cannot be read or is silent.
    """
    if is_path(noise):
        noise = [noise]
    elif not isinstance(noise, (list, tuple)):
        noise = np.atleast_1d(noise)
    if not len(noise):
        raise ValueError(
            f"noise={noise!r} is empty, expected a folder, a list of files or "
            "waveforms: name at least one."
        )
    if all(is_path(entry) for entry in noise):
        names = list_audio_files(noise)
        loader = WavLoader(sample_rate=sample_rate, n_jobs=n_jobs)
        waveforms = loader.transform(names)
    else:
        noise = [noise] if isinstance(noise[0], Real) else noise
        names = [f"noise[{row}]" for row in range(len(noise))]
        waveforms = list(map(_as_waveform, noise, names))
    silent = [
        name
        for name, waveform in zip(names, waveforms, strict=True)
        if is_silent(waveform)
    ]
    if silent:
        raise ValueError(
            f"{', '.join(silent)}: silent, expected noise that can be brought to an "
            "SNR: leave it out."
        )
    return [Noise(waveform, sample_rate) for waveform in waveforms]


def _as_waveform(entry, name):
    if is_path(entry):
        raise ValueError(
            f"{name} is the path {os.fspath(entry)!r} among other things, expected "
            "paths only or waveforms only: pass one kind."
        )
    waveform = np.asarray(entry)
    if waveform.ndim != 1 or not waveform.size or waveform.dtype.kind not in "iuf":
        raise ValueError(
            f"{name} is of shape {waveform.shape} and type {waveform.dtype}, expected "
            "a waveform: a 1-D array of numbers."
        )
    if not np.isfinite(waveform).all():
        raise ValueError(
            f"{name} holds NaN or infinite samples, expected numbers: leave it out."
        )
    return waveform
