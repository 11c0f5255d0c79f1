"""Correlation alignment (CORAL) of embeddings."""

from numbers import Real

import numpy as np
from scipy.linalg import eigh
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import (
    assert_all_finite,
    check_is_fitted,
    validate_data,
)

from skaudio._utils.missing_step import refuse_unprepared
from skaudio._utils.sklearn_compat import Interval, StrOptions, validate_parameters
from skaudio._utils.warn import warn_user

# Share of the mean variance that is added to each variance.
_LIFT = 0.01


class CORALAligner(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Align embeddings of a new domain with those of the training, without labels.

    Correlation alignment: embeddings of the target are whitened with the target's mean
    and covariance and coloured with the source's. A head that was fitted on the source
    stays as it is. Put it between embedding and head; until `adapt` is called it
    changes nothing.

    Parameters
    ----------
    shrinkage : float in [0, 1] or "auto", default="auto"
        How far the correlations of source and target are shrunk towards 0. 0 matches
        covariances exactly and needs more clips than features; 1 matches the mean and
        the variance of each feature. "auto" is ``d**2 / (d**2 + n**2)`` for d features
        and n clips of the smaller set: close to 1 where clips are few.

    Attributes
    ----------
    source_mean_, target_mean_ : ndarray of float64, shape (n_features,)
        The target's is set by `adapt`.
    source_covariance_ : ndarray of float64, shape (n_features, n_features)
        Before shrinkage.
    coloring_ : ndarray of float64, shape (n_features, n_features)
        Maps centred rows of the target to centred rows of the source; set by `adapt`.
    shrinkage_ : float
        The shrinkage that `adapt` applied.
    n_features_in_ : int

    See Also
    --------
    AlexNetMelClassifier.adapt : The same idea inside a net, on batch normalisation.

    Notes
    -----
    Sun et al. colour the source's training rows with the target's covariance and then
    fit a head. This is the other direction: it matches the same covariances, by another
    map, and needs no new fit for each target, so that it is a step of a pipeline like
    any other. They add the identity to each covariance, which assumes standardised
    features; here a hundredth of the mean variance is added, unless `shrinkage` is 0,
    so that a feature that hardly varies is not amplified.

    A saved model contains two matrices, 8 MB each at 1024 features.

    All differences in means and covariances count as differences between the domains.
    If the target has other kinds of calls, or the same in other proportions, that
    difference is removed as well.

    Rows that are all NaN (clips that could not be read) are left out of the statistics
    with a warning, and `transform` returns them as NaN.

    References
    ----------
    B. Sun, J. Feng, K. Saenko, "Return of frustratingly easy domain adaptation", AAAI
    2016.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import CORALAligner
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["cat", "cow"], 50)
    >>> here = rng.normal(size=(100, 4)) + (y == "cow")[:, None]
    >>> there = here * [3, 1, 0.5, 2] + [3, 3, 3, 1]  # another microphone
    >>> pipe = make_pipeline(CORALAligner(), LogisticRegression()).fit(here, y)
    >>> pipe.score(here, y), pipe.score(there, y)
    (0.8, 0.51)
    >>> aligner = pipe[0].adapt(there)
    >>> pipe.score(there, y)
    0.78
    """

    _parameter_constraints = {
        "shrinkage": [Interval(Real, 0, 1, closed="both"), StrOptions({"auto"})],
    }

    def __init__(self, shrinkage="auto"):
        self.shrinkage = shrinkage

    def fit(self, X, y=None):
        """Learn mean and covariance of the source, and discard any target.

        Parameters
        ----------
        X : float array of shape (n, n_features)
            Embeddings of the training clips.
        y : ignored

        Returns
        -------
        self : CORALAligner
        """
        validate_parameters(self)
        refuse_unprepared(self, X, "embeddings", "an embedder")
        X = validate_data(self, X, reset=True, **_OPTIONS)
        X = _readable(X, "X")
        self.source_mean_ = X.mean(axis=0)
        self.source_covariance_ = _covariance(X)
        self._n_source = len(X)
        for name in ("target_mean_", "coloring_", "shrinkage_"):
            self.__dict__.pop(name, None)
        return self

    def adapt(self, X_target):
        """Learn mean and covariance of the target, and align from now on.

        Parameters
        ----------
        X_target : float array of shape (n, n_features)
            Embeddings of unlabelled clips of the target; in a pipeline with the aligner
            as second but last step ``pipe[-2].adapt(pipe[:-2].transform(paths))``.

        Returns
        -------
        self : the aligner itself, changed
            A later call replaces the target; a ``copy.deepcopy`` keeps the old one.

        Raises
        ------
        ValueError
            For fewer than 2 clips, or a singular covariance with ``shrinkage=0``.
        """
        check_is_fitted(self)
        X = validate_data(self, X_target, reset=False, **_OPTIONS)
        X = _readable(X, "X_target")
        n_rows, n_features = min(len(X), self._n_source), X.shape[1]
        shrinkage = self.shrinkage
        if shrinkage == "auto":
            shrinkage = n_features**2 / (n_features**2 + n_rows**2)
        source = _shrunk(self.source_covariance_, shrinkage)
        target = _shrunk(_covariance(X), shrinkage)
        self.coloring_ = _power(target, -0.5) @ _power(source, 0.5)
        self.target_mean_, self.shrinkage_ = X.mean(axis=0), shrinkage
        return self

    def transform(self, X):
        """Align rows of the target with the source; before `adapt`, return them as is.

        Parameters
        ----------
        X : float array of shape (n, n_features)

        Returns
        -------
        X : ndarray of the same shape and dtype
        """
        check_is_fitted(self)
        options = _OPTIONS | {"dtype": [np.float64, np.float32]}
        X = validate_data(self, X, reset=False, **options)
        assert_all_finite(X[~_missing(X)], input_name="X")
        if not hasattr(self, "coloring_"):
            return X
        aligned = (X - self.target_mean_) @ self.coloring_ + self.source_mean_
        return aligned.astype(X.dtype, copy=False)


_OPTIONS = dict(dtype=np.float64, ensure_all_finite="allow-nan")


def _missing(X):
    return np.isnan(X).all(axis=1)


def _readable(X, name):
    missing = _missing(X)
    assert_all_finite(X[~missing], input_name=name)
    if missing.any():
        warn_user(
            f"{missing.sum()} of {len(X)} clips are NaN (they could not be read) "
            f"and are left out: rows {np.flatnonzero(missing).tolist()}."
        )
    if (~missing).sum() < 2:
        raise ValueError(
            f"{name} holds {(~missing).sum()} samples that can be read (n_samples = 1 "
            "has no covariance): expected at least 2, better as many as features."
        )
    return X[~missing]


def _covariance(X):
    centred = X - X.mean(axis=0)
    return centred.T @ centred / (len(X) - 1)


def _shrunk(covariance, shrinkage):
    """Shrink correlations towards 0, and raise the smallest variances."""
    if not shrinkage:
        return covariance
    variances = np.diag(covariance)
    lifted = shrinkage * variances + _LIFT * variances.mean()
    return (1 - shrinkage) * covariance + np.diag(lifted)


def _power(covariance, exponent):
    """Raise a covariance matrix to a power, by its eigenvalues."""
    values, vectors = eigh(covariance)
    least = values[-1] * len(values) * np.finfo(float).eps
    if exponent < 0 and values[0] <= least:
        n_flat = (values <= least).sum()
        raise ValueError(
            f"The target does not vary in {n_flat} of {len(values)} directions, so "
            "that it cannot be whitened: expected more clips, or shrinkage above 0."
        )
    return (vectors * np.maximum(values, 0) ** exponent) @ vectors.T
