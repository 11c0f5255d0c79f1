"""Recordings with a truth table, from labelled clips and noise."""

import os
from numbers import Real
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from skaudio._utils.atomic import atomic_write, check_writable
from skaudio._utils.bunch import Bunch
from skaudio._utils.random_state import own_random_state
from skaudio.datasets._ranges import check_integer, check_range
from skaudio.datasets._soundscape_calls import LabelledClips, gain, place
from skaudio.datasets._soundscape_noise import NoiseTrack, read_noise

_BLOCK = 1 << 21  # samples that are made at once
_FORMATS = {".wav": "WAV", ".flac": "FLAC"}
_WAV_BYTES = 2**32 - 2**10
_MAX_DB = 100  # beyond it, float32 has no bits left for the weaker of the two
_UNNAMED = "soundscape.wav"


def make_soundscape(
    clips,
    noise,
    duration,
    *,
    labels=None,
    rate_per_minute=10.0,
    snr_db=(0, 20),
    overlap=False,
    min_gap=0.5,
    noise_level=-40.0,
    sample_rate=16000,
    output=None,
    random_state=None,
):
    """Make a recording with known calls: clips mixed into noise, and the truth table.

    For examples and tests of detection, and to plan a survey: how many calls of this
    animal would a model find at 5 dB, and how often would it call the wind an animal?

    Parameters
    ----------
    clips : str, path-like, Bunch, DataFrame or list
        The calls: a folder with one sub-folder per class; what `load_audio_folder`,
        `load_audio_table` or `make_animal_sounds` returns; or, with `labels`, a list of
        files, a table of clips, or waveforms at `sample_rate`. Clips of a background
        class (``background``, ``noise``, ``other``, ``silence``) are not used.
    noise : str, path-like, array or list
        A folder (its sub-folders are searched too), a list of files, or waveforms at
        `sample_rate`, of at least 0.2 s each.
    duration : float
        Length of the recording in seconds.
    labels : array-like of shape (n_clips,) or None, default=None
        The label of each clip, where `clips` does not hold them.
    rate_per_minute : float, default=10.0
        Calls per minute, of all classes together. There are exactly
        ``round(rate_per_minute * duration / 60)``; 0 makes a recording of noise alone.
    snr_db : float or (float, float), default=(0, 20)
        Signal-to-noise ratio in dB, ``10 * log10(signal power / noise power)``, or the
        range from which that of each call is drawn.
    overlap : bool, default=False
        Whether calls may overlap.
    min_gap : float, default=0.5
        Least time in seconds from the end of a call to the start of the next, where
        they do not overlap.
    noise_level : float or None, default=-40.0
        Level in dB of full scale (root mean square) to which every noise recording is
        brought. None leaves each as it was recorded.
    sample_rate : int, default=16000
        In Hz. Files of another rate are resampled.
    output : str, path-like or None, default=None
        A ``.wav`` or ``.flac`` file to write, of 16 bits. The truth table is written
        beside it under the same name with ``.csv``, where ``audio_file`` is the name of
        the file without its folder.
    random_state : int, RandomState instance or None, default=None
        Determines every sample. None gives another recording at each call, and leaves
        NumPy's global generator alone.

    Returns
    -------
    soundscape : Bunch
        With the attributes:

        - ``waveform`` (ndarray of float32, shape (n_samples,)): None where it is
          written to `output`;
        - ``sample_rate`` (int);
        - ``truth`` (DataFrame): an annotation table, sorted by time: ``audio_file``
          (`output`, or else "soundscape.wav"), ``annotation_file``, ``annotation``,
          ``start_time`` and ``end_time`` in seconds, ``low_f`` and ``high_f`` (NaN),
          then ``snr_db`` and ``source``, the clip;
        - ``noise`` (DataFrame): which noise is heard where: ``start_time``,
          ``end_time``, ``source`` and ``source_start_time``, in seconds;
        - ``scale`` (float): the factor, at most 1, by which the whole recording was
          scaled so that it does not exceed full scale. It does not change the SNRs.

    Raises
    ------
    ValueError
        Where a parameter is out of its range, or the calls do not fit into `duration`.
    AudioFileError
        Naming the clip or noise that cannot be read or is silent.
    OSError
        Where `output` cannot be written.

    See Also
    --------
    make_animal_sounds : Synthetic clips, for examples.
    skaudio.augment.CalibratedNoiseMixer : Noise mixed into clips for training, with the
        same definition of the SNR.

    Notes
    -----
    A call is what lies between the first and the last active frame of its clip: frames
    of 32 ms that are at most 30 dB below the loudest. The pauses before and after are
    cut off, and the truth states the times of the rest. The SNR compares the mean power
    of the call over its active frames with that of the noise over the same samples, so
    in a gust a call of the same SNR is louder. Where the noise is more than 20 dB below
    its mean power, 20 dB below it is taken.

    The number of calls is fixed and their places are random, all equally likely. That
    is a Poisson process of which the number of events is known, with `min_gap` kept
    free. Classes take turns in random order, so that each has as many calls as the
    others, within one; so do the clips of each class, so that no clip is heard twice
    before each was heard once. What the clips themselves hold as background is heard
    with the calls.

    Noise recordings take turns too. Of each, a random piece of at least half (at most
    30 s) is joined to the one before by a cross-fade of 50 ms: short noise repeats, but
    never at a steady interval.

    With `output` the recording is made twice in blocks, first to find its peak, so that
    memory does not grow with `duration`. The noise and the clips that are used are held
    in memory, at 4 bytes per sample: at 16 kHz 230 MB per hour.

    References
    ----------
    J. Salamon et al., "Scaper: A library for soundscape synthesis and augmentation",
    WASPAA 2017.

    Examples
    --------
    >>> from skaudio.datasets import make_animal_sounds, make_soundscape
    >>> clips = make_animal_sounds(4, n_classes=2, random_state=0)
    >>> scene = make_soundscape(clips, clips.noise, duration=30, random_state=0)
    >>> scene.waveform.shape, scene.sample_rate, scene.scale
    ((480000,), 16000, 1.0)
    >>> scene.truth[["annotation", "start_time", "end_time", "snr_db"]].round(1)
      annotation  start_time  end_time  snr_db
    0        cow         2.0       2.6    12.8
    1        cat         4.3       6.2     2.9
    2        cow        16.1      18.0    18.9
    3        cat        19.9      21.6    10.4
    4        cat        22.7      23.2     8.3
    """
    n_samples, n_calls = _sizes(duration, rate_per_minute, sample_rate)
    limits = check_range("snr_db", snr_db, -_MAX_DB, "dB")
    if limits[1] > _MAX_DB:
        raise ValueError(f"snr_db={snr_db!r}: expected at most {_MAX_DB} dB.")
    if not (isinstance(min_gap, Real) and 0 <= min_gap < np.inf):
        raise ValueError(f"min_gap={min_gap!r}: expected seconds, at least 0.")
    path = None if output is None else _checked(output, n_samples)
    rng = own_random_state(random_state)
    clips = LabelledClips(clips, labels, sample_rate)
    names, waveforms = read_noise(noise, sample_rate)
    powers = np.array([np.mean(np.square(waveform)) for waveform in waveforms])
    if noise_level is not None:
        powers, waveforms = _levelled(powers, waveforms, noise_level)
    track = NoiseTrack(waveforms, n_samples, sample_rate, rng)

    rows = clips.draw(n_calls, rng)
    calls = [clips.read(row) for row in rows]
    lengths = np.array([len(call.waveform) for call in calls], dtype=int)
    starts = place(lengths, n_samples, round(min_gap * sample_rate), overlap, rng)
    if starts is None:
        gaps = "" if overlap else f" and gaps of min_gap={min_gap:g} s"
        raise ValueError(
            f"duration={duration:g} s: {n_calls} calls (rate_per_minute="
            f"{rate_per_minute:g}) of {lengths.sum() / sample_rate:.1f} s together, "
            f"the longest {lengths.max() / sample_rate:.1f} s,{gaps} do not fit: lower "
            "rate_per_minute, leave long clips out, or pass overlap=True."
        )
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], (starts + lengths)[order]
    calls, rows = [calls[k] for k in order], rows[order]
    levels = rng.uniform(*limits, size=n_calls)
    gains = [
        gain(call, track.render(start, end), level, powers.mean())
        for call, start, end, level in zip(calls, starts, ends, levels, strict=True)
    ]

    def blocks():
        for first in range(0, n_samples, _BLOCK):
            last = min(first + _BLOCK, n_samples)
            block = track.render(first, last)
            for k in np.flatnonzero((starts < last) & (ends > first)):
                begin, stop = max(first, starts[k]), min(last, ends[k])
                heard = calls[k].waveform[begin - starts[k] : stop - starts[k]]
                block[begin - first : stop - first] += gains[k] * heard
            yield block

    truth = pd.DataFrame(
        {
            "audio_file": _UNNAMED if path is None else str(output),
            "annotation_file": None if path is None else str(path.with_suffix(".csv")),
            "annotation": clips.labels[rows],
            "start_time": starts / sample_rate,
            "end_time": ends / sample_rate,
            "low_f": np.nan,
            "high_f": np.nan,
            "snr_db": levels,
            "source": [call.source for call in calls],
        }
    )
    waveform, scale = None, None
    if path is None:
        waveform = np.concatenate(list(blocks()))
        scale = _scale(np.abs(waveform).max())
        waveform *= np.float32(scale)
    else:
        scale = _scale(max(np.abs(block).max() for block in blocks()))
        _write(path, (scale * block for block in blocks()), sample_rate, truth)
    return Bunch(
        waveform=waveform,
        sample_rate=sample_rate,
        truth=truth,
        noise=track.table(names, n_samples, sample_rate),
        scale=scale,
    )


def _sizes(duration, rate_per_minute, sample_rate):
    """Return the number of samples and of calls."""
    check_integer("sample_rate", sample_rate, 1000)
    for name, value in {
        "duration": duration,
        "rate_per_minute": rate_per_minute,
    }.items():
        if not (isinstance(value, Real) and 0 <= value < np.inf):
            raise ValueError(f"{name}={value!r}: expected a number, at least 0.")
    n_samples = round(duration * sample_rate)
    if not n_samples:
        raise ValueError(f"duration={duration!r}: expected at least one sample.")
    return n_samples, round(rate_per_minute * duration / 60)


def _levelled(powers, waveforms, noise_level):
    if not (isinstance(noise_level, Real) and -100 <= noise_level <= 0):
        raise ValueError(
            f"noise_level={noise_level!r}: expected dB of full scale from -100 to 0, "
            "or None."
        )
    wanted = 10 ** (noise_level / 10)
    factors = np.sqrt(wanted / powers).astype(np.float32)
    return np.full(len(powers), wanted), [
        factor * waveform for factor, waveform in zip(factors, waveforms, strict=True)
    ]


def _scale(peak):
    # One step of 16 bits below full scale, to which a sample of 1.0 would be cut.
    return float(min(1.0, (1 - 2**-15) / peak))


def _checked(output, n_samples):
    """Return the path of the output; raise where it cannot be written."""
    path = Path(os.fspath(output))
    if path.suffix.lower() not in _FORMATS:
        raise ValueError(
            f"output={os.fspath(output)!r}: expected a name that ends in .wav or .flac."
        )
    if path.suffix.lower() == ".wav" and 2 * n_samples > _WAV_BYTES:
        raise ValueError(
            f"output={os.fspath(output)!r}: {2 * n_samples / 2**30:.1f} GB, but WAV "
            "holds 4: expected a name that ends in .flac, or a shorter duration."
        )
    check_writable(path, "the recording")
    check_writable(path.with_suffix(".csv"), "the truth table", "opensoundscape.csv")
    return path


def _write(path, blocks, sample_rate, truth):
    kind = _FORMATS[path.suffix.lower()]
    with (
        atomic_write(path, "the recording") as file,
        soundfile.SoundFile(
            file, "w", sample_rate, 1, subtype="PCM_16", format=kind
        ) as sound,
    ):
        for block in blocks:
            sound.write(block)
    # Names only, so that both files can be moved to another folder.
    table = truth.assign(
        audio_file=path.name, annotation_file=path.with_suffix(".csv").name
    )
    with atomic_write(
        path.with_suffix(".csv"), "the truth table", "opensoundscape.csv"
    ) as file:
        table.to_csv(file, index=False)
