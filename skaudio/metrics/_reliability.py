"""Calibration of probabilities: accuracy against confidence."""

import numpy as np
import pandas as pd

from skaudio.metrics._intervals import wilson_interval


def reliability_curve(correct, confidence, *, n_bins=10, n_repeats=1):
    """Compare confidence and accuracy, bin by bin.

    Parameters
    ----------
    correct : array-like of shape (n,), bool
        Whether the predicted label is the true one.
    confidence : array-like of shape (n,)
        Probability of the predicted label, in [0, 1].
    n_bins : int, default=10
        Number of bins of equal width. Each includes its upper edge, the first also 0.
    n_repeats : int, default=1
        How often each clip occurs. The intervals use the number of clips.

    Returns
    -------
    bins : DataFrame
        One row per bin: ``left``, ``right``, ``n``, mean ``confidence``, ``accuracy``,
        and ``low`` and ``high``, its 95 % interval (Wilson); NaN where a bin is empty.
    error : float
        Expected calibration error: the mean over the bins of the distance between
        accuracy and confidence, weighted by the number of predictions in each bin.

    Examples
    --------
    >>> from skaudio.metrics import reliability_curve
    >>> correct, confidence = [False, True, True, True], [0.4, 0.5, 0.8, 1.0]
    >>> bins, error = reliability_curve(correct, confidence, n_bins=2)
    >>> bins[["n", "confidence", "accuracy"]].round(2)
       n  confidence  accuracy
    0  2        0.45       0.5
    1  2        0.90       1.0
    >>> round(error, 3)
    0.075
    """
    correct, confidence = np.asarray(correct, float), np.asarray(confidence, float)
    if not isinstance(n_bins, (int, np.integer)) or n_bins < 1:
        raise ValueError(f"n_bins={n_bins!r}: expected an integer of at least 1.")
    if not len(confidence) or not ((confidence >= 0) & (confidence <= 1)).all():
        raise ValueError(
            f"{len(confidence)} probabilities, not all of them in [0, 1]: expected "
            "those of predict_proba, without NaN."
        )
    edges = np.linspace(0, 1, n_bins + 1)
    places = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, None)
    counts = np.bincount(places, minlength=n_bins)
    there = np.where(counts, counts, np.nan)
    bins = pd.DataFrame({"left": edges[:-1], "right": edges[1:], "n": counts})
    bins["confidence"] = np.bincount(places, confidence, n_bins) / there
    bins["accuracy"] = np.bincount(places, correct, n_bins) / there
    bins[["low", "high"]] = [
        wilson_interval(row.accuracy, row.n / n_repeats) if row.n else (np.nan, np.nan)
        for row in bins.itertuples()
    ]
    gaps = (bins["accuracy"] - bins["confidence"]).abs()
    return bins, float((gaps * counts).sum() / counts.sum())
