"""What is right and wrong among all that scores at least so much, per resample."""

import numpy as np

from skaudio.metrics._intervals import draw_groups

_CELLS = 1 << 22  # of an array per step


def resampled(statistic, scores, is_right, group, n_groups, n_resamples, seed):
    """Compute a statistic of curves over scores, and its interval.

    Parameters
    ----------
    statistic : callable
        From ``rights`` and ``wrongs``, ndarrays of shape (n_draws, n_levels): how many
        there are with at least each distinct score, from the highest down; and
        ``draws``, ndarray of shape (n_draws, n_groups): how often each group counts.
        Returns an ndarray of shape (n_draws,).
    scores : ndarray of shape (n,)
    is_right : ndarray of bool, shape (n,)
    group : ndarray of int, shape (n,)
    n_groups, n_resamples, seed : int

    Returns
    -------
    value, low, high : float
        The interval is of 95 %; NaN with less than two groups.
    """
    order = np.argsort(-scores, kind="stable")
    scores, is_right, group = scores[order], is_right[order], group[order]
    # The last of each distinct score.
    levels = np.flatnonzero(np.diff(scores, append=np.nan) != 0)

    def compute(draws):
        weights = draws[:, group]
        rights = np.cumsum(weights * is_right, axis=1)[:, levels]
        wrongs = np.cumsum(weights * ~is_right, axis=1)[:, levels]
        return statistic(rights, wrongs, draws)

    value = float(compute(np.ones((1, n_groups), dtype=int))[0])
    if n_groups < 2 or not n_resamples:
        return value, np.nan, np.nan
    draws = draw_groups(n_groups, n_resamples, seed)
    step = max(1, _CELLS // max(1, len(scores)))
    values = np.concatenate(
        [compute(draws[k : k + step]) for k in range(0, n_resamples, step)]
    )
    values = values[~np.isnan(values)]
    if not len(values):
        return value, np.nan, np.nan
    return value, *map(float, np.quantile(values, [0.025, 0.975]))
