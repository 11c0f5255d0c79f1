"""Discriminant analysis with a Gaussian kernel, whose scores fall far from all rows."""

import numpy as np
from scipy.linalg import eigh
from scipy.special import logsumexp
from sklearn.metrics.pairwise import euclidean_distances

# Chosen on the study's clips (benchmarks/unknown_classes.py): the width of the kernel
# in median squared distances of two rows, and the share of the common variance.
_WIDTH = 1.5
_SHRINKAGE = 0.1
# Far from all rows the kernel is 0, and the energy the same everywhere. So the squared
# distance to the nearest row counts too, with a weight at which it changes little among
# clips of animals.
DISTANCE = 0.1
# Coordinates in the space of the kernel whose variance is less are rounding errors.
_LEAST = 1e-6


def fit_kernel_discriminant(X, codes):
    """Fit a linear discriminant analysis in the space of a Gaussian kernel.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
    codes : ndarray of int, shape (n,)
        Classes, from 0. All count the same, however many rows they have.

    Returns
    -------
    fitted : dict
        ``rows`` (n, n_features), ``gamma`` of the kernel, ``coef`` (n, n_classes),
        ``intercept`` (n_classes,), and ``scale``, the mean energy of the class means.

    References
    ----------
    S. Mika et al., "Fisher discriminant analysis with kernels", Neural Networks for
    Signal Processing IX (1999).
    """
    X = X.astype(np.float32)  # half the size of a saved model
    n_classes = codes.max() + 1
    squares = euclidean_distances(X, squared=True)
    between = squares[np.triu_indices(len(X), 1)]
    median = np.median(between[between > 0]) if between.any() else 1.0
    gamma = _WIDTH / median
    kernel = np.exp(-gamma * squares)
    # Coordinates of the rows in the space of the kernel, one for each row at most.
    variances, vectors = eigh(kernel)
    kept = variances > _LEAST * variances[-1]
    variances, vectors = variances[kept], vectors[:, kept]
    rows = vectors * np.sqrt(variances)
    means = np.stack([rows[codes == code].mean(axis=0) for code in range(n_classes)])
    centre = means.mean(axis=0)
    within = (rows - means[codes]) / np.sqrt(np.bincount(codes)[codes, np.newaxis])
    within = within.T @ within / n_classes
    common = np.trace(within) / len(within) or 1.0
    within = (1 - _SHRINKAGE) * within + _SHRINKAGE * common * np.eye(len(within))
    directions = np.linalg.solve(within, (means - centre).T)
    intercept = -((means + centre) / 2 * directions.T).sum(axis=1)
    coef = vectors / np.sqrt(variances) @ directions
    scale = ((means - centre) * directions.T).sum() / (2 * n_classes) or 1.0
    return dict(rows=X, gamma=gamma, coef=coef, intercept=intercept, scale=scale)


def kernel_similarity(fitted, X):
    """Measure how near rows are to the classes.

    Parameters
    ----------
    fitted : dict
        As `fit_kernel_discriminant` returns it.
    X : ndarray of shape (n, n_features)

    Returns
    -------
    similarity : ndarray of shape (n,)
        The logarithm of the sum of the classes' densities, up to a constant and in
        units of ``scale``, less a share of the squared distance to the nearest row.
    """
    squares = fitted["gamma"] * euclidean_distances(X, fitted["rows"], squared=True)
    logits = np.exp(-squares) @ fitted["coef"] + fitted["intercept"]
    energy = logsumexp(logits, axis=1) / fitted["scale"]
    return energy - DISTANCE * squares.min(axis=1)
