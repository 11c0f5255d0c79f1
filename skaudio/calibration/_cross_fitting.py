"""Models of grouped folds, each with the rows that it has not seen."""

import warnings

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold, check_cv
from sklearn.pipeline import Pipeline

from skaudio._utils.clips import find_clips
from skaudio._utils.fit_groups import groups_for_fit
from skaudio._utils.leading_steps import n_leading_steps
from skaudio._utils.related_rows import connect_rows, related_rows
from skaudio._utils.rows import take_rows
from skaudio._utils.threads import limited_threads


def split_pipeline(estimator, X):
    """Compute the leading steps of a pipeline that learn nothing, once for all folds.

    Parameters
    ----------
    estimator : classifier or Pipeline
    X : what it takes

    Returns
    -------
    leading : list of (str, transformer)
        Those steps, fitted; empty where there are none.
    rest : classifier or Pipeline
        The unfitted remainder.
    X : what `rest` takes
    """
    n_leading = n_leading_steps(estimator)
    if not n_leading:
        return [], clone(estimator), X
    estimator = clone(estimator)
    first = Pipeline(estimator.steps[:n_leading])
    rest = type(estimator)(estimator.steps[n_leading:])
    return first.steps, rest, first.fit_transform(X)


def fit_rows(estimator, X, y, groups):
    """Fit a clone, whose inner split gets the groups where it has one."""
    with limited_threads(1):
        return clone(estimator).fit(X, y, **groups_for_fit(estimator, groups))


def connected(X, groups):
    """Number the rows that must stay together: those of a group, and equal ones.

    Parameters
    ----------
    X : as `as_rows` returns it
    groups : ndarray of shape (n,) or None

    Returns
    -------
    groups : ndarray of int, shape (n,)
    """
    clips = None if np.ndim(X) > 1 and hasattr(X, "dtype") else find_clips(X)
    if clips is not None:
        return connect_rows(clips, *(() if groups is None else (groups,)))
    return related_rows(X, groups)


def cross_fit(estimator, X, y, groups, related, cv, random_state):
    """Fit a clone on the training rows of each fold.

    Parameters
    ----------
    estimator : classifier or Pipeline
    X : rows
    y : ndarray of shape (n,)
    groups : ndarray of shape (n,) or None
        For the inner splits of the estimator.
    related : ndarray of int, shape (n,)
        Rows that stay on one side.
    cv : int or splitter
        An integer is ``StratifiedGroupKFold(cv, shuffle=True)``, with fewer folds where
        no class has as many groups.
    random_state : RandomState

    Yields
    ------
    model : fitted classifier or Pipeline
    train : ndarray of int
    test : ndarray of int
        Without rows of classes that the model does not know.

    Raises
    ------
    ValueError
        Where no class has two groups.
    """
    for train, test in _folds(y, related, cv, random_state):
        known = np.isin(y[test], y[train])
        if len(np.unique(y[train])) < 2 or not known.any():
            continue
        own = None if groups is None else groups[train]
        yield (
            fit_rows(estimator, take_rows(X, train), y[train], own),
            train,
            test[known],
        )


def _folds(y, related, cv, random_state):
    if isinstance(cv, (int, np.integer)):
        codes = np.unique(y, return_inverse=True)[1]
        pairs = np.unique(np.column_stack([codes, related]), axis=0)
        n_folds = min(cv, np.bincount(pairs[:, 0]).max())
        if n_folds < 2:
            raise ValueError(
                "No class has two groups of clips, so that none can be held back: "
                "expected at least 2 groups of some class."
            )
        cv = StratifiedGroupKFold(n_folds, shuffle=True, random_state=random_state)
    with warnings.catch_warnings():
        # The least populated class may have fewer rows than there are folds.
        warnings.filterwarnings("ignore", "The least populated class")
        return list(check_cv(cv, y, classifier=True).split(y, y, related))
