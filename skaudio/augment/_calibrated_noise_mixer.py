"""Noise at SNRs that are spread evenly within every class."""

import numpy as np

from skaudio._utils.multilabel import class_codes
from skaudio._utils.sklearn_compat import StrOptions
from skaudio.augment._base_noise_mixer import BaseNoiseMixer


class CalibratedNoiseMixer(BaseNoiseMixer):
    """Add noisy views of the training clips, with SNRs and noises spread evenly.

    With a few dozen clips per class, chance may give one class loud noise and another
    quiet noise, and a network may learn that difference. Here every class gets the
    whole range of SNRs and an equal share of every noise. By default the SNR is that of
    the call alone: measured over call and pause, the same SNR would mean less noise.

    Parameters
    ----------
    noise : str, path-like, array or list
        A folder (its sub-folders are searched too), a list of files, or waveforms at
        `sample_rate`: a list of 1-D arrays, one 1-D array, or a 2-D array of rows.
    snr_db : float or (float, float), default=(10, 20)
        Signal-to-noise ratio in dB, ``10 * log10(signal power / noise power)``, or the
        range over which the SNRs of each class are spread.
    level : {"active", "rms"}, default="active"
        Where both powers are measured: "active" in the frames of 32 ms whose power is
        at most 30 dB below that of the clip's loudest; "rms" over the whole clip.
    n_views : int, default=1
        Number of noisy views of each clip.
    sample_rate : int, default=16000
        Rate of the waveforms in Hz. Noise files of another rate are resampled.
    n_jobs : int or None, default=None
        Threads that decode noise files at once; -1 uses all cores.
    random_state : int, RandomState instance or None, default=None
        Determines what is mixed. None differs at each call, and leaves NumPy's global
        generator alone.

    Attributes
    ----------
    snr_db_ : ndarray of shape (n, n_views)
        The SNRs mixed by `fit_transform`; NaN where a view is a copy.
    noise_index_ : ndarray of int, shape (n, n_views)
        Index of the noise: its row in `noise`, or the file's place in
        ``list_audio_files([folder])``; -1 where a view is a copy.

    See Also
    --------
    NoiseMixer : SNRs and noises drawn at random, powers over the whole clip.
    SpecAugmenter : Masks on the log-mels.

    Notes
    -----
    ``fit(X, y).transform(X)`` does not equal ``fit_transform(X, y)``: noise is mixed in
    `fit_transform` only, which is what a pipeline calls in training; at predict time
    clips pass unchanged.

    For the k noisy views of a class (of all clips, without `y`; of a combination of
    classes, where clips have several) the range of SNRs is split into k equal parts;
    each view gets a random SNR from one part, in random order. Noises are assigned in
    turn, in a random order that continues from class to class: within a class and over
    all clips, their counts differ by at most one.

    View 0 is the clip itself. Long noise is cut at random; noise shorter than a clip is
    looped with an equal-power crossfade of 20 ms. Powers are mean squares about the
    mean over the clip: a DC offset counts neither as signal nor as noise, and none is
    mixed in. A cut is drawn again if its measured power is more than 20 dB below its
    recording's mean. Where clip and noise together exceed full scale (1.0), the whole
    view is scaled down to it, which keeps the SNR. A silent clip (-80 dB) has no SNR:
    it is left without noise, with one warning that counts such clips. So is a clip that
    holds NaN, without a warning.

    Noise is read in each `fit_transform` and not kept. A pickle holds the parameter
    `noise`: paths are small, arrays are stored whole.

    References
    ----------
    ITU-T Recommendation P.56, "Objective measurement of active speech level" (2011),
    for the level without pauses.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio import CalibratedNoiseMixer
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(4, n_classes=2, n_noise=4, random_state=0)
    >>> mixer = CalibratedNoiseMixer(calls.noise, snr_db=(10, 20), random_state=0)
    >>> views = mixer.fit_transform(calls.data, calls.target)
    >>> calls.data[0].shape, views[0].shape
    ((24736,), (2, 24736))
    >>> for label in calls.target_names:  # one SNR per quarter, every noise once
    ...     own = calls.target == label
    ...     print(label, np.sort(mixer.snr_db_[own, 0]).round(1),
    ...           np.sort(mixer.noise_index_[own, 0]))
    cat [10.1 13.7 15.7 18.2] [0 1 2 3]
    cow [10.2 14.6 15.2 17.6] [0 1 2 3]
    """

    _parameter_constraints = BaseNoiseMixer._parameter_constraints | {
        "level": [StrOptions({"active", "rms"})],
    }

    def __init__(
        self,
        noise,
        snr_db=(10, 20),
        level="active",
        n_views=1,
        sample_rate=16000,
        n_jobs=None,
        random_state=None,
    ):
        self.noise = noise
        self.snr_db = snr_db
        self.level = level
        self.n_views = n_views
        self.sample_rate = sample_rate
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _assign(self, sounding, y, limits, n_noises, random_state):
        shape = (len(sounding), self.n_views)
        snr_db, index = np.full(shape, np.nan), np.full(shape, -1)
        low, high = limits
        codes = np.zeros(len(sounding), int) if y is None else class_codes(y)
        order, n_assigned = random_state.permutation(n_noises), 0
        for code in range(codes.max() + 1):
            rows = random_state.permutation(np.flatnonzero((codes == code) & sounding))
            slots = (len(rows), self.n_views)
            n_slots = len(rows) * self.n_views
            quantiles = (
                random_state.permutation(n_slots) + random_state.uniform(size=n_slots)
            ) / max(n_slots, 1)
            snr_db[rows] = (low + (high - low) * quantiles).reshape(slots)
            turns = (n_assigned + np.arange(n_slots)) % n_noises
            index[rows] = order[turns].reshape(slots)
            n_assigned += n_slots
        return snr_db, index
