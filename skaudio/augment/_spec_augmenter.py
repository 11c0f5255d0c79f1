"""Masks over time and frequency."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state

from skaudio._utils.log_mels import as_log_mels, true_lengths
from skaudio._utils.sklearn_compat import Interval, StrOptions, validate_parameters
from skaudio.augment._training_batch import TrainingBatch


class SpecAugmenter(TransformerMixin, BaseEstimator):
    """Mask random ranges of frames and of mel bands (SpecAugment).

    As a step of a pipeline it makes masked views once; as ``augment=`` of a classifier
    it draws new masks for every training batch, which needs no memory. `transform` is
    the identity: nothing is masked at predict time.

    Parameters
    ----------
    n_time_masks, n_freq_masks : int, default=2
        Masks per log-mel along each axis; they may overlap.
    max_time_width : int or float, default=0.2
        Each mask's width is drawn uniformly from 0 to this: in frames, or as a share of
        the clip's true length where it is a float in (0, 1].
    max_freq_width : int or float, default=0.125
        The same in mel bands, or as a share of all bands.
    mask_value : float or "mean", default=0.0
        Value in a mask. 0 is the mean of normalised log-mels; "mean" is the mean of
        each log-mel, for ``LogMelExtractor(normalize=None)``.
    n_views : int, default=1
        Masked views that `fit_transform` makes of each augmented view, or of the clip
        where there is none.
    random_state : int, RandomState or None, default=None
        Determines the masks of `fit_transform`. As ``augment=`` of a classifier, that
        classifier's `random_state` determines them.

    See Also
    --------
    CalibratedNoiseMixer : Views with noise.
    EnhancedCNN1DClassifier : Takes it as ``augment=SpecAugmenter()``.

    Notes
    -----
    `fit_transform` differs from ``fit(X).transform(X)``: a pipeline calls the first in
    training, the second in prediction. Time masks stay within a clip's true length and
    never cover padding.

    References
    ----------
    D. S. Park et al., "SpecAugment: a simple data augmentation method for automatic
    speech recognition", Interspeech 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio import SpecAugmenter
    >>> log_mels = np.ones((4, 64, 100), np.float32)
    >>> augmenter = SpecAugmenter(max_time_width=20, random_state=0)
    >>> views = augmenter.fit_transform(log_mels)
    >>> views.shape
    (4, 2, 64, 100)
    >>> bool((views[:, 0] == log_mels).all()), bool((views[:, 1] == 0).any())
    (True, True)
    >>> augmenter.transform(log_mels).shape
    (4, 64, 100)
    """

    takes_tensors = True

    _parameter_constraints = {
        "n_time_masks": [Interval(Integral, 0, None, closed="left")],
        "n_freq_masks": [Interval(Integral, 0, None, closed="left")],
        "max_time_width": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Real, 0, 1, closed="right"),
        ],
        "max_freq_width": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Real, 0, 1, closed="right"),
        ],
        "mask_value": [Real, StrOptions({"mean"})],
        "n_views": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_time_masks=2,
        n_freq_masks=2,
        max_time_width=0.2,
        max_freq_width=0.125,
        mask_value=0.0,
        n_views=1,
        random_state=None,
    ):
        self.n_time_masks = n_time_masks
        self.n_freq_masks = n_freq_masks
        self.max_time_width = max_time_width
        self.max_freq_width = max_freq_width
        self.mask_value = mask_value
        self.n_views = n_views
        self.random_state = random_state

    def fit(self, X, y=None):
        """Check the parameters and the shape of `X`; there is nothing to learn.

        Parameters
        ----------
        X : log-mels, as `transform` takes them
        y : ignored

        Returns
        -------
        self : SpecAugmenter
        """
        validate_parameters(self)
        as_log_mels(self, X, reset=True)
        return self

    def transform(self, X):
        """Return the log-mels unchanged: nothing is masked at predict time.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        X : ndarray of float32, the same shape
        """
        return as_log_mels(self, X, reset=False)

    def fit_transform(self, X, y=None):
        """Add masked views.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
            View 0 is the clip itself, the others are augmented.
        y : ignored

        Returns
        -------
        views : ndarray of float32
            (n, 1 + max(a, 1) * n_views, n_mels, n_frames) from `a` augmented views:
            view 0 untouched, then masked views of each augmented one, or of view 0
            where there is none.
        """
        validate_parameters(self)
        X = as_log_mels(self, X, reset=True)
        clips = X if X.ndim == 4 else X.reshape(len(X), 1, -1, X.shape[-1])
        sources = clips[:, 1:] if clips.shape[1] > 1 else clips
        rng = np.random.default_rng(
            check_random_state(self.random_state).randint(2**31)
        )
        n_masked = sources.shape[1] * self.n_views
        views = np.empty((len(X), 1 + n_masked, *clips.shape[2:]), np.float32)
        views[:, 0] = clips[:, 0]
        for place in range(n_masked):
            source = sources[:, place // self.n_views]
            views[:, 1 + place] = self.redraw(source, rng)
        return views

    def augment_batch(self, batch, rng):
        """Mask a training batch with new random masks, as `BatchAugmenter` does.

        Parameters
        ----------
        batch : TrainingBatch
        rng : numpy.random.Generator
        """
        validate_parameters(self)
        self._mask(batch, rng)

    def redraw(self, log_mels, rng):
        """Mask log-mels with new random masks.

        Parameters
        ----------
        log_mels : ndarray of float32, shape (n, n_mels, n_frames)
        rng : numpy.random.Generator

        Returns
        -------
        masked : ndarray of float32, the same shape
            A copy. Log-mels that are NaN stay NaN.
        """
        batch = TrainingBatch(log_mels.copy(), true_lengths(log_mels))
        self._mask(batch, rng)
        return batch.log_mels

    def _mask(self, batch, rng):
        """Mask the log-mels of a batch in place."""
        log_mels, lengths = batch.log_mels, batch.lengths
        n, n_mels, n_frames = log_mels.shape
        frames = _masks(rng, lengths, self.n_time_masks, self.max_time_width)
        bands = _masks(rng, np.full(n, n_mels), self.n_freq_masks, self.max_freq_width)
        frames = batch.beside_log_mels(_outside(frames, n_frames))[:, None]
        bands = batch.beside_log_mels(_outside(bands, n_mels))[:, :, None]
        values = self.mask_value
        if values == "mean":
            n_values = (lengths * n_mels).astype(np.float32)
            values = log_mels.sum((1, 2)) / batch.beside_log_mels(n_values)
            values = values[:, None, None]
        # A clip that could not be read stays NaN throughout: classifiers check for it.
        log_mels *= frames
        log_mels *= bands
        if self.mask_value != 0:
            there = np.arange(n_frames) < lengths[:, None]  # padding stays zero
            there = batch.beside_log_mels(there.astype(np.float32))[:, None]
            log_mels += values * (there - there * frames * bands)

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


def _masks(rng, lengths, n_masks, max_width):
    """Draw masks within each length: starts and ends (n, n_masks, 2)."""
    masks = np.empty((len(lengths), n_masks, 2), int)
    share = not isinstance(max_width, Integral)
    widest = np.floor(max_width * lengths) if share else max_width
    widest = np.minimum(widest, lengths)
    for number in range(n_masks):
        widths = np.floor(rng.random(len(lengths)) * (widest + 1)).astype(int)
        starts = np.floor(rng.random(len(lengths)) * (lengths - widths + 1)).astype(int)
        masks[:, number] = np.stack([starts, starts + widths], axis=1)
    return masks


def _outside(masks, n_places):
    """Give 0 in the masks (n, n_masks, 2) and 1 elsewhere, float32 (n, n_places)."""
    places = np.arange(n_places)
    inside = (masks[..., :1] <= places) & (places < masks[..., 1:])
    return (~inside.any(axis=1)).astype(np.float32)
