"""The validation rows that a classifier holds back for early stopping."""

import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from skaudio._utils.related_rows import related_rows
from skaudio._utils.warn import warn_user
from skaudio.classifiers._multilabel_split import hold_back


def split_validation(X, y, groups, validation_fraction, random_state, class_names):
    """Choose training and validation rows that share no group and no copy.

    Parameters
    ----------
    X : ndarray of shape (n, ...)
        View 0 of the rows; rows with identical values stay on one side.
    y : ndarray of int, shape (n,), or of bool, shape (n, K)
        Encoded classes, 0 to K - 1, or an indicator matrix.
    groups : array-like of shape (n,) or None
    validation_fraction : float in (0, 1)
    random_state : RandomState
    class_names : sequence of K labels, for messages

    Returns
    -------
    train, valid : ndarray of int
        Row numbers. `train` holds every class; `valid` none with a single group.

    Raises
    ------
    ValueError
        If no split leaves every class in training, naming the classes.
    """
    components = related_rows(X, groups)
    n_groups = _n_groups_per_class(y, components, len(class_names))
    # A class without any clip, which only an indicator matrix may have, is no matter.
    single = n_groups == 1
    hint = "Add clips of other sources, or pass early_stopping=False."
    if (n_groups < 2).all():
        raise ValueError(
            "Early stopping needs validation rows, but each class has only one group "
            f"of clips: {_names(class_names, single)}. {hint}"
        )
    if single.any():
        warn_user(
            f"Only one group of clips in {_names(class_names, single)}: it is used for "
            "training, not for validation."
        )
    if y.ndim == 1:
        # Rows related to a class of one group stay in training with it.
        fixed = np.isin(components, components[single[y]])
        free = np.flatnonzero(~fixed)
        best = _best_fold(free, y, components, validation_fraction, random_state)
    else:
        best = hold_back(y, components, validation_fraction, random_state)
    if best is None:
        few = (n_groups > 0) & (n_groups < 3)
        raise ValueError(
            "No split into training and validation rows keeps every class in training; "
            f"the groups of {_names(class_names, few)} are connected. {hint}"
        )
    return np.setdiff1d(np.arange(len(y)), best), best


def _best_fold(free, y, components, validation_fraction, random_state):
    """Find the most stratified of the folds that leave all classes in training."""
    n_components = len(np.unique(components[free]))
    if n_components < 2:
        return None
    n_splits = min(max(2, round(1 / validation_fraction)), n_components)
    n_splits = min(n_splits, np.bincount(y[free]).max())
    if n_splits < 2:
        return None
    counts = np.bincount(y)
    folds = StratifiedGroupKFold(n_splits, shuffle=True, random_state=random_state)
    candidates = []
    with warnings.catch_warnings():
        # The least populated class may have fewer rows than there are folds.
        warnings.filterwarnings("ignore", "The least populated class")
        for _, valid in folds.split(free, y[free], components[free]):
            held = np.bincount(y[free[valid]], minlength=len(counts))
            if len(valid) and (held < counts).all():
                distance = np.abs(held / counts - validation_fraction).sum()
                candidates.append((distance, len(candidates), np.sort(free[valid])))
    return min(candidates)[2] if candidates else None


def _n_groups_per_class(y, components, n_classes):
    rows, classes = (np.arange(len(y)), y) if y.ndim == 1 else np.nonzero(y)
    pairs = np.unique(np.column_stack([classes, components[rows]]), axis=0)
    return np.bincount(pairs[:, 0], minlength=n_classes)


def _names(class_names, chosen):
    return ", ".join(repr(str(name)) for name in np.asarray(class_names)[chosen])
