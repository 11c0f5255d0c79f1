"""From scores of windows to events."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.ndimage import convolve1d

from skaudio._utils.annotation_table import EVENT_COLUMNS
from skaudio._utils.choices import one_of
from skaudio._utils.clip_columns import listed
from skaudio._utils.score_table import as_score_table
from skaudio.recordings._scoring.scores_folder import scores_table

_DECIMALS = 10  # of seconds, as in `clip_windows`
_SLACK = 1e-6  # seconds: rounding makes no gap


def find_events(
    scores,
    threshold=0.5,
    *,
    continue_threshold=None,
    smoothing=None,
    min_duration=0.0,
    merge_gap=0.0,
    boundaries="centre",
    classes=None,
    recordings_duration=None,
):
    """Find events in scores of windows: which animal calls from when to when.

    Class by class, consecutive windows whose score reaches a threshold are one event.

    Parameters
    ----------
    scores : DataFrame
        A clip table with the index (``file``, ``start_time``, ``end_time``) in seconds,
        in any order, and a column of probabilities per class, as `score_recordings`
        returns it. A window that failed is NaN. Background classes (``background``,
        ``noise``, ``other``, ``silence``) are never reported.
    threshold : float, dict or Series, default=0.5
        The score that an event has in at least one window: one for all classes, or one
        for each. Entries of background classes mean nothing.
    continue_threshold : float, dict, Series or None, default=None
        The score that an event has in all windows, at most `threshold`: a call that is
        certain in its middle goes on while it is likely. None is `threshold`.
    smoothing : int or None, default=None
        Number of windows, odd, over which a weighted mean replaces the scores, before
        anything else: with 3, half of the window's own score and a quarter of each
        neighbour's. What one window alone calls an animal counts less, what several do
        counts as much. At the ends of a recording the first and the last score are
        repeated.
    min_duration : float, default=0.0
        Seconds. Events that are shorter after merging are left out.
    merge_gap : float, default=0.0
        Seconds. Events of one class that are at most so far apart are one.
    boundaries : {"centre", "window"}, default="centre"
        Where windows overlap, which time each stands for: "centre" is its middle, half
        way to the middle of the window before and after, so that two calls close to
        each other stay two; "window" is all of it, so that an event contains the whole
        call. The first and the last window of a recording reach to its ends in both.
    classes : list or None, default=None
        The classes to report. None reports all except background.
    recordings_duration : Series or dict, default=None
        Seconds of each file. An event ends there where the last window reaches
        beyond the end of the recording.

    Returns
    -------
    events : DataFrame
        A row per event: the columns of an annotation table of OpenSoundscape,
        ``audio_file``, ``annotation_file`` (None), ``annotation``, ``start_time``,
        ``end_time``, ``low_f``, ``high_f`` (NaN); then ``score``, the highest score of
        its windows (where there is smoothing, after it), ``peak_start_time`` and
        ``peak_end_time``, the first window that has it. Sorted by file, start and
        class.

    Raises
    ------
    ValueError
        Where `scores` is no table of scores, a window is there twice, a class has no
        threshold, or a parameter is out of its range.

    See Also
    --------
    skaudio.metrics.event_scores : Compares events with annotations.

    Notes
    -----
    A window that failed ends an event, and events are not merged across it. A gap
    between windows ends an event unless it is at most `merge_gap`.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.recordings import find_events
    >>> windows = [("dawn.wav", float(start), start + 3.0) for start in range(6)]
    >>> index = pd.MultiIndex.from_tuples(
    ...     windows, names=["file", "start_time", "end_time"]
    ... )
    >>> frog = [0.1, 0.6, 0.9, 0.6, 0.1, 0.8]
    >>> scores = pd.DataFrame({"frog": frog, "noise": 0.1}, index=index)
    >>> shown = ["annotation", "start_time", "end_time", "score"]
    >>> find_events(scores, threshold=0.7)[shown]
      annotation  start_time  end_time  score
    0       frog         3.0       4.0    0.9
    1       frog         6.0       8.0    0.8
    >>> find_events(scores, threshold=0.7, continue_threshold=0.5)[shown]
      annotation  start_time  end_time  score
    0       frog         2.0       5.0    0.9
    1       frog         6.0       8.0    0.8
    """
    one_of("boundaries", boundaries, ("centre", "window"))
    for name, value in {"min_duration": min_duration, "merge_gap": merge_gap}.items():
        if not (isinstance(value, Real) and 0 <= value < np.inf):
            raise ValueError(f"{name}={value!r}: expected seconds, at least 0.")
    if smoothing is not None and not (
        isinstance(smoothing, Integral) and smoothing > 0 and smoothing % 2
    ):
        raise ValueError(
            f"smoothing={smoothing!r}: expected an odd number of windows, or None."
        )
    table = as_score_table(scores, classes)
    known = list(scores.columns)
    opens = _per_class("threshold", threshold, table.classes, known)
    goes_on = opens
    if continue_threshold is not None:
        goes_on = _per_class(
            "continue_threshold", continue_threshold, table.classes, known
        )
        for name, low, high in zip(table.classes, goes_on, opens, strict=True):
            if low > high:
                raise ValueError(
                    f"continue_threshold={low:g} of {name!r}: expected at most its "
                    f"threshold, {high:g}."
                )
    run = _runs(table)
    values = table.values
    if smoothing is not None and len(values):
        values = _smoothed(values, run, smoothing)
    # As the scores are, or 0.7 in 32 bits would be below 0.7.
    opens, goes_on = opens.astype(values.dtype), goes_on.astype(values.dtype)
    starts, ends = table.starts, _heard_ends(table, recordings_duration)
    if boundaries == "centre":
        starts, ends = _centres(table.file_index, starts, ends)
    n_failed = np.cumsum(np.isnan(table.values).any(axis=1))
    found = []
    for k, name in enumerate(table.classes):
        first, last = _open_spans(values[:, k], opens[k], goes_on[k], run)
        if not len(first):
            continue
        first, last = _merged(
            first, last, starts, ends, table.file_index, n_failed, merge_gap
        )
        long_enough = ends[last] - starts[first] >= min_duration - _SLACK
        first, last = first[long_enough], last[long_enough]
        peak = _first_highest(values[:, k], first, last)
        found.append(
            pd.DataFrame(
                {
                    "audio_file": table.files[table.file_index[peak]],
                    "annotation": pd.Series([name] * len(peak), dtype=object),
                    "start_time": starts[first].round(_DECIMALS),
                    "end_time": ends[last].round(_DECIMALS),
                    "score": values[peak, k].astype(float),
                    "peak_start_time": table.starts[peak],
                    "peak_end_time": table.ends[peak],
                }
            )
        )
    return _as_events(found)


def check_options(classes, options):
    """Raise for parameters of `find_events` that it would refuse, before any scores.

    Parameters
    ----------
    classes : array-like
        Of the model.
    options : dict
    """
    find_events(scores_table([], np.asarray(classes).tolist()), **options)


def _per_class(name, threshold, classes, known):
    """Return the threshold of each class."""
    if isinstance(threshold, (dict, pd.Series)):
        given = dict(threshold)
        unknown = [key for key in given if key not in known]
        missing = [key for key in classes if key not in given]
        for keys, what in ((missing, "lacks"), (unknown, "has the unknown")):
            if keys:
                raise ValueError(
                    f"{name} {what} classes {listed(keys)}: expected one number for "
                    f"each of {listed(classes)}."
                )
    else:
        given = dict.fromkeys(classes, threshold)
    for key in classes:
        value = given[key]
        if not (isinstance(value, Real) and 0 <= value <= 1):
            raise ValueError(
                f"{name}={value!r} of {key!r}: expected a probability from 0 to 1."
            )
    return np.array([given[key] for key in classes], dtype=float)


def _runs(table):
    """Number the runs of windows without gap or failure; each failure is its own."""
    new = np.ones(len(table.starts), bool)
    failed = np.isnan(table.values).any(axis=1)
    new[1:] = (
        (np.diff(table.file_index) > 0)
        | (table.starts[1:] - table.ends[:-1] > _SLACK)
        | failed[1:]
        | failed[:-1]
    )
    return np.cumsum(new)


def _smoothed(values, run, n_windows):
    values = values.copy()
    half = (n_windows + 1) // 2
    weights = half - np.abs(np.arange(n_windows) - half + 1.0)
    weights /= weights.sum()
    begins = np.flatnonzero(np.diff(run, prepend=0))
    for first, last in zip(begins, [*begins[1:], len(run)], strict=True):
        values[first:last] = convolve1d(
            values[first:last], weights, axis=0, mode="nearest"
        )
    return values


def _heard_ends(table, recordings_duration):
    """Return the ends of the windows, at most those of their recordings."""
    if recordings_duration is None:
        return table.ends
    given = {str(file): time for file, time in dict(recordings_duration).items()}
    missing = [str(file) for file in table.files if file not in given]
    if missing:
        raise ValueError(
            f"recordings_duration lacks {missing[0]} ({len(missing)} of "
            f"{len(table.files)} files): expected the seconds of each file."
        )
    lengths = np.array([given[file] for file in table.files], dtype=float)
    lengths = lengths[table.file_index]
    wrong = ~(lengths > table.starts)
    if wrong.any():
        k = int(np.argmax(wrong))
        raise ValueError(
            f"{table.files[table.file_index[k]]}: has scores from {table.starts[k]} to "
            f"{table.ends[k]} s, but a recordings_duration of {lengths[k]} s: expected "
            "the seconds of the file."
        )
    return np.minimum(table.ends, lengths)


def _centres(file_index, starts, ends):
    """Return the starts and ends of the part that each window stands for."""
    middles = (starts + ends) / 2
    edges = (middles[:-1] + middles[1:]) / 2
    # A shorter last window may lie at the end of the one before it.
    edges = np.clip(edges, starts[1:], np.maximum(ends[:-1], starts[1:]))
    meet = (np.diff(file_index) == 0) & (starts[1:] <= ends[:-1] + _SLACK)
    return (
        np.r_[starts[:1], np.where(meet, edges, starts[1:])],
        np.r_[np.where(meet, edges, ends[:-1]), ends[-1:]],
    )


def _open_spans(values, opens, goes_on, run):
    """Return the first and the last window of each event."""
    inside = np.flatnonzero(values >= goes_on)
    if not len(inside):
        return inside, inside
    apart = (np.diff(inside) > 1) | (np.diff(run[inside]) > 0)
    begins = np.flatnonzero(np.r_[True, apart])
    is_event = np.maximum.reduceat(values[inside], begins) >= opens
    first, last = inside[begins], inside[np.r_[begins[1:], len(inside)] - 1]
    return first[is_event], last[is_event]


def _merged(first, last, starts, ends, file_index, n_failed, merge_gap):
    """Merge events that are close to each other, with no failed window between."""
    gaps = starts[first[1:]] - ends[last[:-1]]
    # What overlaps was heard throughout, in other windows.
    close = (gaps < -_SLACK) | (
        (gaps <= merge_gap + _SLACK) & (n_failed[first[1:]] == n_failed[last[:-1]])
    )
    close &= file_index[first[1:]] == file_index[first[:-1]]
    return first[np.r_[True, ~close]], last[np.r_[~close, True]]


def _first_highest(values, first, last):
    """Return, of each span of windows, the first of those with the highest score."""
    return np.array(
        [a + np.nanargmax(values[a : b + 1]) for a, b in zip(first, last, strict=True)],
        dtype=int,
    )


def _as_events(found):
    found = [events for events in found if len(events)]
    if not found:
        text = ["audio_file", "annotation_file", "annotation"]
        empty = pd.DataFrame(columns=EVENT_COLUMNS, dtype=float)
        return empty.astype(dict.fromkeys(text, object))
    events = pd.concat(found, ignore_index=True)
    events = events.assign(annotation_file=None, low_f=np.nan, high_f=np.nan)
    return events[EVENT_COLUMNS].sort_values(
        ["audio_file", "start_time", "annotation"], ignore_index=True
    )
