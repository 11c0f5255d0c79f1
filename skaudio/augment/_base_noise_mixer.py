"""Base class of the noise mixers."""

import os
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_consistent_length

from skaudio._utils.active_part import centre, is_silent, mean_power, sounding_part
from skaudio._utils.random_state import own_random_state
from skaudio._utils.sklearn_compat import HasMethods, Interval, validate_parameters
from skaudio._utils.warn import warn_user
from skaudio._utils.waveforms import as_waveforms
from skaudio.augment._noise import read_noise

_MAX_DB = 100  # beyond it, float32 has no bits left for the weaker of the two


class BaseNoiseMixer(TransformerMixin, BaseEstimator):
    """Noisy views in `fit_transform`, unchanged clips in `transform`.

    Subclasses choose in `_assign` the noise and the SNR of each view.
    """

    _parameter_constraints = {
        "noise": [str, os.PathLike, list, tuple, HasMethods("__array__")],
        "snr_db": [Real, tuple, list],
        "n_views": [Interval(Integral, 1, None, closed="left")],
        "sample_rate": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [None, Integral],
        "random_state": ["random_state"],
    }
    level = "rms"

    def fit(self, X, y=None):
        """Check the parameters and the shape of `X`; noise is neither read nor mixed.

        Parameters
        ----------
        X : waveforms, as `fit_transform` takes them
        y : ignored

        Returns
        -------
        self : estimator
        """
        self._validate()
        as_waveforms(self, X, reset=True)
        return self

    def fit_transform(self, X, y=None):
        """Add noisy views to the clips.

        .. note::
            ``fit(X, y).transform(X)`` does not equal ``fit_transform(X, y)``: noise is
            for training, and `transform` returns clips unchanged.

        Parameters
        ----------
        X : ndarray or list
            Waveforms: object (n,) of 1-D arrays of any length, or float (n, n_samples).
            Views: object (n,) of 2-D arrays, or float (n, n_views, n_samples). The
            noise goes onto view 0 of each clip.
        y : array-like of shape (n,) or (n, n_classes), default=None
            The labels, or an indicator matrix. A pipeline passes them on.

        Returns
        -------
        views : ndarray
            Object array of shape (n,) that holds float32 arrays of shape (1 + n_views,
            n_samples); from a float array, float32 of shape (n, 1 + n_views,
            n_samples). Views that came with `X` come first, untouched.
        """
        limits = self._validate()
        clips, _ = as_waveforms(self, X, reset=True)
        check_consistent_length(clips, y)
        random_state = own_random_state(self.random_state)
        noises = read_noise(self.noise, self.sample_rate, self.n_jobs)

        readable = np.array([np.isfinite(views[0]).all() for views in clips])
        sounding = readable.copy()
        sounding[readable] = [
            not is_silent(clips[row][0]) for row in np.flatnonzero(readable)
        ]
        snr_db, index = self._assign(sounding, y, limits, len(noises), random_state)
        self.snr_db_, self.noise_index_ = snr_db, index.copy()

        mixed = _allocate(clips, self.n_views)
        unfit = readable & ~sounding
        for row, views in enumerate(clips):
            n_there = len(views)
            mixed[row][:n_there] = views
            mixed[row][n_there:] = views[0]
            if sounding[row]:
                self._mix(mixed[row][n_there:], row, noises, random_state)
                unfit[row] = (self.noise_index_[row] < index[row]).any()
        if unfit.any():
            warn_user(
                f"{unfit.sum()} of {len(clips)} clips are silent (or of too few "
                "samples), so that their SNR is undefined: left without noise."
            )
        return mixed

    def transform(self, X):
        """Return the clips unchanged.

        Parameters
        ----------
        X : ndarray or list
            As for `fit_transform`.

        Returns
        -------
        X : ndarray
            The same, as float32; float32 is not copied.
        """
        self._validate()
        clips, with_views = as_waveforms(self, X, reset=False)
        if isinstance(clips, np.ndarray):
            return clips if with_views else clips[:, 0]
        same = np.empty(len(clips), dtype=object)
        same[:] = clips if with_views else [views[0] for views in clips]
        return same

    def _mix(self, copies, row, noises, random_state):
        """Mix noise into copies of a clip as assigned; mark those left without."""
        clip = centre(copies[0])
        part = sounding_part(clip, self.level, self.sample_rate)
        signal_power = mean_power(clip, part)
        for number, view in enumerate(copies):
            if self.noise_index_[row, number] < 0:
                continue
            noise = noises[self.noise_index_[row, number]]
            cut, power = noise.draw(len(clip), part, random_state)
            if not power:
                self.snr_db_[row, number], self.noise_index_[row, number] = np.nan, -1
                continue
            noise_power = signal_power / 10 ** (self.snr_db_[row, number] / 10)
            cut *= np.sqrt(noise_power / power)
            cut += view
            view[:] = cut / max(1.0, np.abs(cut).max())

    def _validate(self):
        validate_parameters(self)
        is_pair = isinstance(self.snr_db, (tuple, list))
        limits = list(self.snr_db) if is_pair else [self.snr_db, self.snr_db]
        if (
            len(limits) != 2
            or not all(isinstance(limit, Real) for limit in limits)
            or not -_MAX_DB <= limits[0] <= limits[1] <= _MAX_DB
        ):
            raise ValueError(
                f"snr_db={self.snr_db!r}, expected a number or a pair (low, high) of "
                f"dB with low <= high, both from -{_MAX_DB} to {_MAX_DB}: change "
                "snr_db."
            )
        return limits

    def _torch_step(self, step_of):
        """Give the part of an exported model: nothing is done in predict."""
        from torch import nn

        return nn.Identity()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        tags.requires_fit = False
        return tags


def _allocate(clips, n_more):
    """Allocate an array for all views, of the same kind as that of the clips."""
    if isinstance(clips, np.ndarray):
        n_clips, n_there, n_samples = clips.shape
        return np.empty((n_clips, n_there + n_more, n_samples), np.float32)
    allocated = np.empty(len(clips), dtype=object)
    for row, views in enumerate(clips):
        allocated[row] = np.empty((len(views) + n_more, views.shape[1]), np.float32)
    return allocated
