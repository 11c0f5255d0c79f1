"""How precise events are at least, from a stratified sample that was checked."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc
from scipy.stats import chi2

_GRID = np.linspace(0, 1, 401)
_LEAST = 1e-290


class CheckedStratum(NamedTuple):
    """What was checked of a stratum, above some threshold."""

    n_right: int
    n_checked: int
    size: float  # events in it

    @property
    def is_complete(self):
        """Whether all of it was checked, so that nothing is uncertain."""
        return self.n_checked >= self.size * (1 - 1e-9)


def precision_p_value(strata, precision):
    """Test that the precision of events is below a number.

    Parameters
    ----------
    strata : list of CheckedStratum
        Of the events above a threshold.
    precision : float
        From 0 to 1.

    Returns
    -------
    p_value : float
        Chance of so many right ones, or more, where the precision is not higher.

    Notes
    -----
    One stratum is a binomial test as of Clopper and Pearson, on the number of trials
    that a finite number of events leaves. Over several, the
    p-values of the strata are combined by Fisher's method for every division of the
    wrong events among the strata, and the largest result is taken (a stratified
    union-intersection test, Ottoboni et al. 2018). The logarithm of a stratum's p-value
    is concave in its precision, so that the worst division is found by raising the
    precisions step by step, where it gains most. Strata of which all was checked are
    known.
    """
    size = sum(one.size for one in strata)
    wanted = precision * size
    wanted -= sum(one.n_right for one in strata if one.is_complete)
    strata = [one for one in strata if not one.is_complete]
    rest = sum(one.size for one in strata)
    if not strata or wanted <= 0 or wanted >= rest:
        return 0.0 if wanted <= 1e-9 * size else 1.0
    if len(strata) == 1:
        return float(_tail(strata[0], wanted / rest))
    cost, gains, steps = 0.0, [], []
    n_steps = len(_GRID) - 1
    for one in strata:
        log_p = np.log(np.maximum(_tail(one, _GRID), _LEAST))
        cost -= log_p[0]
        gain = np.diff(log_p) / one.size
        # Below what can be told from 0 nothing is gained yet: these come first.
        gains.append(np.where(log_p[1:] <= np.log(_LEAST), np.inf, gain))
        steps.append(np.full(n_steps, one.size / n_steps))
    gains, steps = np.concatenate(gains), np.concatenate(steps)
    order = np.argsort(-gains, kind="stable")
    gains, steps = gains[order], steps[order]
    taken = np.clip(wanted - (np.cumsum(steps) - steps), 0, steps)
    cost -= float(np.sum(np.where(np.isinf(gains), 0, gains) * taken)) * n_steps
    return float(chi2.sf(2 * max(cost, 0.0), 2 * len(strata)))


def precision_bound(strata, confidence):
    """Return the precision that events have at least, at a confidence.

    Parameters
    ----------
    strata : list of CheckedStratum
    confidence : float

    Returns
    -------
    bound : float
    """
    if all(one.is_complete for one in strata):
        return estimated_precision(strata)

    def excess(precision):
        return precision_p_value(strata, precision) - (1 - confidence)

    low, high = 1e-6, 1 - 1e-9
    if excess(low) > 0:
        return 0.0
    return 1.0 if excess(high) <= 0 else float(brentq(excess, low, high, xtol=1e-6))


def estimated_precision(strata):
    """Estimate the precision: the share of right events, stratum by stratum."""
    size = sum(one.size for one in strata)
    return sum(one.n_right / one.n_checked * one.size for one in strata) / size


def _tail(one, precision):
    """Return the chance of at most so many wrong ones, at a precision of the stratum.

    The number of wrong ones in the sample is a sum of independent trials: no more than
    were checked, and no more than there are wrong ones. It spreads most where the
    trials are alike (Hoeffding 1956). With few checks of many events that is a binomial
    distribution; with many, most of the wrong ones would have been seen.
    """
    n_wrong = one.n_checked - one.n_right
    wrong = one.size * (1 - np.asarray(precision, float))
    by_checks = np.ones_like(wrong)
    if one.n_right:
        by_checks = betainc(one.n_right, n_wrong + 1, precision)
    unseen = max(1 - one.n_checked / one.size, 0.0)
    by_wrong = betainc(np.maximum(wrong - n_wrong, 1e-9), n_wrong + 1, unseen)
    by_wrong = np.where(wrong <= n_wrong, 1.0, by_wrong)
    return np.where(wrong < one.n_checked, by_wrong, by_checks)
