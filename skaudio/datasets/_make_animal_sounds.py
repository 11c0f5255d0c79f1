"""Synthetic animal calls, for examples and tests that need no download."""

from numbers import Real
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import sosfilt

from skaudio._utils.bunch import Bunch
from skaudio._utils.random_state import own_random_state
from skaudio.datasets._ranges import check_integer, check_range
from skaudio.datasets._voices import VOICES, individual, utter
from skaudio.datasets._wind import coloured_noise, make_wind


def make_animal_sounds(
    n_per_class=20,
    *,
    n_classes=6,
    class_weights=None,
    n_individuals=8,
    snr_db=(5, 30),
    sample_rate=16000,
    duration=(0.3, 3.0),
    n_noise=8,
    output_dir=None,
    random_state=None,
):
    """Generate labelled clips of synthetic animal calls, and clips of wind.

    Each clip holds one call of one simulated animal, at a random place in a clip of
    random length and level, over coloured noise and wind. The clips of one animal
    share its voice and its recording channel, as clips cut from one recording do, so
    a split that ignores `groups` is too optimistic.

    Parameters
    ----------
    n_per_class : int, default=20
        Number of clips of a class of weight 1; at least 2.
    n_classes : int, default=6
        Number of species, the first of: cat, cow, dog, frog, rooster, sheep, crow,
        duck, lion, owl.
    class_weights : dict or sequence of float, default=None
        Relative sizes of the classes: a class has
        ``max(2, floor(n_per_class * weight + 0.5))`` clips. A dict maps labels to
        weights, those left out weigh 1; a sequence has one weight for each class, in
        the order of `target_names`. None is 1 for all.
    n_individuals : int, default=8
        Number of animals of each class, at least 1; a class with fewer clips has one
        animal for each clip. Each animal has at least one clip, the rest are
        distributed at random.
    snr_db : float or (float, float), default=(5, 30)
        Signal-to-noise ratio in dB, or the range that each clip's is drawn from: mean
        power of the call over that of the background, both over the whole clip.
    sample_rate : int, default=16000
        In Hz; at least 8000.
    duration : float or (float, float), default=(0.3, 3.0)
        Length in seconds, or the range that each clip's is drawn from; at least 0.1.
    n_noise : int, default=8
        Number of wind clips, of 4 to 6 s each.
    output_dir : str or path-like, default=None
        Where to write 16-bit WAV files: calls as
        ``Training/<label>/<label>_<individual>_<k>.wav``, wind as
        ``Noise/wind/wind_<k>.wav``. Files of these names are overwritten, others stay.
    random_state : int, RandomState instance or None, default=None
        Determines every sample; pass an int for the same clips at each call. None
        gives new clips, and leaves NumPy's global generator alone.

    Returns
    -------
    bunch : Bunch
        With the attributes:

        data : ndarray of shape (n_clips,), object
            Waveforms, each a float32 array of shape (n_samples,) in [-1, 1] at
            `sample_rate`; paths as str with `output_dir`. Sorted by class and animal.
        target : ndarray of shape (n_clips,), str
            The label of each clip.
        groups : ndarray of shape (n_clips,), int
            The animal in each clip; an animal has one class.
        noise : ndarray of shape (n_noise,), object
            Wind, as waveforms or paths like `data`.
        sample_rate : int
            As given.
        target_names : list of str
            The labels, sorted.
        DESCR : str
            What the data set is.

    Raises
    ------
    ValueError
        If a parameter is out of its range, or `class_weights` does not fit the
        classes.

    See Also
    --------
    sklearn.datasets.make_classification : The same idea for vectors.

    Notes
    -----
    The voices follow the source-filter theory [1]_, which holds for mammals as for
    humans [2]_: a source, here a harmonic series with breath noise, whose pitch the
    larynx (or syrinx) sets, passes through the resonances of the vocal tract, the
    formants. The series is summed in closed form [3]_. Pitch contour, tremolo and the
    rhythm of the syllables distinguish the species; pitch and formants overlap between
    them, so the long-term spectrum alone is not enough. Individuals differ in mean
    pitch, length of the vocal tract, tempo, roughness and recording channel.

    The calls are caricatures: use them to try a pipeline, not to judge a model.

    References
    ----------
    .. [1] G. Fant, "Acoustic Theory of Speech Production", Mouton, 1960.
    .. [2] A. M. Taylor and D. Reby, "The contribution of source-filter theory to mammal
       vocal communication research", Journal of Zoology 280(3), 2010.
    .. [3] J. A. Moorer, "The synthesis of complex audio spectra by means of discrete
       summation formulas", Journal of the Audio Engineering Society 24(9), 1976.

    Examples
    --------
    >>> from skaudio.datasets import make_animal_sounds
    >>> clips = make_animal_sounds(4, n_classes=2, random_state=0)
    >>> clips.target.tolist()
    ['cat', 'cat', 'cat', 'cat', 'cow', 'cow', 'cow', 'cow']
    >>> clips.groups
    array([0, 1, 2, 3, 4, 5, 6, 7])
    >>> clips.data[0].dtype, clips.data[0].ndim
    (dtype('float32'), 1)
    """
    check_integer("n_per_class", n_per_class, 2)
    check_integer("n_classes", n_classes, 2, len(VOICES))
    check_integer("n_individuals", n_individuals, 1)
    check_integer("sample_rate", sample_rate, 8000)
    check_integer("n_noise", n_noise, 0)
    snr_db = check_range("snr_db", snr_db, -np.inf, "dB")
    duration = check_range("duration", duration, 0.1, "seconds")
    labels = sorted(list(VOICES)[:n_classes])
    sizes = _class_sizes(n_per_class, class_weights, labels)
    rng = own_random_state(random_state)
    clips, names, target, groups = [], [], [], []
    n_animals = 0
    for label, size in zip(labels, sizes, strict=True):
        n_own = min(n_individuals, size)
        extra = rng.randint(n_own, size=size - n_own)
        for n_clips in np.bincount(np.r_[np.arange(n_own), extra]):
            voice = individual(VOICES[label], rng)
            channel = _channel(rng, sample_rate)
            for k in range(n_clips):
                clips.append(_clip(voice, channel, duration, snr_db, sample_rate, rng))
                names.append(f"Training/{label}/{label}_{n_animals:03d}_{k:03d}.wav")
            target += [label] * n_clips
            groups += [n_animals] * n_clips
            n_animals += 1

    wind = []
    for _ in range(n_noise):
        noise = make_wind(int(rng.uniform(4, 6) * sample_rate), sample_rate, rng)
        wind.append(_set_level(noise, rng))
    if output_dir is not None:
        clips = _write(clips, names, output_dir, sample_rate)
        names = [f"Noise/wind/wind_{k:03d}.wav" for k in range(n_noise)]
        wind = _write(wind, names, output_dir, sample_rate)
    return Bunch(
        data=_object_array(clips),
        target=np.array(target),
        groups=np.array(groups),
        noise=_object_array(wind),
        sample_rate=sample_rate,
        target_names=labels,
        DESCR=(
            f"{len(clips)} synthetic calls of {n_animals} animals of {n_classes} "
            f"species ({', '.join(labels)}) and {n_noise} clips of wind, at "
            f"{sample_rate} Hz, made by skaudio.datasets.make_animal_sounds."
        ),
    )


def _clip(voice, channel, duration, snr_db, sample_rate, rng):
    """Return a call over a background, both through the same recording channel."""
    n_samples = round(rng.uniform(*duration) * sample_rate)
    call = utter(voice, n_samples, sample_rate, rng)
    start = rng.randint(n_samples - len(call) + 1)
    signal = np.zeros(n_samples)
    signal[start : start + len(call)] = call
    background = coloured_noise(n_samples, rng.uniform(0, 2), sample_rate, rng)
    background += rng.uniform(0, 1.5) * make_wind(n_samples, sample_rate, rng)
    signal, background = sosfilt(channel, [signal, background])
    ratio = np.mean(signal**2) / np.mean(background**2)
    background *= np.sqrt(ratio / 10 ** (rng.uniform(*snr_db) / 10))
    return _set_level(signal + background, rng)


def _channel(rng, sample_rate, n_bands=4, gain_db=5.0):
    """Return an equaliser that stands for the microphone and place of a recording.

    Each of its sections is a peaking filter at a random frequency with a gain of up to
    `gain_db`.
    """
    centre = np.exp(rng.uniform(np.log(150), np.log(0.4 * sample_rate), n_bands))
    amplitude = 10 ** (rng.uniform(-gain_db, gain_db, n_bands) / 40)
    omega = 2 * np.pi * centre / sample_rate
    alpha = np.sin(omega) / 2
    middle = -2 * np.cos(omega)
    sos = np.column_stack(
        [
            1 + alpha * amplitude, middle, 1 - alpha * amplitude,
            1 + alpha / amplitude, middle, 1 - alpha / amplitude,
        ]
    )  # fmt: skip
    return sos / sos[:, 3:4]


def _set_level(waveform, rng):
    """Scale to a random peak between -20 and -1 dB of full scale."""
    peak = 10 ** (rng.uniform(-20, -1) / 20)
    return (waveform * (peak / np.abs(waveform).max())).astype(np.float32)


def _write(waveforms, names, output_dir, sample_rate):
    """Write 16-bit WAV files; return their paths."""
    paths = [Path(output_dir, name) for name in names]
    for path, waveform in zip(paths, waveforms, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, waveform, sample_rate, subtype="PCM_16")
    return [str(path) for path in paths]


def _object_array(items):
    # np.array would stack waveforms of equal length.
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def _class_sizes(n_per_class, class_weights, labels):
    if class_weights is None:
        class_weights = {}
    if isinstance(class_weights, dict):
        unknown = sorted(set(class_weights) - set(labels), key=str)
        if unknown:
            raise ValueError(
                f"class_weights names {unknown}, expected labels among {labels}: "
                "correct the label, or raise n_classes."
            )
        weights = [class_weights.get(label, 1) for label in labels]
    else:
        weights = list(class_weights) if np.iterable(class_weights) else [class_weights]
    if len(weights) != len(labels):
        raise ValueError(
            f"class_weights has {len(weights)} weights, expected {len(labels)}: give "
            f"one for each of {labels}, or a dict."
        )
    for label, weight in zip(labels, weights, strict=True):
        if not isinstance(weight, Real) or not 0 < weight < np.inf:
            raise ValueError(
                f"class_weights has {weight!r} for {label!r}, expected a positive "
                "number: give 0.5 for half of n_per_class."
            )
    return [max(2, int(n_per_class * weight + 0.5)) for weight in weights]
