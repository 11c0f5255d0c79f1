"""The four scores of a set of predictions, each with its interval."""

import numpy as np
import pandas as pd

from skaudio._utils.multilabel import one_per_clip
from skaudio.metrics._intervals import accuracy_interval, bootstrap_intervals
from skaudio.metrics._scores import score_predictions

SCORES = ("accuracy", "weighted_f1", "macro_f1", "balanced_accuracy")


def score_summary(y_true, y_pred, groups=None):
    """Score predictions, with 95 % intervals.

    Parameters
    ----------
    y_true : array-like of shape (n,)
    y_pred : array-like of shape (n,) or (n_repeats, n)
        Over several repeats, each score is the median of the repeats' scores. All
        repeats score the same clips: the intervals are those of n clips.
    groups : array-like of shape (n,) or None, default=None
        None: each clip is a group.

    Returns
    -------
    summary : DataFrame
        One row per score of `SCORES`; columns ``value``, ``low``, ``high``.

    Examples
    --------
    >>> from skaudio.metrics import score_summary
    >>> y_true = ["cat", "cow"] * 10
    >>> repeats = [["cat"] * 20, ["cat", "cow", "cow", "cow"] * 5, y_true]
    >>> score_summary(y_true, repeats).loc["accuracy"].round(2)  # of 0.5, 0.75 and 1
    value    0.75
    low      0.53
    high     0.89
    Name: accuracy, dtype: float64
    """
    y_true, repeats = one_per_clip(y_true, "y_true"), np.atleast_2d(y_pred)
    scores = [score_predictions(y_true, labels) for labels in repeats]
    values = {
        name: float(np.median([repeat[name] for repeat in scores])) for name in SCORES
    }
    intervals = bootstrap_intervals(y_true, repeats, groups)
    intervals["accuracy"] = accuracy_interval(y_true, repeats, groups)
    rows = {name: (value, *intervals[name]) for name, value in values.items()}
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["value", "low", "high"]
    ).rename_axis("score")
