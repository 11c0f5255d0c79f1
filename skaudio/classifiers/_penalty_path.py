"""Logistic regression for many penalties at once, fast where clips are few."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax


class Rotation(NamedTuple):
    """Rows in the coordinates of their singular vectors.

    A penalty on the length of the weights is the same in all rotated coordinates. Here
    there are no more coordinates than rows, and their scatter is known.
    """

    rows: np.ndarray  # (n, rank)
    scatter: np.ndarray  # (rank,), squared singular values
    back: np.ndarray  # (rank, n_features), from weights here to weights of the rows
    centre: np.ndarray  # (n_features,), which has been subtracted


def rotate(X):
    """Rotate rows of shape (n, n_features) to their singular vectors."""
    centre = X.mean(axis=0)
    X = X - centre
    wide = X.shape[1] > len(X)
    # Of the smaller matrix of products: a tenth of the time of the decomposition of X.
    scatter, vectors = np.linalg.eigh(X @ X.T if wide else X.T @ X)
    kept = scatter > 1e-12 * max(scatter[-1], 1e-300)
    scatter, vectors = scatter[kept], vectors[:, kept]
    if not wide:
        return Rotation(X @ vectors, scatter, vectors.T, centre)
    lengths = np.sqrt(scatter)
    return Rotation(vectors * lengths, scatter, (vectors / lengths).T @ X, centre)


def penalty_path(rows, scatter, codes, n_classes, weights, penalties, gtol=0.001):
    """Yield the weights of logistic regression, penalty by penalty.

    Parameters
    ----------
    rows : ndarray of shape (n, rank)
        Some of those of a `Rotation`.
    scatter : ndarray of shape (rank,)
        Of the `Rotation`: it scales the coordinates, so that few steps are needed.
    codes : ndarray of int, shape (n,)
        Classes, 0 to n_classes - 1.
    weights : ndarray of shape (n,)
    penalties : iterable of float
        Values of scikit-learn's ``C``; one starts where the last ended.
    gtol : float
        Largest entry of the gradient at the end.

    Yields
    ------
    coefficients : ndarray of shape (rank + 1, n_classes)
        Those of the intercept last.
    """
    rows = np.column_stack([rows, np.ones(len(rows))])
    targets = np.eye(n_classes)[codes]
    total = max(weights.sum(), 1e-300)
    # Of two classes scikit-learn penalises the difference of their weights.
    halves = 2 if n_classes == 2 else 1
    coefficients = np.zeros((rows.shape[1], n_classes))
    spread = 1 / n_classes
    for penalty in penalties:
        decay = np.append(np.full(len(scatter), halves / penalty), 0)
        # The curvature along each coordinate, if all rows had the same probabilities.
        scale = 1 / np.sqrt(spread * np.append(scatter, total) + decay)[:, np.newaxis]
        shape = coefficients.shape

        def loss(scaled, decay=decay[:, np.newaxis], scale=scale, shape=shape):
            own = scale * scaled.reshape(shape)
            logs = log_softmax(rows @ own, axis=1)
            residuals = weights[:, np.newaxis] * (np.exp(logs) - targets)
            value = -(weights * (logs * targets).sum(axis=1)).sum()
            value += (decay * own**2).sum() / 2
            gradient = scale * (rows.T @ residuals + decay * own)
            return value, gradient.ravel()

        found = minimize(
            loss,
            (coefficients / scale).ravel(),
            jac=True,
            method="L-BFGS-B",
            options=dict(gtol=gtol, ftol=1e-9, maxiter=1000, maxfun=2000),
        )
        coefficients = scale * found.x.reshape(shape)
        yield coefficients
        probabilities = np.exp(log_softmax(rows @ coefficients, axis=1))
        spread = max((probabilities * (1 - probabilities)).mean(), 1e-3)
