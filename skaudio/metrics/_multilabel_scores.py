"""Scores of predictions where a clip has several classes, or none."""

import numpy as np
import pandas as pd

from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import as_indicator, column_names
from skaudio.metrics._intervals import draw_groups
from skaudio.metrics._score_curves import (
    average_precision,
    mean_of_classes,
    resampled,
    with_interval,
)

_F1 = ("precision", "recall", "f1")


def multilabel_scores(
    y_true, y_score, y_pred=None, groups=None, *, n_resamples=2000, seed=0
):
    """Score predictions of clips of several classes, per class and over all.

    Parameters
    ----------
    y_true : array-like or DataFrame of shape (n, n_classes)
        Indicator matrix; the columns of a DataFrame name the classes.
    y_score : array-like of shape (n, n_classes) or (n_repeats, n, n_classes), or None
        Probabilities. Over several repeats each score is the median of the repeats'
        scores. None leaves the average precision NaN.
    y_pred : array-like of the shape of `y_score`, or None, default=None
        Indicator matrix of predicted classes; None: those with a probability above one
        half.
    groups : array-like of shape (n,) or None, default=None
        Clips of one group are drawn together for the intervals. None: each clip is a
        group.
    n_resamples : int, default=2000
        Bootstrap samples for the intervals.
    seed : int, default=0
        Of the bootstrap.

    Returns
    -------
    scores : DataFrame
        One row per class, then "micro" (all classes as one) and "macro" (the mean over
        the classes that some clip has): ``support``, the number of clips;
        ``average_precision``, ``precision``, ``recall`` and ``f1``, each with ``_low``
        and ``_high``, its 95 % interval, by bootstrap over groups (NaN with a single
        one). Of a class that no clip has, all are NaN; it counts in "micro". A
        precision that divides by zero is 0.

    Raises
    ------
    ValueError
        Where shapes differ, probabilities are not finite, or no clip has any class.

    See Also
    --------
    sklearn.metrics.average_precision_score, sklearn.metrics.f1_score :
        Give the same numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.metrics import multilabel_scores
    >>> y = pd.DataFrame({"cat": [1, 0, 1, 0], "cow": [0, 0, 1, 1]})
    >>> probabilities = [[0.9, 0.1], [0.6, 0.2], [0.4, 0.9], [0.1, 0.7]]
    >>> scores = multilabel_scores(y, probabilities)
    >>> scores[["support", "average_precision", "f1"]].round(2)
           support  average_precision    f1
    cat          2               0.83  0.50
    cow          2               1.00  1.00
    micro        4               0.95  0.75
    macro        4               0.92  0.75
    """
    names, y_true = column_names(y_true), as_indicator(y_true)
    shape = y_true.shape
    if not y_true.any():
        raise ValueError(
            f"y_true of shape {shape} is 0 throughout: expected clips of at least one "
            "class."
        )
    y_score, y_pred = _as_repeats(shape, y_score, y_pred)
    groups = np.arange(shape[0]) if groups is None else as_groups(groups, shape[0])
    groups = np.unique(groups, return_inverse=True)[1]
    n_groups = groups.max() + 1
    draws = np.vstack(
        [np.ones((1, n_groups), int), draw_groups(n_groups, n_resamples, seed)]
    )
    columns = dict(zip(_F1, _f1_values(y_true, y_pred, groups, draws), strict=True))
    values = np.full((len(draws), shape[1] + 2), np.nan)
    if y_score is not None:
        values = _ap_values(y_true, y_score, groups, n_groups, n_resamples, seed)
    columns = {"average_precision": values} | columns
    support = y_true.sum(axis=0)
    table = pd.DataFrame(
        {"support": [*support, support.sum(), support.sum()]},
        index=[*names, "micro", "macro"],
    )
    for name, values in columns.items():
        if n_groups < 2:
            values[1:] = np.nan
        table[[name, f"{name}_low", f"{name}_high"]] = [
            with_interval(one) for one in values.T
        ]
    return table


def average_precision_difference(
    y_true, y_score, other, groups=None, *, n_resamples=2000, seed=0
):
    """Compare two models by their macro average precision on the same clips.

    Parameters
    ----------
    y_true, groups, n_resamples, seed
        As in `multilabel_scores`.
    y_score, other : array-like of shape (n, n_classes) or (n_repeats, n, n_classes)
        Probabilities of one model and of another.

    Returns
    -------
    difference : float
        Of `y_score` minus that of `other`.
    interval : (low, high)
        95 %, by a bootstrap that draws whole groups, the same for both models.
    p : float
        Two-sided: twice the share of resamples whose difference is on the other side
        of 0; 1 where both are equal throughout. NaN with a single group, as the
        interval.

    Examples
    --------
    >>> from skaudio.metrics import average_precision_difference
    >>> y = [[1, 0], [0, 1]] * 10
    >>> right, wrong = [[0.9, 0.1], [0.2, 0.8]] * 10, [[0.2, 0.8], [0.9, 0.1]] * 10
    >>> difference, (low, high), p = average_precision_difference(y, right, wrong)
    >>> difference > 0.4 and low > 0 and p < 0.05
    True
    """
    y_true = as_indicator(y_true)
    groups = np.arange(len(y_true)) if groups is None else groups
    groups = np.unique(as_groups(groups, len(y_true)), return_inverse=True)[1]
    n_groups = groups.max() + 1
    one, two = (
        _ap_values(
            *(y_true, _as_repeats(y_true.shape, scores, None)[0], groups),
            *(n_groups, n_resamples, seed),
        )[:, -1]
        for scores in (y_score, other)
    )
    differences = one - two
    value, low, high = with_interval(differences)
    known = differences[1:][~np.isnan(differences[1:])]
    if not len(known):
        return value, (low, high), np.nan
    tail = min((known <= 0).sum(), (known >= 0).sum())
    return value, (low, high), min(1.0, float(2 * (tail + 1) / (len(known) + 1)))


def _as_repeats(shape, y_score, y_pred):
    """Check scores and predictions, and give both the axis of repeats."""
    if y_score is not None:
        y_score = _of_shape("y_score", y_score, shape).astype(float)
        if not np.isfinite(y_score).all():
            rows = np.flatnonzero(~np.isfinite(y_score).all(axis=(0, 2)))
            raise ValueError(
                f"y_score of rows {rows.tolist()[:5]} is not finite ({len(rows)} of "
                f"{shape[0]} rows): expected probabilities; leave clips out that could "
                "not be read."
            )
    elif y_pred is None:
        raise ValueError("y_score=None and y_pred=None: expected at least one.")
    if y_pred is None:
        return y_score, y_score > 0.5
    return y_score, _of_shape("y_pred", y_pred, shape).astype(bool)


def _of_shape(name, values, shape):
    values = np.asarray(values)
    if values.shape[-2:] != shape or values.ndim > 3:
        raise ValueError(
            f"{name} of shape {values.shape} and y_true of shape {shape}: expected the "
            "same shape, or (n_repeats, n, n_classes)."
        )
    return values.reshape(-1, *shape)


def _ap_values(y_true, y_score, groups, n_groups, n_resamples, seed):
    """Return the average precision per class, micro and macro, of each resample."""
    n_classes = y_true.shape[1]
    repeats = []
    for scores in y_score:
        rows = [(scores[:, k], y_true[:, k], groups) for k in range(n_classes)]
        rows.append((scores.ravel(), y_true.ravel(), np.repeat(groups, n_classes)))
        repeats.append(
            [
                resampled(average_precision, *row, n_groups, n_resamples, seed)
                for row in rows
            ]
        )
    values = np.median(repeats, axis=0)
    # The macro of each repeat first, then their median.
    macro = [mean_of_classes(np.array(found[:-1])) for found in repeats]
    return np.vstack([values, np.median(macro, axis=0)]).T


def _f1_values(y_true, y_pred, groups, draws):
    """Return precision, recall and F1 per class, micro and macro, of each resample."""
    n_groups = draws.shape[1]

    def counts(mask):
        of_groups = np.zeros((n_groups, mask.shape[1]))
        np.add.at(of_groups, groups, mask)
        of_classes = draws @ of_groups
        return np.column_stack([of_classes, of_classes.sum(axis=1)])  # and micro

    support = counts(y_true)
    there = np.where(support > 0, 1.0, np.nan)
    repeats = []
    for predicted in y_pred:
        hits, named = counts(y_true & predicted), counts(predicted)
        scores = [
            hits / np.maximum(named, 1) * there,
            hits / np.maximum(support, 1) * there,
            2 * hits / np.maximum(support + named, 1) * there,
        ]
        repeats.append(
            [np.column_stack([one, mean_of_classes(one[:, :-1].T)]) for one in scores]
        )
    return np.median(repeats, axis=0)
