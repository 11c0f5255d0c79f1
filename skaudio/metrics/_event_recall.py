"""Recall at a number of false positives per hour that can be borne."""

from numbers import Real

import numpy as np
import pandas as pd

from skaudio.metrics._event_matching import MatchingRule
from skaudio.metrics._event_tables import read_pair, recording_groups
from skaudio.metrics._score_curves import mean_of_classes, resampled, with_interval

_COLUMNS = [
    *("n_truth", "recall", "recall_low", "recall_high"),
    *("threshold", "false_positives_per_hour"),
]


def recall_at_false_positive_rate(
    events,
    truth,
    recordings_duration,
    per_hour=1.0,
    *,
    classes=None,
    groups=None,
    method="overlap",
    min_overlap=0.0,
    min_iou=0.0,
    collar=0.2,
    offset_collar=0.5,
    n_resamples=2000,
    seed=0,
):
    """Compute the recall of each class at a fixed rate of false positives.

    Of the events of a class, those down to a score are kept, so that it has at most
    `per_hour` false positives per hour, and as many annotations as possible are found.

    Parameters
    ----------
    events : DataFrame
        As `match_events` takes them, with ``score``: found at a low threshold, as with
        ``find_events(scores, 0.1)``, for what is not among them cannot be found.
    truth : DataFrame
        As `match_events` takes it.
    recordings_duration : dict or Series
        Seconds of each recording that was annotated.
    per_hour : float, default=1.0
        False positives per hour and class.
    classes, groups, method, min_overlap, min_iou, collar, offset_collar
        As in `event_scores`.
    n_resamples : int, default=2000
        Bootstrap samples for the intervals; 0 leaves them NaN.
    seed : int, default=0
        Of the bootstrap.

    Returns
    -------
    recalls : DataFrame
        A row per class, then "macro", the mean over the classes with annotations:
        ``n_truth``, ``recall`` (NaN without annotations), its 95 % interval
        ``recall_low`` and ``recall_high``, ``threshold``, the lowest score that is kept
        (NaN where no event can be), and ``false_positives_per_hour`` there (of "macro"
        both are NaN).

    Raises
    ------
    ValueError
        As `event_scores`, and where `per_hour` is no positive number.

    Notes
    -----
    Events at a high threshold are shorter than those at a low one, so `find_events` at
    ``threshold`` may find a little more or less. In each bootstrap sample of
    recordings the score down to which events are kept is chosen anew.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.metrics import recall_at_false_positive_rate
    >>> columns = ["audio_file", "annotation", "start_time", "end_time", "score"]
    >>> truth = [("a.wav", "frog", 1.0, 2.0, 1), ("a.wav", "frog", 5.0, 6.0, 1)]
    >>> events = [("a.wav", "frog", 1.5, 3.0, 0.9), ("a.wav", "frog", 8.0, 9.0, 0.7),
    ...           ("a.wav", "frog", 5.0, 6.0, 0.5)]
    >>> recall_at_false_positive_rate(
    ...     pd.DataFrame(events, columns=columns),
    ...     pd.DataFrame(truth, columns=columns),
    ...     {"a.wav": 1800},
    ... )[["n_truth", "recall", "threshold", "false_positives_per_hour"]]
           n_truth  recall  threshold  false_positives_per_hour
    frog         2     0.5        0.9                       0.0
    macro        2     0.5        NaN                       NaN
    """
    rule = MatchingRule(method, min_overlap, min_iou, collar, offset_collar)
    if not (isinstance(per_hour, Real) and 0 <= per_hour < np.inf):
        raise ValueError(f"per_hour={per_hour!r}: expected a number, at least 0.")
    if recordings_duration is None:
        raise ValueError(
            "recordings_duration=None: expected the seconds of each recording."
        )
    pair = read_pair(events, truth, recordings_duration, classes, ("score",))
    index = recording_groups(pair.recordings, groups)
    n_groups = index.max(initial=-1) + 1
    hours = np.bincount(index, pair.hours, minlength=n_groups)
    is_match = rule.match_by_score(pair.events, pair.truth)
    scores = pair.events["score"].to_numpy()
    table = pd.DataFrame(index=[*pair.classes, "macro"])
    found = []
    for k, name in enumerate(pair.classes):
        own = pair.class_index(pair.events) == k
        in_truth = pair.class_index(pair.truth) == k
        n_truth = np.bincount(
            index[pair.truth["recording"]], in_truth, minlength=n_groups
        )

        def recall(rights, wrongs, draws, n_truth=n_truth):
            n_kept = (wrongs <= per_hour * (draws @ hours)[:, None]).sum(axis=1)
            rights = np.c_[np.zeros(len(rights)), rights]
            with np.errstate(invalid="ignore"):
                return rights[np.arange(len(rights)), n_kept] / (draws @ n_truth)

        of_class = (scores[own], is_match[own], index[pair.events["recording"]][own])
        found.append(resampled(recall, *of_class, n_groups, n_resamples, seed))
        threshold, n_wrong = _lowest(scores[own], is_match[own], per_hour * hours.sum())
        table.loc[name, "n_truth"] = n_truth.sum()
        table.loc[name, "threshold"] = threshold
        table.loc[name, "false_positives_per_hour"] = n_wrong / hours.sum()
    table.loc["macro", "n_truth"] = len(pair.truth)
    if found:
        found.append(mean_of_classes(found))
        table[["recall", "recall_low", "recall_high"]] = [
            with_interval(one) for one in found
        ]
    return table.reindex(columns=_COLUMNS).astype({"n_truth": int})


def _lowest(scores, is_match, n_most):
    """Return the lowest score with at most so many false positives, and how many."""
    levels = np.unique(scores)[::-1]
    wrongs = np.searchsorted(np.sort(-scores[~is_match]), -levels, "right")
    n_kept = (wrongs <= n_most).sum()
    if not n_kept:
        return np.nan, 0
    return levels[n_kept - 1], wrongs[n_kept - 1]
