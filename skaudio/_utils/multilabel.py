"""Labels of clips: one per clip, or an indicator matrix of several."""

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import type_of_target

from skaudio._utils.labels import as_labels
from skaudio._utils.names import final_estimator
from skaudio._utils.warn import warn_user

# What to do instead, in errors.
SCORES_OF_SEVERAL = (
    "Where a clip has several, score with scikit-learn, such as cross_validate with "
    "cv=GroupKFold()."
)
NETS_OF_SEVERAL = (
    "Where a clip has several, use a network such as AlexNetMelClassifier."
)
HEADS_OF_SEVERAL = "Where a clip has several, put it in OneVsRestClassifier."


def is_matrix(y):
    """Return whether labels are 2-D with several columns.

    Parameters
    ----------
    y : array-like

    Returns
    -------
    is_matrix : bool

    Raises
    ------
    ValueError
        For lists of labels of different lengths, naming MultiLabelBinarizer.
    """
    try:
        shape = _shape(y)
    except ValueError:
        type_of_target(y, input_name="y")
        return False
    return len(shape) == 2 and shape[1] > 1


def _shape(y):
    return y.shape if hasattr(y, "shape") else np.asarray(y).shape


def as_indicator(y):
    """Check an indicator matrix.

    Parameters
    ----------
    y : array-like or sparse matrix of shape (n, n_classes)

    Returns
    -------
    indicator : ndarray of bool, shape (n, n_classes)

    Raises
    ------
    ValueError
        For values that are not 0 or 1.
    """
    # Also of a DataFrame with pandas' own kinds of integers.
    y = check_array(y, accept_sparse="csr", dtype=None, ensure_all_finite=False)
    y = y.toarray() if issparse(y) else y
    fits = np.zeros(y.shape, bool)
    if y.dtype.kind in "biuf":
        fits = (y == 0) | (y == 1)
    if not fits.all():
        raise ValueError(
            f"y of shape {y.shape} holds {y[~fits].tolist()[0]!r}: expected one label "
            "per clip, shape (n,), or an indicator matrix of 0 and 1, shape (n, "
            "n_classes), as MultiLabelBinarizer of scikit-learn makes it."
        )
    return y.astype(bool)


def column_names(y):
    """Name the columns of an indicator matrix.

    Parameters
    ----------
    y : array-like of shape (n, n_classes)

    Returns
    -------
    names : ndarray of shape (n_classes,)
        Of a DataFrame its columns, else numbers from 0.

    Raises
    ------
    ValueError
        Where a DataFrame has two columns of one name.
    """
    if not hasattr(y, "columns"):
        return np.arange(_shape(y)[1])
    names = list(y.columns)
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"y has more than one column {', '.join(map(repr, twice))}: expected one "
            "column per class."
        )
    return np.asarray(y.columns)


def class_codes(y):
    """Number the class of each clip, or where it has several their combination.

    Parameters
    ----------
    y : array-like of shape (n,), or indicator matrix of shape (n, n_classes)

    Returns
    -------
    codes : ndarray of int, shape (n,)
    """
    if not is_matrix(y):
        y = column_or_1d(y)
        try:
            return np.unique(y, return_inverse=True)[1]
        except TypeError:
            # None beside text: rows without a label are a class of their own.
            return pd.factorize(y, use_na_sentinel=False)[0]
    indicator = as_indicator(y)
    return np.unique(indicator, axis=0, return_inverse=True)[1].reshape(-1)


def warn_of_constant(indicator, names):
    """Warn of classes that no clip has, or every clip; refuse clips without any class.

    Parameters
    ----------
    indicator : ndarray of bool, shape (n, n_classes)
    names : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        Where `indicator` is 0 throughout.
    """
    if not indicator.any():
        raise ValueError(
            f"y of shape {indicator.shape} is 0 throughout: expected clips of at least "
            "one class."
        )
    for value, who in ((0, "No clip is"), (1, "Every clip is")):
        constant = names[(indicator == value).all(axis=0)].tolist()
        if constant:
            warn_user(
                f"{who} of the class {', '.join(map(repr, constant))}: its probability "
                f"will be near {value} for every clip."
            )


def refuse_matrix(y, name="y", hint=SCORES_OF_SEVERAL):
    """Raise where labels are an indicator matrix.

    Parameters
    ----------
    y : array-like of shape (n,)
    name : str, default="y"
        The parameter that errors name.
    hint : str, default=SCORES_OF_SEVERAL
        What to do instead.

    Raises
    ------
    ValueError
        If `y` has several columns.
    """
    if is_matrix(y):
        raise ValueError(
            f"{name} of shape {_shape(y)}: expected one label per clip, shape (n,). "
            f"{hint}"
        )


def one_per_clip(y, name="y", hint=SCORES_OF_SEVERAL):
    """Return labels as an array; refuse an indicator matrix, and missing labels.

    Parameters
    ----------
    y, name, hint
        As of `refuse_matrix`.

    Returns
    -------
    y : ndarray of shape (n,)
    """
    refuse_matrix(y, name, hint)
    return as_labels(y, name)


def refuse_multilabel(model):
    """Raise where a fitted model gives several classes per clip.

    Parameters
    ----------
    model : fitted classifier or Pipeline

    Raises
    ------
    ValueError
        If it was fitted on an indicator matrix.
    """
    classifier = final_estimator(model)
    if getattr(classifier, "multilabel_", False):
        raise ValueError(
            f"{type(classifier).__name__} was fitted on several classes per clip: "
            "expected a model of one label per clip. Call its predict_proba, which has "
            "a column per class."
        )
