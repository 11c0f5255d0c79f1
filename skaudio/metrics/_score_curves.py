"""What is right and wrong among all that scores at least so much, per resample."""

import numpy as np
from scipy.sparse import csr_array

from skaudio.metrics._intervals import draw_groups

_CELLS = 1 << 22  # of an array per step


def resampled(statistic, scores, is_right, group, n_groups, n_resamples, seed):
    """Compute a statistic of curves over scores, and that of resamples.

    Parameters
    ----------
    statistic : callable
        From ``rights`` and ``wrongs``, ndarrays of shape (n_draws, n_levels): how many
        there are with at least each score that something right has, from the highest
        down; and ``draws``, ndarray of shape (n_draws, n_groups): how often each group
        counts. Returns an ndarray of shape (n_draws,).
    scores : ndarray of shape (n,)
    is_right : ndarray of bool, shape (n,)
    group : ndarray of int, shape (n,)
    n_groups, n_resamples, seed : int

    Returns
    -------
    values : ndarray of shape (1 + n_resamples,)
        The statistic, and then that of each resample; with less than two groups they
        are NaN.
    """
    levels = np.unique(scores[is_right])[::-1]
    # The first level that each score reaches; what reaches none does not count.
    level = np.searchsorted(-levels, -scores)
    # Sparse: where each clip is its own group, few groups have a score at a level.
    counts = [
        csr_array(
            (np.ones(kind.sum(), np.float32), (level[kind], group[kind])),
            shape=(len(levels) + 1, n_groups),
        )[:-1]
        for kind in (is_right, ~is_right)
    ]

    def compute(draws):
        weights = draws.T.astype(np.float32)
        rights, wrongs = (np.cumsum((kind @ weights).T, axis=1) for kind in counts)
        return statistic(rights, wrongs, draws)

    value = compute(np.ones((1, n_groups), dtype=int))
    if n_groups < 2:
        return np.r_[value, np.full(n_resamples, np.nan)]
    draws = draw_groups(n_groups, n_resamples, seed)
    step = max(1, _CELLS // max(1, len(levels)))
    parts = [compute(draws[k : k + step]) for k in range(0, n_resamples, step)]
    return np.concatenate([value, *parts])


def with_interval(values):
    """Return a statistic and its 95 % interval.

    Parameters
    ----------
    values : ndarray of shape (1 + n_resamples,)
        As `resampled` returns them.

    Returns
    -------
    value, low, high : float
        NaN where they are not known.
    """
    known = values[1:][~np.isnan(values[1:])]
    limits = np.quantile(known, [0.025, 0.975]) if len(known) else [np.nan] * 2
    return float(values[0]), *map(float, limits)


def mean_of_classes(values):
    """Average the statistics of classes, resample by resample, where they are known.

    Parameters
    ----------
    values : list of ndarray of shape (1 + n_resamples,)

    Returns
    -------
    mean : ndarray of shape (1 + n_resamples,)
    """
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.nansum(values, axis=0) / known.sum(axis=0)


def average_precision(rights, wrongs, _):
    """Compute the average precision; a statistic for `resampled`.

    Parameters
    ----------
    rights, wrongs : ndarray of shape (n_draws, n_levels)

    Returns
    -------
    values : ndarray of shape (n_draws,)
        NaN where nothing is right.
    """
    if not rights.shape[1]:
        return np.full(len(rights), np.nan)
    with np.errstate(invalid="ignore"):
        precision = np.nan_to_num(rights / (rights + wrongs))
        recall = rights / rights[:, -1:]
    return (np.diff(recall, axis=1, prepend=0) * precision).sum(axis=1)
