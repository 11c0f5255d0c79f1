"""Which rows of X train a classifier, and which validate."""

from typing import NamedTuple

import numpy as np

from skaudio import _nets
from skaudio.classifiers._inner_split import split_validation


class FitRows(NamedTuple):
    """The rows that train, that validate, and that train without a label."""

    train: np.ndarray
    valid: np.ndarray | None
    unlabelled: np.ndarray


def choose_rows(X, y, groups, labelled, validation_fraction, random_state, class_names):
    """Choose the rows that train, validate, and train without a label.

    Parameters
    ----------
    X : ndarray of shape (n, n_bands, n_frames)
        View 0 of the rows.
    y : ndarray of int, shape (n,), or of bool, shape (n, n_classes)
        Encoded classes, or an indicator matrix.
    groups : ndarray of shape (n,) or None
    labelled : ndarray of bool, shape (n,)
    validation_fraction : float or None
        None holds no rows back.
    random_state : RandomState
    class_names : sequence of labels, for messages

    Returns
    -------
    rows : FitRows
        Unlabelled rows that are related to a validation row are left out.
    """
    train, valid = np.flatnonzero(labelled), None
    unlabelled = np.flatnonzero(~labelled)
    if validation_fraction is not None:
        parts = split_validation(
            X[labelled],
            y[labelled],
            None if groups is None else groups[labelled],
            validation_fraction,
            random_state,
            class_names,
        )
        train, valid = (train[part] for part in parts)
        if len(unlabelled):
            unlabelled = _nets.fixmatch.without_related(unlabelled, valid, X, groups)
    return FitRows(train, valid, unlabelled)
