"""How little a clip resembles the classes that a model was trained on, by method."""

import numpy as np
from scipy.special import logsumexp
from sklearn.preprocessing import normalize

from skaudio.calibration._kernel_discriminant import (
    fit_kernel_discriminant,
    kernel_similarity,
)

METHODS = ("kernel_discriminant", "energy", "max_probability", "knn")
N_NEIGHBORS = 5


def fit_nonconformity(method, outputs, codes):
    """Learn what a method needs from the training rows.

    Parameters
    ----------
    method : str
        Of `METHODS`.
    outputs : Outputs
        Of the training rows, by the model that they trained.
    codes : ndarray of int, shape (n,)
        Classes, from 0.

    Returns
    -------
    fitted : dict
        Arrays and numbers.
    """
    if method == "kernel_discriminant":
        return fit_kernel_discriminant(outputs.features, codes)
    if method == "knn":
        return dict(rows=normalize(outputs.features).astype(np.float32))
    return {}


def nonconformity(method, fitted, outputs):
    """Score rows: the higher, the less like a known class.

    Parameters
    ----------
    method : str
    fitted : dict
        As `fit_nonconformity` returns it.
    outputs : Outputs

    Returns
    -------
    scores : ndarray of shape (n,)
    """
    if method == "kernel_discriminant":
        return -kernel_similarity(fitted, outputs.features)
    if method == "knn":
        cosines = normalize(outputs.features) @ fitted["rows"].T
        n_neighbors = min(N_NEIGHBORS, cosines.shape[1])
        nearest = np.partition(cosines, -n_neighbors, axis=1)[:, -n_neighbors:]
        return 1 - nearest.mean(axis=1)
    if method == "energy":
        return -logsumexp(outputs.logits, axis=1)
    return 1 - outputs.probabilities.max(axis=1)
