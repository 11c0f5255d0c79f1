"""Intervals of scores, where clips of one group are not independent."""

from functools import lru_cache

import numpy as np
from scipy.stats import norm

from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import one_per_clip


def bootstrap_intervals(y_true, y_pred, groups=None, *, n_resamples=2000, seed=0):
    """Compute bootstrap intervals of scores by resampling whole groups.

    Parameters
    ----------
    y_true : array-like of shape (n,)
    y_pred : array-like of shape (n,) or (n_repeats, n)
        Over several repeats, the score of each resample is the median of the repeats'
        scores.
    groups : array-like of shape (n,) or None, default=None
        Clips of one group are drawn together; None draws single clips.
    n_resamples : int, default=2000
    seed : int, default=0

    Returns
    -------
    intervals : dict
        (low, high) at 95 % of ``weighted_f1``, ``macro_f1`` and ``balanced_accuracy``.

    References
    ----------
    B. Efron, R. J. Tibshirani, "An introduction to the bootstrap" (1993).

    Examples
    --------
    >>> from skaudio.metrics import bootstrap_intervals
    >>> y_true, y_pred = ["cat", "cow"] * 20, ["cat", "cow", "cow", "cow"] * 10
    >>> low, high = bootstrap_intervals(y_true, y_pred)["macro_f1"]
    >>> low < 0.73 < high
    True
    """
    y_true, y_pred = one_per_clip(y_true, "y_true"), np.atleast_2d(y_pred)
    groups = np.arange(len(y_true)) if groups is None else groups
    groups = as_groups(groups, len(y_true))
    labels, codes = np.unique(
        np.concatenate([y_true[None], y_pred]), return_inverse=True
    )
    codes = codes.reshape(-1, len(y_true))
    groups = np.unique(groups, return_inverse=True)[1]
    n_groups, n_labels = groups.max() + 1, len(labels)
    draws = draw_groups(n_groups, n_resamples, seed)
    scores = []
    for predicted in codes[1:]:
        # One confusion matrix per group: a resample is a weighted sum of them.
        counts = np.zeros((n_groups, n_labels, n_labels))
        np.add.at(counts, (groups, codes[0], predicted), 1)
        confusion = np.tensordot(draws, counts, axes=1)
        scores.append(_scores_of_confusion(confusion))
    medians = {
        key: np.median([repeat[key] for repeat in scores], axis=0) for key in scores[0]
    }
    return {
        key: tuple(np.quantile(values, [0.025, 0.975]).tolist())
        for key, values in medians.items()
    }


@lru_cache(maxsize=1)  # the same for every class and every model of a report
def draw_groups(n_groups, n_resamples, seed):
    """Say how often each group is drawn.

    Parameters
    ----------
    n_groups, n_resamples, seed : int

    Returns
    -------
    draws : ndarray of int, shape (n_resamples, n_groups)
        Not to be written to.
    """
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), n_resamples)
    draws.flags.writeable = False
    return draws


def _scores_of_confusion(confusion):
    """Score (n, n_labels, n_labels) matrices, true labels in rows, as scikit-learn."""
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    support, predicted = confusion.sum(axis=2), confusion.sum(axis=1)
    there, named = support > 0, (support + predicted) > 0
    f1 = 2 * hits / np.maximum(support + predicted, 1)
    recall = hits / np.maximum(support, 1)
    return {
        "weighted_f1": (f1 * support).sum(axis=1) / support.sum(axis=1),
        "macro_f1": f1.sum(axis=1) / named.sum(axis=1),
        "balanced_accuracy": recall.sum(axis=1) / there.sum(axis=1),
    }


def wilson_interval(proportion, n, confidence=0.95):
    """Compute Wilson's interval of a proportion observed in n trials.

    Parameters
    ----------
    proportion : float in [0, 1]
    n : float
        Number of trials; of dependent trials, their effective number.
    confidence : float, default=0.95

    Returns
    -------
    low, high : tuple of float

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", JASA 22 (1927).

    Examples
    --------
    >>> from skaudio.metrics import wilson_interval
    >>> low, high = wilson_interval(0.74, 65)
    >>> round(low, 2), round(high, 2)
    (0.62, 0.83)
    """
    z = norm.ppf((1 + confidence) / 2)
    centre = proportion + z**2 / (2 * n)
    spread = z * np.sqrt(proportion * (1 - proportion) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return max(0.0, float(low)), min(1.0, float(high))


def paired_difference_interval(n_both, n_won, n_lost, n_neither):
    """Compute the interval of the difference of two accuracies on the same clips.

    Parameters
    ----------
    n_both : int
        Clips that both models classify correctly.
    n_won, n_lost : int
        Clips that only the one, or only the other, classifies correctly.
    n_neither : int

    Returns
    -------
    low, high : tuple of float
        Of (n_won - n_lost) / n, 95 %.

    Notes
    -----
    Newcombe's method 10 [1]_: Wilson's intervals of the two accuracies, combined by
    square and add, with their correlation, which is lowered where it is positive. It
    takes the number of clips on which models differ as random, as it is, and has a
    width where no clip separates them. Fagerland, Lydersen and Laake recommend it [2]_.

    References
    ----------
    .. [1] R. G. Newcombe, "Improved confidence intervals for the difference between
       binomial proportions based on paired data", Statistics in Medicine 17 (1998),
       2635-2650.
    .. [2] M. W. Fagerland, S. Lydersen, P. Laake, "Recommended tests and confidence
       intervals for paired binomial proportions", Statistics in Medicine 33 (2014).

    Examples
    --------
    >>> from skaudio.metrics import paired_difference_interval
    >>> low, high = paired_difference_interval(15, 10, 0, 0)
    >>> round(low, 3), round(high, 3)
    (0.187, 0.593)
    """
    n = n_both + n_won + n_lost + n_neither
    one, other = (n_both + n_won) / n, (n_both + n_lost) / n
    (low, high), (other_low, other_high) = (
        wilson_interval(proportion, n) for proportion in (one, other)
    )
    agreement = n_both * n_neither - n_won * n_lost
    if agreement > 0:
        agreement = max(agreement - n / 2, 0)
    margins = one * (1 - one) * other * (1 - other)
    correlation = agreement / n**2 / np.sqrt(margins) if margins else 0.0

    def reach(a, b):
        return float(np.sqrt(a**2 - 2 * correlation * a * b + b**2))

    difference = (n_won - n_lost) / n
    return (
        difference - reach(one - low, other_high - other),
        difference + reach(high - one, other - other_low),
    )


def accuracy_interval(y_true, y_pred, groups=None):
    """Compute the interval of an accuracy where clips of one group are related.

    This is Wilson's interval at the effective number of independent clips. Without
    groups, that is the number of clips.

    Parameters
    ----------
    y_true : array-like of shape (n,)
    y_pred : array-like of shape (n,) or (n_repeats, n)
        Over several repeats, the accuracy is the median of the repeats' accuracies.
    groups : array-like of shape (n,) or None, default=None
        None: each clip is a group.

    Returns
    -------
    low, high : tuple of float
        95 %.

    Notes
    -----
    For n clips in groups of m_1, m_2, ... the effective number is n / (1 + (m - 1) r),
    where m is the sum of the m_i squared over n. r, from 0 to 1, is the intraclass
    correlation of correct predictions, estimated from the analysis of variance. Where
    all predictions are correct (or all wrong), r cannot be estimated: it is set to 1.

    References
    ----------
    L. Kish, "Survey sampling" (1965). A. Donner, N. Klar, "Design and analysis of
    cluster randomization trials in health research" (2000).

    Examples
    --------
    >>> from skaudio.metrics import accuracy_interval, wilson_interval
    >>> y_true, y_pred = ["cat"] * 12, ["cat"] * 8 + ["cow"] * 4
    >>> accuracy_interval(y_true, y_pred) == wilson_interval(8 / 12, 12)
    True
    >>> pairs = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]  # equal within each: six clips
    >>> accuracy_interval(y_true, y_pred, pairs) == wilson_interval(8 / 12, 6)
    True
    """
    y_true = one_per_clip(y_true, "y_true")
    correct = (np.atleast_2d(y_pred) == y_true).astype(float)
    n_clips = correct.shape[1]
    groups = as_groups(np.arange(n_clips) if groups is None else groups, n_clips)
    groups, sizes = np.unique(groups, return_inverse=True, return_counts=True)[1:]
    excess = np.square(sizes).sum() / n_clips - 1
    correlation = _intraclass_correlation(correct, groups, sizes)
    n_effective = n_clips / (1 + excess * correlation)
    return wilson_interval(float(np.median(correct.mean(axis=1))), n_effective)


def _intraclass_correlation(values, groups, sizes):
    """Intraclass correlation of rows of values, in [0, 1]; 1 where they do not vary."""
    n_rows, n = values.shape
    n_groups = len(sizes)
    if n_groups in (1, n):  # nothing to compare with, or nothing within
        return float(n_groups == 1)
    totals = np.stack([np.bincount(groups, row) for row in values])
    means = totals / sizes
    centre = values.mean(axis=1, keepdims=True)
    between = (sizes * np.square(means - centre)).sum() / (n_rows * (n_groups - 1))
    within = np.square(values - means[:, groups]).sum() / (n_rows * (n - n_groups))
    typical = (n - np.square(sizes).sum() / n) / (n_groups - 1)
    total = between + (typical - 1) * within
    return float(np.clip((between - within) / total, 0, 1)) if total else 1.0
