"""The four scores of a set of predictions, each with its interval."""

import numpy as np
import pandas as pd

from skaudio.metrics._intervals import accuracy_interval, bootstrap_intervals
from skaudio.metrics._scores import score_predictions

SCORES = ("accuracy", "weighted_f1", "macro_f1", "balanced_accuracy")


def score_summary(y_true, y_pred, groups=None):
    """Score predictions, with 95 % intervals.

    Parameters
    ----------
    y_true : array-like of shape (n,)
    y_pred : array-like of shape (n,) or (n_repeats, n)
        Of several repeats the scores are the medians. They are the same clips again, so
        that the intervals are those of n clips.
    groups : array-like of shape (n,) or None, default=None
        None: each clip is a group.

    Returns
    -------
    summary : DataFrame
        A row a score of `SCORES`; columns ``value``, ``low``, ``high``.
    """
    repeats = np.atleast_2d(y_pred)
    scores = [score_predictions(y_true, labels) for labels in repeats]
    values = {
        name: float(np.median([some[name] for some in scores])) for name in SCORES
    }
    intervals = bootstrap_intervals(y_true, repeats, groups)
    intervals["accuracy"] = accuracy_interval(y_true, repeats, groups)
    rows = {name: (value, *intervals[name]) for name, value in values.items()}
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["value", "low", "high"]
    ).rename_axis("score")
