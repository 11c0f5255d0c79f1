"""Source-filter voices of the animals that ``make_animal_sounds`` can imitate."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import sosfilt


@dataclass(frozen=True)
class Voice:
    """Parameters of the calls of a species.

    A pair is a range ``(low, high)``. The ranges of a species are wide; `individual`
    narrows each to about one value; `utter` draws a value for each call.
    """

    pitch: tuple  # Hz, of the source at 0 semitones
    contour: tuple  # ((time, semitones), ...), time from 0 to 1 within a syllable
    envelope: tuple  # ((time, amplitude), ...)
    formants: tuple  # Hz, resonances of the vocal tract
    syllable: tuple  # s
    gap: tuple  # s, silence between syllables
    n_syllables: tuple  # per call
    brightness: tuple = (1200.0, 3000.0)  # Hz in which the source falls by 8.7 dB
    breath: tuple = (0.03, 0.12)  # share of noise in the source
    vibrato: tuple = (4.0, 7.0)  # Hz
    vibrato_depth: tuple = (0.05, 0.2)  # semitones
    tremolo: tuple = (4.0, 7.0)  # Hz
    tremolo_depth: tuple = (0.02, 0.1)  # 0 is a steady tone, 1 a train of pulses
    tract: tuple = (0.87, 1.17)  # factor on the formants: a short tract, high ones
    excursion: tuple = (0.75, 1.25)  # factor on the contour


_ARCH = ((0, 0.0), (0.15, 1.0), (0.7, 0.8), (1, 0.0))
_STRIKE = ((0, 0.0), (0.06, 1.0), (0.4, 0.45), (1, 0.0))
_COCK_A_DOODLE_DOO_PITCH = (
    (0, -6), (0.12, -4), (0.18, 1), (0.26, 3), (0.32, -1), (0.4, 1),
    (0.48, 4), (0.65, 6), (1, -8),
)  # fmt: skip
_COCK_A_DOODLE_DOO_LEVEL = (
    (0, 0.0), (0.03, 0.7), (0.12, 0.6), (0.14, 0.0), (0.17, 0.0),
    (0.19, 0.8), (0.26, 0.7), (0.28, 0.0), (0.31, 0.0),
    (0.33, 0.8), (0.4, 0.7), (0.42, 0.0), (0.45, 0.0),
    (0.5, 1.0), (0.8, 0.7), (1, 0.0),
)  # fmt: skip

VOICES = {
    # A miaow opens and closes: up, and slowly down.
    "cat": Voice(
        pitch=(280, 600),
        contour=((0, -4), (0.3, 3), (0.6, 1), (1, -5)),
        envelope=_ARCH,
        formants=(900, 1900, 3400),
        syllable=(0.45, 0.95),
        gap=(0.25, 0.6),
        n_syllables=(1, 2),
    ),
    # A moo is long and level, rising to a held end.
    "cow": Voice(
        pitch=(100, 240),
        contour=((0, -3), (0.35, 0), (0.8, 1), (1, -2)),
        envelope=((0, 0.0), (0.3, 0.7), (0.75, 1.0), (1, 0.0)),
        formants=(450, 1100, 2500),
        syllable=(1.0, 1.9),
        gap=(0.4, 0.8),
        n_syllables=(1, 2),
    ),
    # Barks are short, harsh and falling, in a row.
    "dog": Voice(
        pitch=(200, 520),
        contour=((0, 1), (0.2, 4), (1, -7)),
        envelope=_STRIKE,
        formants=(700, 1500, 2900),
        syllable=(0.10, 0.2),
        gap=(0.12, 0.35),
        n_syllables=(2, 7),
        breath=(0.15, 0.4),
    ),
    # A croak is a train of pulses.
    "frog": Voice(
        pitch=(150, 420),
        contour=((0, -1), (0.5, 0), (1, 0.5)),
        envelope=((0, 0.0), (0.5, 1.0), (0.9, 0.9), (1, 0.0)),
        formants=(600, 1400, 2800),
        syllable=(0.3, 0.6),
        gap=(0.1, 0.3),
        n_syllables=(2, 6),
        tremolo=(14, 28),
        tremolo_depth=(0.85, 1.0),
    ),
    # Cock-a-doodle-doo: three short notes, and a long one that falls.
    "rooster": Voice(
        pitch=(430, 900),
        contour=_COCK_A_DOODLE_DOO_PITCH,
        envelope=_COCK_A_DOODLE_DOO_LEVEL,
        formants=(950, 2000, 3500),
        syllable=(1.1, 1.9),
        gap=(0.3, 0.7),
        n_syllables=(1, 2),
    ),
    # A bleat is level and trembles.
    "sheep": Voice(
        pitch=(180, 480),
        contour=((0, -1), (0.2, 1), (1, -2)),
        envelope=_ARCH,
        formants=(750, 1600, 3000),
        syllable=(0.6, 1.3),
        gap=(0.3, 0.7),
        n_syllables=(1, 2),
        vibrato=(7, 12),
        vibrato_depth=(0.4, 1.0),
        tremolo=(7, 12),
        tremolo_depth=(0.6, 0.85),
    ),
    # A caw is rough: a fast beat on a noisy source.
    "crow": Voice(
        pitch=(300, 600),
        contour=((0, -2), (0.25, 1), (1, -3)),
        envelope=_ARCH,
        formants=(1000, 1700, 3000),
        syllable=(0.25, 0.45),
        gap=(0.2, 0.5),
        n_syllables=(2, 5),
        breath=(0.25, 0.5),
        tremolo=(55, 90),
        tremolo_depth=(0.5, 0.8),
    ),
    # Quacks follow each other faster than barks, and are clear and bright.
    "duck": Voice(
        pitch=(200, 380),
        contour=((0, 1), (1, -3)),
        envelope=_ARCH,
        formants=(1100, 2200, 3300),
        syllable=(0.12, 0.25),
        gap=(0.05, 0.12),
        n_syllables=(4, 12),
        brightness=(2000, 4000),
    ),
    # A roar is low, long and full of noise.
    "lion": Voice(
        pitch=(70, 180),
        contour=((0, -2), (0.3, 4), (1, -6)),
        envelope=_ARCH,
        formants=(350, 900, 2000),
        syllable=(0.8, 1.6),
        gap=(0.2, 0.5),
        n_syllables=(1, 3),
        breath=(0.35, 0.6),
        tremolo=(20, 35),
        tremolo_depth=(0.3, 0.6),
    ),
    # Hoots are almost pure tones.
    "owl": Voice(
        pitch=(280, 520),
        contour=((0, -1), (0.3, 0), (1, -1)),
        envelope=_ARCH,
        formants=(450, 1200),
        syllable=(0.2, 0.5),
        gap=(0.15, 0.4),
        n_syllables=(2, 5),
        brightness=(120, 220),
    ),
}


# What distinguishes the animals of a species.
_INDIVIDUAL = (
    "pitch", "syllable", "gap", "brightness", "breath", "vibrato", "vibrato_depth",
    "tremolo", "tremolo_depth", "tract", "excursion",
)  # fmt: skip


def individual(species, random_state, spread=0.05):
    """Return the voice of one animal: ranges narrowed to about one value."""
    own = {}
    for name in _INDIVIDUAL:
        centre = np.exp(random_state.uniform(*np.log(getattr(species, name))))
        own[name] = (centre * (1 - spread), centre * (1 + spread))
    formants = species.formants * random_state.uniform(
        0.9, 1.1, size=len(species.formants)
    )
    return replace(species, formants=tuple(formants), **own)


def utter(voice, n_samples, sample_rate, random_state):
    """Return one call: syllables in a row, as many as the voice and the time allow.

    Parameters
    ----------
    voice : Voice
        Of an `individual`.
    n_samples : int
        Maximal length. A first syllable that would be longer is shortened to it.
    sample_rate : int
        In Hz.
    random_state : numpy.random.RandomState
        Source of randomness.

    Returns
    -------
    call : ndarray of shape (<= n_samples,), float64
        Of arbitrary level.
    """
    fewest, most = voice.n_syllables
    voice = replace(voice, pitch=(random_state.uniform(*voice.pitch),) * 2)
    call = np.zeros(n_samples)
    start = end = 0
    for i in range(random_state.randint(fewest, most + 1)):
        length = int(random_state.uniform(*voice.syllable) * sample_rate)
        if i == 0:
            length = min(length, n_samples)
        if start + length > n_samples:
            break
        end = start + length
        call[start:end] = _syllable(voice, length, sample_rate, random_state)
        start = end + int(random_state.uniform(*voice.gap) * sample_rate)
    tract = random_state.uniform(*voice.tract)
    return sosfilt(_formant_filter(voice.formants, tract, sample_rate), call[:end])


def _syllable(voice, n_samples, sample_rate, random_state):
    """Return the source of a syllable: voice and breath, shaped in pitch and level."""
    draw = random_state.uniform
    seconds = np.arange(n_samples) / sample_rate
    time = np.linspace(0, 1, n_samples)
    beat, throb = (
        np.cos(2 * np.pi * (draw(*rate) * seconds + draw()))
        for rate in (voice.vibrato, voice.tremolo)
    )
    semitones = (
        draw(*voice.excursion) * np.interp(time, *np.transpose(voice.contour))
        + draw(*voice.vibrato_depth) * beat
        + _wobble(seconds, 0.3, random_state)  # jitter
    )
    f0 = draw(*voice.pitch) * draw(0.97, 1.03) * 2 ** (semitones / 12)
    breath = draw(*voice.breath)
    source = (1 - breath) * _harmonics(f0, draw(*voice.brightness), sample_rate)
    source += breath * random_state.standard_normal(n_samples)
    level = np.interp(time, *np.transpose(voice.envelope))
    level *= 1 - min(draw(*voice.tremolo_depth), 1) * (0.5 + 0.5 * throb)
    return source * level * np.exp(_wobble(seconds, 0.1, random_state))  # shimmer


def _harmonics(f0, brightness, sample_rate):
    """Return the harmonics of `f0`, of amplitude ``exp(-f / brightness)``.

    They are a geometric series, so their sum has a closed form. It has unit power.
    """
    phase = 2 * np.pi * np.cumsum(f0) / sample_rate
    decay = np.exp(-f0 / brightness)
    first = decay * np.exp(1j * phase)
    return (first / (1 - first)).real * np.sqrt(2 * (1 - decay**2)) / decay


def _wobble(seconds, scale, random_state, rate=50.0):
    """Return a smooth random deviation from 0, of `rate` values per second."""
    knots = scale * random_state.standard_normal(int(seconds[-1] * rate) + 2)
    return np.interp(seconds * rate, np.arange(len(knots)), knots)


def _formant_filter(formants, tract, sample_rate):
    """Return two-pole resonators of unit gain at 0 Hz, as second-order sections."""
    centre = np.array(formants) * tract
    centre = centre[centre < 0.45 * sample_rate]
    radius = np.exp(-np.pi * (80 + 0.06 * centre) / sample_rate)  # from the bandwidth
    sos = np.zeros((len(centre), 6))
    sos[:, 3] = 1
    sos[:, 4] = -2 * radius * np.cos(2 * np.pi * centre / sample_rate)
    sos[:, 5] = radius**2
    sos[:, 0] = sos[:, 3:].sum(axis=1)
    return sos
