"""Noise of any length, from short recordings."""

import os

import numpy as np
import pandas as pd

from skaudio._utils.active_part import centre, is_silent
from skaudio.io import list_audio_files, read_audio, resample

_FADE = 0.05  # seconds of the cross-fade from piece to piece
_SHORTEST = 4 * _FADE  # seconds: half a recording holds both fades
_LONGEST = 30.0  # seconds of a piece, so that long noise varies too


def read_noise(noise, sample_rate):
    """Read every noise recording.

    Parameters
    ----------
    noise : path, list of paths, 1-D array, 2-D array or list of 1-D arrays
        Folders give the audio files in them. Arrays are taken at `sample_rate`.
    sample_rate : int, in Hz

    Returns
    -------
    names : list of str
    waveforms : list of ndarray, float32, of mean 0

    Raises
    ------
    ValueError
        Naming each that is too short, silent or no waveform.
    AudioFileError
        Where a file cannot be read.
    """
    if isinstance(noise, (str, os.PathLike)):
        noise = [noise]
    elif isinstance(noise, np.ndarray):
        noise = np.atleast_2d(noise) if noise.dtype.kind in "iuf" else noise
    elif not isinstance(noise, (list, tuple)):
        raise ValueError(
            f"noise={noise!r:.60}: expected a folder, a list of files or waveforms."
        )
    if not len(noise):
        raise ValueError(
            "noise is empty: expected a folder, a list of files or waveforms; name at "
            "least one."
        )
    if all(isinstance(entry, (str, os.PathLike)) for entry in noise):
        names = list_audio_files(noise)
        waveforms = [_read(name, sample_rate) for name in names]
    else:
        names = [f"noise[{row}]" for row in range(len(noise))]
        waveforms = list(map(as_waveform, noise, names))
    for name, waveform in zip(names, waveforms, strict=True):
        if len(waveform) < _SHORTEST * sample_rate or is_silent(waveform):
            raise ValueError(
                f"{name}: {len(waveform) / sample_rate:.3f} s of noise with peak "
                f"{np.abs(waveform).max(initial=0):.1g}, expected at least "
                f"{_SHORTEST:g} s that are not silent: leave it out."
            )
    return names, [centre(waveform).astype(np.float32) for waveform in waveforms]


def _read(file, sample_rate):
    waveform, own_rate = read_audio(file)
    return resample(waveform, own_rate, sample_rate)


def as_waveform(entry, name):
    """Return a waveform as an array; raise where it is none.

    Parameters
    ----------
    entry : array-like of shape (n_samples,)
    name : str
        For the error.

    Returns
    -------
    waveform : ndarray of float32, shape (n_samples,)
    """
    is_path = isinstance(entry, (str, os.PathLike))
    waveform = np.empty(0) if is_path else np.asarray(entry)
    if (
        waveform.ndim != 1
        or not waveform.size
        or waveform.dtype.kind not in "iuf"
        or not np.isfinite(waveform).all()
    ):
        got = f"of shape {waveform.shape} and type {waveform.dtype}"
        got = f"the path {os.fspath(entry)!r}" if is_path else got
        raise ValueError(
            f"{name} is {got}: expected paths only, or waveforms only, each a 1-D "
            "array of finite numbers."
        )
    return waveform.astype(np.float32)


class NoiseTrack:
    """Noise of any length, put together from pieces of recordings.

    The recordings take turns, in random order. Of each a piece from a random place to
    its end is taken, at least half of it and at most 30 s, so that what returns, does
    so after another time and from another place. Pieces are joined by cross-fades of
    50 ms with weights of sine and cosine, which preserve the power of noise.

    Parameters
    ----------
    waveforms : list of ndarray
        As `read_noise` returns them.
    n_samples : int
        Length of the track.
    sample_rate : int, in Hz
    random_state : numpy.random.RandomState
    """

    def __init__(self, waveforms, n_samples, sample_rate, random_state):
        self.waveforms = waveforms
        self._rise = np.sin(
            (np.arange(n_fade := round(_FADE * sample_rate)) + 0.5)
            * (np.pi / 2 / n_fade)
        ).astype(np.float32)
        longest = round(_LONGEST * sample_rate)
        pieces, turn, end = [], [], 0
        while end < n_samples:
            turn = turn or random_state.permutation(len(waveforms)).tolist()
            source = turn.pop()
            length = len(waveforms[source])
            if length > longest:
                offset, n_piece = random_state.randint(length - longest), longest
            else:
                offset = random_state.randint(length // 2 + 1)
                n_piece = length - offset
            start = max(0, end - n_fade)
            end = start + n_piece
            pieces.append((source, offset, start, end))
        self._pieces = np.array(pieces)

    def render(self, first, last):
        """Return the samples from `first` up to `last`, float32."""
        source, offset, start, end = self._pieces.T
        track = np.zeros(last - first, np.float32)
        n_fade, n_pieces = len(self._rise), len(self._pieces)
        inside = np.flatnonzero((start < last) & (end > first))
        for k in inside:
            begin, stop = max(first, start[k]), min(last, end[k])
            at = offset[k] - start[k]
            piece = self.waveforms[source[k]][begin + at : stop + at].copy()
            since = begin - start[k]
            if k and since < n_fade:
                rise = self._rise[since : since + len(piece)]
                piece[: len(rise)] *= rise
            until = end[k] - stop
            if k < n_pieces - 1 and until < n_fade:
                fall = self._rise[until : until + len(piece)][::-1]
                piece[len(piece) - len(fall) :] *= fall
            track[begin - first : stop - first] += piece
        return track

    def table(self, names, n_samples, sample_rate):
        """List the pieces: from where to where which recording is heard, in seconds.

        Parameters
        ----------
        names : list of str
            Of the recordings.
        n_samples : int
        sample_rate : int, in Hz

        Returns
        -------
        pieces : DataFrame
            ``start_time``, ``end_time``, ``source``, ``source_start_time``.
        """
        source, offset, start, end = self._pieces.T
        return pd.DataFrame(
            {
                "start_time": start / sample_rate,
                "end_time": np.minimum(end, n_samples) / sample_rate,
                "source": [names[k] for k in source],
                "source_start_time": offset / sample_rate,
            }
        )
