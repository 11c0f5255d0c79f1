"""A classifier of clips, trained for the windows of recordings."""

import os
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.validation import assert_all_finite, check_is_fitted

from skaudio._utils.background import is_background
from skaudio._utils.fit_groups import groups_for_fit
from skaudio._utils.fitted import unfitted_if_it_fails
from skaudio._utils.labels import as_groups, as_labels
from skaudio._utils.multilabel import as_indicator, column_names, is_matrix
from skaudio._utils.random_state import own_random_state
from skaudio._utils.sklearn_compat import HasMethods, Interval, validate_parameters
from skaudio._utils.unreadable import rows_to_fit
from skaudio._utils.views import predicted_labels
from skaudio._utils.waveforms import as_waveforms
from skaudio.augment import place_in_background
from skaudio.classifiers._background_windows import background_windows, cut_windows


class WindowClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Train a classifier of clips for the windows of recordings.

    A model trained on animals alone calls every window of wind an animal. This one also
    learns a class "background", from recordings without animals, and trains on copies
    of each clip in windows of that background, at a random place, signal-to-noise ratio
    and level.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Takes waveforms, such as an embedder with a head.
    background : folder, file, list of paths or arrays, or None, default=None
        Recordings without animals, from the same kind of place as those to come. They
        are cut into windows. None is for labels that include a class named background,
        noise, other or silence.
    clip_duration : float, default=3.0
        Length of a window in seconds, also the default of `score_recordings`.
    n_copies : int, default=2
        Copies of each clip in background, beside the clip itself.
    snr_db : tuple of (float, float), default=(0.0, 20.0)
        Range of the signal-to-noise ratios of the copies.
    gain_db : tuple of (float, float), default=(-30.0, 0.0)
        Range of the gain of each copy and each window of `background`: recordings are
        fainter than clips, and by how much differs between recorders.
    max_background : int, default=1000
        Windows of `background` that are used, drawn at random where there are more.
    background_label : str or int, default="background"
        Class of the windows of `background`; a number where the labels are numbers.
    sample_rate : int, default=16000
        Rate of the waveforms in Hz.
    n_jobs : int or None, default=None
        Threads that decode `background`.
    random_state : int, RandomState or None, default=None
        Draws windows, places and ratios.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Background included; of an indicator matrix its columns.
    multilabel_ : bool
        Whether clips have several classes.
    estimator_ : classifier
        The fitted estimator.
    clip_duration_ : float
        Seconds of a window, for `score_recordings`.
    n_background_ : int
        Windows and clips of background that it was trained on.
    n_features_in_ : int
        Samples of a clip, where the clips are one array.

    See Also
    --------
    skaudio.recordings.score_recordings : Scores the windows of recordings.
    skaudio.augment.place_in_background : Makes one copy.

    Notes
    -----
    Copies are in the group of their clip, so that no split within `estimator` parts
    them. In cross-validation every fold trains on `background`, and no clip of it is
    scored; hold recordings of it back to measure false positives.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import MFCCStatistics, WindowClassifier
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(4, n_classes=2, random_state=0)
    >>> hiss = np.random.RandomState(0).normal(0, 0.01, 16000 * 30)
    >>> model = WindowClassifier(
    ...     make_pipeline(MFCCStatistics(), LogisticRegression(max_iter=1000)),
    ...     [hiss],
    ...     random_state=0,
    ... )
    >>> model.fit(calls.data, calls.target).classes_.tolist()
    ['background', 'cat', 'cow']
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "background": [
            None,
            str,
            os.PathLike,
            list,
            tuple,
            HasMethods("__array__"),
        ],
        "clip_duration": [Interval(Real, 0, None, closed="neither")],
        "n_copies": [Interval(Integral, 0, None, closed="left")],
        "snr_db": [tuple, list],
        "gain_db": [tuple, list],
        "max_background": [Interval(Integral, 1, None, closed="left")],
        "background_label": [str, Integral],
        "sample_rate": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [None, Integral],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        background=None,
        *,
        clip_duration=3.0,
        n_copies=2,
        snr_db=(0.0, 20.0),
        gain_db=(-30.0, 0.0),
        max_background=1000,
        background_label="background",
        sample_rate=16000,
        n_jobs=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.background = background
        self.clip_duration = clip_duration
        self.n_copies = n_copies
        self.snr_db = snr_db
        self.gain_db = gain_db
        self.max_background = max_background
        self.background_label = background_label
        self.sample_rate = sample_rate
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X, y, groups=None):
        """Fit the estimator on the clips, the background and copies of the clips.

        Parameters
        ----------
        X : ndarray or list
            Waveforms: object (n,) or list of 1-D arrays of any length, or float (n,
            n_samples). Clips that are NaN, as of files that cannot be read, are left
            out with a warning.
        y : array-like of shape (n,) or (n, n_classes)
            Labels, or an indicator matrix, in which background is a row of zeros.
        groups : array-like of shape (n,) or None, default=None
            Passed on where `estimator`, or the last step of it, takes groups.

        Returns
        -------
        self : WindowClassifier

        Raises
        ------
        ValueError
            Where there is no background, or only background.
        """
        validate_parameters(self)
        for name in ("snr_db", "gain_db"):
            self._check_range(name)
        clips, _ = as_waveforms(self, X, reset=True)
        clips = [views[0] for views in clips]
        several = is_matrix(y)
        names = column_names(y) if several else None
        y = as_indicator(y) if several else as_labels(column_or_1d(y, warn=True))
        groups = np.arange(len(clips)) if groups is None else groups
        groups = as_groups(groups, len(clips))
        check_consistent_length(clips, y)
        keep = np.flatnonzero(rows_to_fit(_missing(clips)))
        clips, y, groups = [clips[row] for row in keep], y[keep], groups[keep]

        own = self._is_background(y, several)
        random_state = own_random_state(self.random_state)
        windows, sources = background_windows(
            self.background,
            self.clip_duration,
            self.sample_rate,
            self.max_background,
            random_state,
            self.n_jobs,
        )
        copies, rows = self._copies(clips, own, windows, random_state)
        windows = self._at_other_levels(windows, random_state)
        copies = self._at_other_levels(copies, random_state)
        of_windows = np.full(
            (len(windows), *y.shape[1:]), False if several else self.background_label
        )
        labels = np.concatenate([y, of_windows, y[rows]])
        if several:
            labels = pd.DataFrame(labels.astype(int), columns=names)
        # Copies are in the group of their clip, windows in that of their recording.
        codes = np.unique(groups, return_inverse=True)[1]
        of_sources = pd.factorize(np.asarray(sources, dtype=object))[0] + len(clips)
        groups = np.concatenate([codes, of_sources, codes[rows]]).astype(int)
        sounds = np.empty(len(labels), dtype=object)
        sounds[:] = [*clips, *windows, *copies]
        with unfitted_if_it_fails(self):
            self.n_background_ = int(own.sum()) + len(windows)
            self.estimator_ = self._fit(sounds, labels, groups)
            self.classes_ = np.asarray(self.estimator_.classes_)
            self.multilabel_ = several
            self.clip_duration_ = float(self.clip_duration)
        return self

    def predict_proba(self, X):
        """Compute the probability of each class, background included.

        Parameters
        ----------
        X : ndarray or list
            Waveforms, as `fit` takes them.

        Returns
        -------
        probabilities : ndarray of float64, shape (n, n_classes)
            NaN for a clip that is NaN.
        """
        check_is_fitted(self)
        clips, _ = as_waveforms(self, X, reset=False)
        present = ~_missing(clips)
        probabilities = np.full((len(clips), len(self.classes_)), np.nan)
        if present.any():
            sounds = np.empty(present.sum(), dtype=object)
            sounds[:] = [clips[row][0] for row in np.flatnonzero(present)]
            probabilities[present] = self.estimator_.predict_proba(sounds)
        return probabilities

    def predict(self, X):
        """Predict the most probable class.

        Parameters
        ----------
        X : ndarray or list
            Waveforms, as `fit` takes them.

        Returns
        -------
        labels : ndarray of shape (n,), or of int, shape (n, n_classes)
            Of a model of several classes per clip those of probability 0.5 or more.

        Raises
        ------
        ValueError
            Where clips are NaN (they could not be read), naming the rows.
        """
        check_is_fitted(self)
        return predicted_labels(self, X)

    def _torch_step(self, step_of):
        """Give the part of an exported model that computes `predict_proba`."""
        check_is_fitted(self)
        return step_of(self.estimator_)

    def _is_background(self, y, several):
        if several:
            return ~y.any(axis=1)
        own = np.array([is_background(v) or v == self.background_label for v in y])
        is_text = isinstance(self.background_label, str)
        if self.background is not None and is_text != isinstance(y[0], str):
            raise ValueError(
                f"background_label={self.background_label!r}, and y holds labels such "
                f"as {y[0]!r}: expected both to be text, or both numbers."
            )
        return own

    def _check_range(self, name):
        values = getattr(self, name)
        good = len(values) == 2 and all(isinstance(v, Real) for v in values)
        if not good or not -100 <= values[0] <= values[1] <= 100:
            raise ValueError(
                f"{name}={values!r}: expected a pair (low, high) of dB with low <= "
                "high, both from -100 to 100."
            )

    def _copies(self, clips, own, windows, random_state):
        """Place clips in windows of background; return copies and their rows."""
        noises = windows + [
            window
            for row in np.flatnonzero(own)
            for window in cut_windows(clips[row], self.clip_duration, self.sample_rate)
        ]
        if not noises:
            raise ValueError(
                "background=None, and no clip has the label background, noise, other "
                "or silence: expected recordings without animals. Pass a folder of "
                "them."
            )
        if own.all():
            raise ValueError(
                f"All {len(own)} clips are background: expected clips of at least one "
                "animal."
            )
        n_window = max(1, round(self.clip_duration * self.sample_rate))
        rows = np.repeat(np.flatnonzero(~own), self.n_copies)
        copies = []
        for row in rows:
            noise = noises[random_state.randint(len(noises))]
            copies.append(
                place_in_background(
                    clips[row],
                    np.resize(noise, n_window),
                    random_state.uniform(*self.snr_db),
                    self.sample_rate,
                    random_state,
                )
            )
        return copies, rows

    def _at_other_levels(self, sounds, random_state):
        gains = 10 ** (random_state.uniform(*self.gain_db, len(sounds)) / 20)
        return [
            (gain * sound).astype(np.float32)
            for gain, sound in zip(gains, sounds, strict=True)
        ]

    def _fit(self, X, y, groups):
        estimator = clone(self.estimator)
        return estimator.fit(X, y, **groups_for_fit(estimator, groups))


def _missing(clips):
    """Return a mask of the clips that are NaN throughout; raise for other NaN."""
    missing = np.array([np.isnan(views).all() for views in clips])
    for row in np.flatnonzero(~missing):
        assert_all_finite(clips[row], input_name="X")
    return missing
