"""The calls of a soundscape: which, where, and how loud."""

import os
from typing import NamedTuple

import numpy as np

from skaudio._utils.active_part import centre, is_silent, mean_power, sounding_part
from skaudio._utils.background import is_background
from skaudio._utils.clips import as_clips
from skaudio._utils.labels import as_labels
from skaudio.datasets._soundscape_noise import as_waveform
from skaudio.io import AudioFileError, list_class_folders, read_audio, resample

_FADE = 0.005  # seconds, where a clip's silent edges were cut off
_QUIET = 1e-2  # of the noise's mean power: -20 dB


class Call(NamedTuple):
    """The active part of a clip.

    Attributes
    ----------
    waveform : ndarray of float32, shape (n_samples,)
        From the first active frame to the last.
    part : ndarray of bool, shape (n_samples,)
        The frames over which powers are measured.
    source : str
        The clip.
    """

    waveform: np.ndarray
    part: np.ndarray
    source: str


class LabelledClips:
    """Clips that calls are taken from, read as they are needed.

    Parameters
    ----------
    clips, labels, sample_rate
        As of `make_soundscape`.

    Attributes
    ----------
    labels : ndarray of str, shape (n_clips,)
    """

    def __init__(self, clips, labels, sample_rate):
        if isinstance(clips, (str, os.PathLike)):
            if labels is not None:
                raise ValueError(
                    f"labels beside clips={os.fspath(clips)!r}, a folder: expected "
                    "None; the names of its sub-folders are the labels."
                )
            clips, labels = list_class_folders(clips)
        elif hasattr(clips, "target"):
            if labels is not None:
                raise ValueError(
                    "labels beside a Bunch of clips: expected None; its target has "
                    "the labels."
                )
            own_rate = clips.get("sample_rate", sample_rate)
            if own_rate != sample_rate:
                raise ValueError(
                    f"sample_rate={sample_rate}, but the clips are at {own_rate} Hz: "
                    "expected one rate; pass that of the clips."
                )
            clips, labels = clips.data, clips.target
        if labels is None:
            raise ValueError(
                "labels=None: expected the label of each clip, or a Bunch of clips "
                "such as load_audio_folder returns."
            )
        self._clips, self._names = _listed(clips)
        labels = as_labels(labels, "labels")
        if labels.shape != (len(self._clips),):
            raise ValueError(
                f"labels of shape {labels.shape} for {len(self._clips)} clips: "
                "expected one label for each clip."
            )
        self.labels = labels.astype(str)
        self._sample_rate = sample_rate
        self._read = {}

    def draw(self, n_calls, random_state):
        """Choose clips; classes take turns in random order, and the clips of a class.

        Clips of background classes are never chosen.

        Parameters
        ----------
        n_calls : int
        random_state : numpy.random.RandomState

        Returns
        -------
        rows : ndarray of int, shape (n_calls,)
        """
        names = [name for name in np.unique(self.labels) if not is_background(name)]
        if n_calls and not names:
            raise ValueError(
                f"clips: {len(self.labels)} clips, none of an animal; expected at "
                "least one whose label is no background."
            )
        of_class = {name: np.flatnonzero(self.labels == name) for name in names}
        turns, rows, classes = {name: [] for name in names}, [], []
        for _ in range(n_calls):
            classes = classes or random_state.permutation(names).tolist()
            name = classes.pop()
            turn = turns[name]
            if not turn:
                turn += random_state.permutation(of_class[name]).tolist()
            rows.append(turn.pop())
        return np.array(rows, dtype=int)

    def read(self, row):
        """Read the active part of a clip.

        Parameters
        ----------
        row : int

        Returns
        -------
        call : Call

        Raises
        ------
        ValueError
            Where the clip cannot be read or is silent, naming it.
        """
        if row not in self._read:
            self._read[row] = self._active_part(self._clips[row], self._names[row])
        return self._read[row]

    def _active_part(self, clip, name):
        if isinstance(clip, tuple):
            waveform, own_rate = read_audio(*clip)
            waveform = resample(waveform, own_rate, self._sample_rate)
        else:
            waveform = as_waveform(clip, name)
        if is_silent(waveform):
            reason = "is silent, expected a call that can be brought to an SNR"
            raise AudioFileError(name, f"{reason}: leave it out")
        waveform = centre(waveform)
        part = sounding_part(waveform, "active", self._sample_rate)
        inside = slice(part.argmax(), len(part) - part[::-1].argmax())
        waveform, part = waveform[inside].astype(np.float32), part[inside]
        n_fade = min(round(_FADE * self._sample_rate), len(waveform) // 2)
        rise = (np.arange(n_fade, dtype=np.float32) + 0.5) / max(n_fade, 1)
        waveform[:n_fade] *= rise
        waveform[len(waveform) - n_fade :] *= rise[::-1]
        return Call(waveform, part, name)


def _listed(clips):
    """List clips, each as `Clip` or array, and their names."""
    if hasattr(clips, "columns") or all(
        isinstance(clip, (str, os.PathLike)) for clip in clips
    ):
        clips = as_clips(clips)
        return clips, list(map(str, clips))
    return list(clips), [f"clips[{row}]" for row in range(len(clips))]


def place(lengths, n_samples, n_gap, overlap, random_state):
    """Draw where calls begin, all places equally likely.

    Parameters
    ----------
    lengths : ndarray of int, shape (n_calls,)
        In samples.
    n_samples : int
        Of the recording.
    n_gap : int
        Samples between calls that do not overlap.
    overlap : bool
    random_state : numpy.random.RandomState

    Returns
    -------
    starts : ndarray of int, shape (n_calls,), or None
        None where they do not fit.
    """
    if overlap:
        if lengths.max(initial=0) > n_samples:
            return None
        return random_state.randint(n_samples - lengths + 1)
    before = np.cumsum(lengths + n_gap) - lengths - n_gap
    spare = n_samples - lengths.sum() - max(0, len(lengths) - 1) * n_gap
    if spare < 0:
        return None
    return np.sort(random_state.randint(spare + 1, size=len(lengths))) + before


def gain(call, noise, snr_db, usual_power):
    """Return the factor that brings a call to an SNR.

    Parameters
    ----------
    call : Call
    noise : ndarray of shape (n_samples,)
        The noise that the call is heard with.
    snr_db : float
    usual_power : float
        Of the noise; where it is much quieter than that, -20 dB of it count.

    Returns
    -------
    gain : float
    """
    power = mean_power(centre(noise), call.part)
    power = max(power, _QUIET * usual_power)
    return np.sqrt(10 ** (snr_db / 10) * power / mean_power(call.waveform, call.part))
