"""How precise events of new recordings are at least."""

import numpy as np
from scipy.stats import beta, t

MIN_RECORDINGS = 20


def precision_of_new_recordings(right, weights, files, confidence):
    """Bound the precision of events of further recordings like those that were checked.

    Parameters
    ----------
    right : ndarray of bool, shape (n,)
        Of the events checked above a threshold.
    weights : ndarray of float, shape (n,)
        How many events each stands for.
    files : ndarray of shape (n,)
        Their recordings.
    confidence : float

    Returns
    -------
    bound : float
        NaN where there are fewer than `MIN_RECORDINGS`.

    Notes
    -----
    Clopper and Pearson's bound at the effective number of events (Korn & Graubard
    1998): that whose binomial variance is the variance between recordings, from leaving
    out each of them (jackknife), with the correction for few recordings. Where nothing
    varies, a recording counts as one event.
    """
    _, codes = np.unique(files, return_inverse=True)
    n_files, n_events = codes.max() + 1, len(right)
    if n_files < MIN_RECORDINGS:
        return np.nan
    total = np.bincount(codes, weights)
    good = np.bincount(codes, weights * right)
    estimate = good.sum() / total.sum()
    without = (good.sum() - good) / (total.sum() - total)
    variance = (n_files - 1) / n_files * np.square(without - without.mean()).sum()
    effective = n_files
    if variance > 1e-12:
        effective = estimate * (1 - estimate) / variance
        few = t.ppf(confidence, n_events - 1) / t.ppf(confidence, n_files - 1)
        effective = min(effective * few**2, n_events)
    x = estimate * effective
    return float(beta.ppf(1 - confidence, x, effective - x + 1)) if x > 0 else 0.0
