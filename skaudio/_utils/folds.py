"""Folds of grouped clips: how many there may be, and what they cannot test."""

import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, check_cv

from skaudio._utils.counts import count, first_names

_N_NAMED = 6  # classes; more are counted


def check_folds(y, groups, n_folds, *, has_one_label=True):
    """Raise where clips cannot be split into a number of folds.

    Parameters
    ----------
    y, groups : ndarray of shape (n,)
    n_folds : int
        None is split where it is 0.
    has_one_label : bool, default=True
        As in `split_folds`.

    Raises
    ------
    ValueError
        Where no class has as many groups of clips as there are folds, or one of only
        two classes has a single group.
    """
    n_groups = _groups_per_class(y, groups)
    most = max(n_groups, key=n_groups.get)
    if n_groups[most] < n_folds:
        raise ValueError(
            f"cv={n_folds}: expected at most as many folds as a class has groups of "
            f"clips; {most} has the most, {n_groups[most]}."
        )
    least = min(n_groups, key=n_groups.get)
    is_lone = n_groups[least] == 1 and len(n_groups) == 2
    if n_folds and has_one_label and is_lone:
        _raise_one_class(n_folds, [least], most, n_groups)


def split_folds(X, y, groups, cv, random_state=None, *, has_one_label=True):
    """List the rows for training and for testing of each fold.

    Parameters
    ----------
    X : rows
        For splitters that look at them.
    y, groups : ndarray of shape (n,)
    cv : int, splitter or splits
        An integer is ``StratifiedGroupKFold(cv, shuffle=True)``.
    random_state : int, RandomState or None, default=None
        Shuffles these folds.
    has_one_label : bool, default=True
        False where `y` stands for the several classes that a clip may have.

    Returns
    -------
    folds : list of (ndarray of int, ndarray of int)

    Raises
    ------
    ValueError
        Where a fold would train on one class alone.
    """
    splitter = cv
    if isinstance(cv, int):
        check_folds(y, groups, cv, has_one_label=has_one_label)
        splitter = StratifiedGroupKFold(cv, shuffle=True, random_state=random_state)
    with warnings.catch_warnings():
        # That a class has fewer clips than there are folds changes nothing by itself:
        # `untested_classes` says what does.
        warnings.filterwarnings("ignore", "The least populated class")
        folds = list(check_cv(splitter, y, classifier=True).split(X, y, groups))
    for train, test in folds if has_one_label else ():
        trained = np.unique(y[train])
        if len(trained) == 1 and len(test):
            tested = np.setdiff1d(y, trained).tolist()
            _raise_one_class(cv, tested, trained[0], _groups_per_class(y, groups))
    return folds


def untested_classes(y, groups, folds):
    """Say which classes no fold both trains on and tests.

    Parameters
    ----------
    y, groups : ndarray of shape (n,)
    folds : iterable of (train, test)

    Returns
    -------
    text : str
        Empty where there are none.
    """
    seen, tested = set(), set()
    for train, test in folds:
        own = set(y[test].tolist())
        tested |= own
        seen |= own & set(y[train].tolist())
    labels = sorted(tested - seen, key=str)
    if not labels:
        return ""
    which = "it" if len(labels) == 1 else "such a class"
    return (
        f"{_few_groups(labels, _groups_per_class(y, groups))}: no fold both trains on "
        f"{which} and tests it, so that its recall is 0 by construction; add clips of "
        f"{which} from other recordings, or leave the class out"
    )


def _raise_one_class(cv, tested, trained, n_groups):
    which = f"cv={cv}" if isinstance(cv, int) else "cv"
    add = "Add clips of it from other recordings"
    more = ", or leave a class out" if len(n_groups) > 2 else ""
    raise ValueError(
        f"{which}: {_few_groups(tested, n_groups)}: the fold that tests it would train "
        f"on {trained} alone, and a classifier needs two classes. {add}{more}."
    )


def _groups_per_class(y, groups):
    return {
        label: len(np.unique(groups[y == label])) for label in np.unique(y).tolist()
    }


def _few_groups(labels, n_groups):
    if len(labels) == 1:
        groups = count(n_groups[labels[0]], "group")
        return f"{labels[0]} has only {groups} of related clips"
    names = [f"{label} ({n_groups[label]})" for label in labels]
    return f"{first_names(names, _N_NAMED)} have too few groups of related clips"
