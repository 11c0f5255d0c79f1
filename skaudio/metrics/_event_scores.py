"""Precision, recall and F1 of events, and false positives per hour."""

import numpy as np
import pandas as pd

from skaudio.metrics._event_matching import MatchingRule
from skaudio.metrics._event_tables import read_pair, recording_groups
from skaudio.metrics._intervals import draw_groups

_RATES = ["precision", "recall", "f1", "false_positives_per_hour"]
_AT_MOST = -np.log(0.025)  # mean of a Poisson variable that is 0 once in 40 times


def event_scores(
    events,
    truth,
    *,
    recordings_duration=None,
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
    """Score events against annotations, per class and over all.

    Events and annotations are matched one to one by `match_events`: an event without
    annotation is a false positive, an annotation without event is missed.

    Parameters
    ----------
    events, truth : DataFrame
        As `match_events` takes them. Recordings without any event and annotation count
        only if `recordings_duration` names them.
    recordings_duration : dict or Series, default=None
        Seconds of each recording that was annotated, for the false positives per hour;
        None leaves these NaN. Tables must then name no other recordings, and no times
        after their ends.
    classes : list or None, default=None
        The classes to score, of which some may not occur. None takes those that occur.
        Background classes are left out.
    groups : dict or Series, default=None
        The group of each recording, such as its site, where recordings of one group are
        not independent. None: each recording is a group.
    method, min_overlap, min_iou, collar, offset_collar
        What makes a match, as in `match_events`.
    n_resamples : int, default=2000
        Bootstrap samples for the intervals; 0 leaves them NaN.
    seed : int, default=0
        Of the bootstrap.

    Returns
    -------
    scores : DataFrame
        A row per class, then "micro" (all classes as one) and "macro" (mean over the
        classes that occur, where what is undefined counts as 0, and NaN where it is
        undefined for all), with:

        - ``n_truth``, ``n_events``, ``n_matched`` (int);
        - ``precision`` (float): the share of the events that are matched; NaN where
          there are none;
        - ``recall`` (float): the share of the annotations that are matched; NaN where
          there are none;
        - ``f1`` (float): ``2 * n_matched / (n_truth + n_events)``;
        - ``false_positives_per_hour`` (float);

        and the 95 % intervals of these four as ``precision_low``, ``precision_high``
        and so on.

    Raises
    ------
    ValueError
        Naming the row or the class: as `match_events`, and for times outside a
        recording, recordings without a duration, and other classes than `classes`.

    Warns
    -----
    UserWarning
        Where names of classes differ only by case or space.

    See Also
    --------
    segment_average_precision : Scores windows, without a threshold.

    Notes
    -----
    Intervals come from a bootstrap that draws whole recordings, or groups; with a
    single one they are NaN. Where there is no false positive, no bootstrap sample has
    one either: the upper limit then is 3.7 per recorded time, the rate at which a
    Poisson process has none once in 40 times.

    References
    ----------
    A. Mesaros, T. Heittola, T. Virtanen, "Metrics for polyphonic sound event
    detection", Applied Sciences 6(6), 2016.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.metrics import event_scores
    >>> columns = ["audio_file", "annotation", "start_time", "end_time"]
    >>> truth = [("a.wav", "frog", 1.0, 2.0), ("a.wav", "frog", 5.0, 6.0)]
    >>> events = [("a.wav", "frog", 1.5, 3.0), ("b.wav", "cat", 1.0, 2.0)]
    >>> scores = event_scores(
    ...     pd.DataFrame(events, columns=columns),
    ...     pd.DataFrame(truth, columns=columns),
    ...     recordings_duration={"a.wav": 900, "b.wav": 900},
    ... )
    >>> scores[["precision", "recall", "f1", "false_positives_per_hour"]].round(2)
           precision  recall    f1  false_positives_per_hour
    cat          0.0     NaN  0.00                       2.0
    frog         1.0    0.50  0.67                       0.0
    micro        0.5    0.50  0.50                       2.0
    macro        0.5    0.25  0.33                       1.0
    """
    rule = MatchingRule(method, min_overlap, min_iou, collar, offset_collar)
    pair = read_pair(events, truth, recordings_duration, classes)
    index = recording_groups(pair.recordings, groups)
    shape = (index.max(initial=-1) + 1, len(pair.classes))
    is_match = rule.match(pair.events, pair.truth) >= 0
    counts = np.stack(
        [
            _count(pair, pair.truth, index, shape),
            _count(pair, pair.events, index, shape),
            _count(pair, pair.events[is_match], index, shape),
        ],
        axis=-1,
    )
    hours = np.bincount(index, pair.hours, minlength=shape[0])
    rates = _rates(counts.sum(axis=0), hours.sum())
    low, high = _intervals(counts, hours, n_resamples, seed)
    totals = np.vstack([counts.sum(axis=0), *[counts.sum(axis=(0, 1))[None]] * 2])
    table = pd.DataFrame(
        totals.astype(int),
        columns=["n_truth", "n_events", "n_matched"],
        index=[*pair.classes, "micro", "macro"],
    )
    for k, name in enumerate(_RATES):
        table[name] = rates[k]
        table[f"{name}_low"], table[f"{name}_high"] = low[k], high[k]
    none = table["false_positives_per_hour"] == 0
    at_most = _AT_MOST / hours.sum()
    table.loc[none, "false_positives_per_hour_high"] = at_most
    return table


def _count(pair, table, index, shape):
    counts = np.zeros(shape)
    np.add.at(counts, (index[table["recording"]], pair.class_index(table)), 1)
    return counts


def _rates(counts, hours):
    """Score counts of annotations, events and matches.

    Parameters
    ----------
    counts : ndarray of shape (..., n_classes, 3)
    hours : ndarray of shape (...)

    Returns
    -------
    rates : ndarray of shape (4, ..., n_classes + 2)
        In the order of `_RATES`; of each class, micro and macro.
    """
    occurs = counts[..., :2].sum(axis=-1) > 0
    counts = np.concatenate([counts, counts.sum(axis=-2, keepdims=True)], axis=-2)
    n_truth, n_events, n_matched = np.moveaxis(counts, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.stack(
            [
                n_matched / n_events,
                n_matched / n_truth,
                2 * n_matched / (n_truth + n_events),
                (n_events - n_matched) / np.asarray(hours)[..., None],
            ]
        )
        of_classes = rates[..., :-1]
        is_known = (occurs & ~np.isnan(of_classes)).any(axis=-1)
        of_classes = np.where(occurs, np.nan_to_num(of_classes), 0.0)
        macro = of_classes.sum(axis=-1) / occurs.sum(axis=-1)
    macro = np.where(is_known, macro, np.nan)
    return np.concatenate([rates, macro[..., None]], axis=-1)


def _intervals(counts, hours, n_resamples, seed):
    n_groups, n_classes, _ = counts.shape
    if n_groups < 2 or not n_resamples:
        return np.full((2, 4, n_classes + 2), np.nan)
    draws = draw_groups(n_groups, n_resamples, seed)
    rates = _rates(np.tensordot(draws, counts, axes=1), draws @ hours)
    limits = np.full((2, *rates.shape[::2]), np.nan)
    known = ~np.isnan(rates).all(axis=1)
    limits[:, known] = np.nanquantile(
        np.moveaxis(rates, 1, 0)[:, known], [0.025, 0.975], axis=0
    )
    return limits
