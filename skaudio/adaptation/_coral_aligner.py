"""Means and covariances of one place, given to the embeddings of another."""

import warnings
from numbers import Real

import numpy as np
from scipy.linalg import eigh
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.covariance import ledoit_wolf
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import (
    assert_all_finite,
    check_is_fitted,
    validate_data,
)


class CORALAligner(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Align embeddings of a new place with those of training, without labels.

    Correlation alignment: whatever comes from the target is whitened by the target's
    mean and covariance and coloured with the source's. A head that was fitted on the
    source stays as it is. Put it between embedding and head; until `adapt` is called it
    changes nothing.

    Parameters
    ----------
    shrinkage : float in [0, 1] or "auto", default="auto"
        How far each covariance is drawn towards a multiple of the identity: with fewer
        clips than features it must be. "auto" is Ledoit and Wolf's estimate, for source
        and target apart. 0 matches covariances exactly; at 1 only the mean and the
        total variance are matched.

    Attributes
    ----------
    source_mean_, target_mean_ : ndarray of float64, shape (n_features,)
    source_covariance_, target_covariance_ : ndarray, shape (n_features, n_features)
        After shrinkage. Those of the target are there after `adapt`.
    coloring_ : ndarray of float64, shape (n_features, n_features)
        Takes centred rows of the target to centred rows of the source; after `adapt`.
    n_features_in_ : int

    See Also
    --------
    AlexNetMelClassifier.adapt : The same idea inside a net, on batch normalisation.

    Notes
    -----
    Sun et al. colour the source's training rows with the target's covariance and then
    fit a head. This is the other direction, their equal where covariances are concerned
    though not the same map: it needs no new fit for each target, so that it is a step
    of a pipeline like any other. They add the identity to each covariance, which
    presumes standardised features; shrinkage does not.

    It matches how features spread and vary together, and takes that for the place. If
    the target holds other kinds of calls, or the same in other proportions, their
    difference is matched away as well.

    Rows that are NaN throughout (clips that could not be read) are left out of the
    statistics with a warning, and `transform` passes them on as NaN.

    References
    ----------
    B. Sun, J. Feng, K. Saenko, "Return of frustratingly easy domain adaptation", AAAI
    2016. O. Ledoit, M. Wolf, "A well-conditioned estimator for large-dimensional
    covariance matrices", Journal of Multivariate Analysis 88 (2004).

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
        """Learn mean and covariance of the source, and forget any target.

        Parameters
        ----------
        X : float array of shape (n, n_features)
            Embeddings of the training clips.
        y : ignored

        Returns
        -------
        self : CORALAligner
        """
        self._validate_params()
        X = validate_data(self, X, reset=True, **_OPTIONS)
        self.source_mean_, self.source_covariance_ = self._statistics(X, "X")
        for name in ("target_mean_", "target_covariance_", "coloring_"):
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
            A later call replaces the target. ``copy.deepcopy`` keeps it as it was.

        Raises
        ------
        ValueError
            For fewer than 2 clips, and where a covariance is singular with
            ``shrinkage=0``.
        """
        check_is_fitted(self)
        X = validate_data(self, X_target, reset=False, **_OPTIONS)
        mean, covariance = self._statistics(X, "X_target")
        whitening = _power(covariance, -0.5)
        self.coloring_ = whitening @ _power(self.source_covariance_, 0.5)
        self.target_mean_, self.target_covariance_ = mean, covariance
        return self

    def transform(self, X):
        """Align rows of the target with the source; before `adapt`, give them back.

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

    def _statistics(self, X, name):
        missing = _missing(X)
        assert_all_finite(X[~missing], input_name=name)
        if missing.any():
            warnings.warn(
                f"{missing.sum()} of {len(X)} clips are NaN (they could not be read) "
                f"and are left out: rows {np.flatnonzero(missing).tolist()}.",
                stacklevel=3,
            )
        X = X[~missing]
        if len(X) < 2:
            raise ValueError(
                f"{name} holds {len(X)} samples that can be read (n_samples = 1 has no "
                "covariance): expected at least 2, better as many as features."
            )
        mean = X.mean(axis=0)
        if self.shrinkage == "auto":
            return mean, ledoit_wolf(X - mean, assume_centered=True)[0]
        covariance = (X - mean).T @ (X - mean) / (len(X) - 1)
        target = np.eye(len(covariance)) * np.trace(covariance) / len(covariance)
        return mean, covariance + self.shrinkage * (target - covariance)


_OPTIONS = dict(dtype=np.float64, ensure_all_finite="allow-nan")


def _missing(X):
    return np.isnan(X).all(axis=1)


def _power(covariance, exponent):
    """Raise a covariance matrix to a power, by its eigenvalues."""
    values, vectors = eigh(covariance)
    floor = values[-1] * len(values) * np.finfo(float).eps
    if exponent < 0 and values[0] <= floor:
        n_flat = (values <= floor).sum()
        raise ValueError(
            f"The target does not vary in {n_flat} of {len(values)} directions, so "
            "that it cannot be whitened: expected more clips, or shrinkage above 0."
        )
    return (vectors * np.maximum(values, 0) ** exponent) @ vectors.T
