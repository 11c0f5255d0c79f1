"""Noise at random SNRs, as in the study."""

from numbers import Real

import numpy as np

from skaudio._utils.sklearn_compat import Interval
from skaudio.augment._base_noise_mixer import BaseNoiseMixer


class NoiseMixer(BaseNoiseMixer):
    """Add views of the training clips with noise at random SNRs.

    SNR and noise are drawn independently for each view; powers are measured over the
    whole clip. `CalibratedNoiseMixer` spreads both evenly within every class and leaves
    pauses out of the level.

    Parameters
    ----------
    noise : str, path-like, array or list
        A folder (its sub-folders are searched too), a list of files, or waveforms at
        `sample_rate`: a list of 1-D arrays, one 1-D array, or a 2-D array of rows.
    snr_db : float or (float, float), default=(0, 20)
        Signal-to-noise ratio in dB, ``10 * log10(signal power / noise power)``, or the
        range from which each view's SNR is drawn uniformly.
    n_views : int, default=1
        Number of noisy views of each clip.
    p : float, default=1.0
        Probability that a view gets noise; otherwise it is a copy of the clip.
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
    CalibratedNoiseMixer : SNRs and noises spread evenly within every class.
    SpecAugmenter : Masks on the log-mels.

    Notes
    -----
    ``fit(X, y).transform(X)`` does not equal ``fit_transform(X, y)``: noise is mixed in
    `fit_transform` only, which is what a pipeline calls in training; at predict time
    clips pass unchanged.

    View 0 is the clip itself. Long noise is cut at random; noise shorter than a clip is
    looped with an equal-power crossfade of 20 ms. Powers are mean squares about the
    mean over the clip: a DC offset counts neither as signal nor as noise, and none is
    mixed in. A cut is drawn again if its power is more than 20 dB below its
    recording's mean. Where clip and noise together exceed full scale (1.0), the whole
    view is scaled down to it, which keeps the SNR. A silent clip (-80 dB) has no SNR:
    it is left without noise, with one warning that counts such clips. So is a clip that
    holds NaN, without a warning.

    Noise is read in each `fit_transform` and not kept. A pickle holds the parameter
    `noise`: paths are small, arrays are stored whole.

    References
    ----------
    K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", Proc. ACM
    Multimedia (2015), the source of the study's wind noise.

    Examples
    --------
    >>> from skaudio import NoiseMixer
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(4, n_classes=2, random_state=0)
    >>> mixer = NoiseMixer(calls.noise, snr_db=(0, 20), n_views=2, random_state=0)
    >>> views = mixer.fit_transform(calls.data)
    >>> calls.data[0].shape, views[0].shape
    ((24736,), (3, 24736))
    >>> bool((views[0][0] == calls.data[0]).all())
    True
    >>> mixer.snr_db_[0].round(1)
    array([11. , 14.3])
    """

    _parameter_constraints = BaseNoiseMixer._parameter_constraints | {
        "p": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        noise,
        snr_db=(0, 20),
        n_views=1,
        p=1.0,
        sample_rate=16000,
        n_jobs=None,
        random_state=None,
    ):
        self.noise = noise
        self.snr_db = snr_db
        self.n_views = n_views
        self.p = p
        self.sample_rate = sample_rate
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _assign(self, sounding, y, limits, n_noises, random_state):
        shape = (len(sounding), self.n_views)
        snr_db = random_state.uniform(*limits, size=shape)
        index = random_state.randint(n_noises, size=shape)
        mixed = (random_state.random_sample(shape) < self.p) & sounding[:, np.newaxis]
        return np.where(mixed, snr_db, np.nan), np.where(mixed, index, -1)
