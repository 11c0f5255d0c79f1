"""Labels of clips: one per clip, or an indicator matrix of several."""

import numpy as np
import pandas as pd
from scipy.sparse import issparse

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
        from sklearn.utils.multiclass import type_of_target

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
    from sklearn.utils import check_array

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
        from sklearn.utils import column_or_1d

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


def as_targets(y, name="y"):
    """Return labels as an array, an indicator matrix as a table that names its classes.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, n_classes)
    name : str, default="y"
        The parameter that errors name.

    Returns
    -------
    y : ndarray of shape (n,), or DataFrame of int, shape (n, n_classes)
        Columns are those of a DataFrame, else numbers from 0.
    """
    if not is_matrix(y):
        return as_labels(y, name)
    return pd.DataFrame(as_indicator(y).astype(int), columns=column_names(y))


def as_test_targets(y, classes, several, name="y_test"):
    """Check the labels of test clips against the classes of training.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, n_classes)
    classes : ndarray of shape (n_classes,)
    several : bool
        Whether training clips have several classes.
    name : str, default="y_test"

    Returns
    -------
    y : as `as_targets` returns it
        Its columns are `classes`, in their order.

    Raises
    ------
    ValueError
        Where the shape is another, or there are classes that training lacks.
    """
    if not several:
        y = one_per_clip(y, name, "Where a clip has several, train on such a matrix.")
        unknown = sorted(set(y.tolist()) - set(classes.tolist()))
        if unknown:
            raise ValueError(
                f"{name} has classes {unknown}: expected those of training, "
                f"{classes.tolist()}."
            )
        return y
    shape = _shape(y)
    if not is_matrix(y) or shape[1] != len(classes):
        raise ValueError(
            f"{name} of shape {shape}: expected an indicator matrix with a column for "
            f"each of the {len(classes)} classes of training, {classes.tolist()}."
        )
    y = as_targets(y, name)
    is_numbered = [[*names] == [*range(len(classes))] for names in (y.columns, classes)]
    if any(is_numbered):  # one side has no names: the order counts
        return y if is_numbered[1] else y.set_axis(classes, axis=1)
    if {*y.columns} != {*classes}:
        raise ValueError(
            f"{name} has the columns {list(y.columns)}: expected the classes of "
            f"training, {classes.tolist()}."
        )
    return y[classes.tolist()]


def classes_of(y):
    """Return the classes of what `as_targets` returns, in order."""
    return column_names(y) if is_matrix(y) else np.unique(y)


def label_sets(y):
    """Name the classes of each clip.

    Parameters
    ----------
    y : DataFrame of shape (n, n_classes)

    Returns
    -------
    sets : list of str
        Such as "cat, cow", and "none" of a clip of no class.
    """
    names = np.array([*map(str, y.columns)], dtype=object)
    return [", ".join(names[row]) or "none" for row in y.to_numpy(bool)]


def fold_strata(y, groups):
    """Return the label by which each clip is stratified over folds.

    Parameters
    ----------
    y : as `as_targets` returns it
    groups : ndarray of shape (n,)

    Returns
    -------
    strata : ndarray of shape (n,)
        Labels. Where a clip has several classes, the one of the fewest groups, so that
        rare classes are spread over the folds; "no class" where it has none.
    """
    if not is_matrix(y):
        return y
    indicator = as_indicator(y)
    n_groups = [len(np.unique(groups[column])) for column in indicator.T]
    rarest = np.where(indicator, n_groups, np.inf).argmin(axis=1)
    names = np.array([*map(str, column_names(y))], dtype=object)
    return np.where(indicator.any(axis=1), names[rarest], "no class").astype(str)


def predict_several(model, X):
    """Predict the classes of clips that have several.

    Parameters
    ----------
    model : fitted classifier or Pipeline
    X : what it takes

    Returns
    -------
    probabilities : ndarray of shape (n, n_classes), or None
    decisions : ndarray of shape (n, n_classes), or None
        Where the model gives no probabilities.
    predicted : ndarray of bool, shape (n, n_classes)
        Where there are probabilities: whether they exceed one half.
    """
    if hasattr(model, "predict_proba"):
        probabilities = model.predict_proba(X)
        if isinstance(probabilities, list):  # for each class those of 0 and of 1
            probabilities = [
                sum(column[:, place] for place in np.flatnonzero(values == 1))
                + np.zeros(len(column))
                for values, column in zip(model.classes_, probabilities, strict=True)
            ]
            probabilities = np.stack(probabilities, axis=1)
        return probabilities, None, probabilities > 0.5
    decisions = None
    if hasattr(model, "decision_function"):
        decisions = np.asarray(model.decision_function(X))
    return None, decisions, as_indicator(model.predict(X))


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
