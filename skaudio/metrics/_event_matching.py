"""Which event is which annotation."""

from numbers import Real

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from skaudio._utils.choices import one_of
from skaudio._utils.window_labels import overlapping_pairs
from skaudio.metrics._event_tables import METHODS, read_pair


def match_events(
    events,
    truth,
    *,
    method="overlap",
    min_overlap=0.0,
    min_iou=0.0,
    collar=0.2,
    offset_collar=0.5,
):
    """Match events with annotations of their class and recording, one to one.

    As many as possible are matched. Of several ways to do so, that of most overlap is
    taken (with collars, of the least distance).

    Parameters
    ----------
    events : DataFrame
        With ``audio_file``, ``annotation``, ``start_time`` and ``end_time`` (seconds),
        as `find_events` returns it. Background classes are left out, here and in
        `truth`.
    truth : DataFrame
        Annotations, with the same columns. A recording may have another folder or
        extension than in `events`, where that leaves no doubt.
    method : {"overlap", "collar"}, default="overlap"
        What makes a match possible. "overlap": event and annotation overlap, by the
        least that `min_overlap` and `min_iou` ask for. "collar": they start and end at
        nearly the same times, as `collar` and `offset_collar` say.
    min_overlap : float, default=0.0
        Seconds. At 0 any overlap will do, but not mere touching.
    min_iou : float, default=0.0
        Least share of the time of both together that they overlap in, from 0 to 1.
    collar : float, default=0.2
        Seconds that the starts may differ by.
    offset_collar : float or None, default=0.5
        The ends may differ by this share of the length of the annotation, or by
        `collar` where that is more. None leaves the ends out.

    Returns
    -------
    matches : ndarray of int, shape (n_events,)
        The row of `truth`, counted from 0, that each event is matched with; -1 for a
        false positive.

    Raises
    ------
    ValueError
        Where a table lacks a column, or a row a file, label or length, naming it.

    See Also
    --------
    event_scores : Precision, recall and F1 of such matches.

    Notes
    -----
    With ``method="collar"`` the number of matches is that of ``sed_eval`` with
    ``event_matching_type="optimal"`` [1]_.

    References
    ----------
    .. [1] A. Mesaros, T. Heittola, T. Virtanen, "Metrics for polyphonic sound event
       detection", Applied Sciences 6(6), 2016.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.metrics import match_events
    >>> columns = ["audio_file", "annotation", "start_time", "end_time"]
    >>> truth = [("a.wav", "frog", 1.0, 2.0), ("a.wav", "frog", 5.0, 6.0)]
    >>> events = [("a.wav", "frog", 1.5, 5.5), ("a.wav", "frog", 5.5, 6.5),
    ...           ("a.wav", "cat", 1.0, 2.0)]
    >>> match_events(
    ...     pd.DataFrame(events, columns=columns), pd.DataFrame(truth, columns=columns)
    ... )
    array([ 0,  1, -1])
    """
    rule = MatchingRule(method, min_overlap, min_iou, collar, offset_collar)
    matches = np.full(len(events), -1)
    events, truth, *_ = read_pair(events, truth)
    matched = rule.match(events, truth)
    is_match = matched >= 0
    rows = truth["row"].to_numpy()[matched[is_match]]
    matches[events["row"].to_numpy()[is_match]] = rows
    return matches


class MatchingRule:
    """Which events and annotations may be matched.

    Parameters
    ----------
    method, min_overlap, min_iou, collar, offset_collar
        As of `match_events`.
    """

    def __init__(self, method, min_overlap, min_iou, collar, offset_collar):
        one_of("method", method, METHODS)
        for name, value, most in (
            ("min_overlap", min_overlap, np.inf),
            ("min_iou", min_iou, 1),
            ("collar", collar, np.inf),
            ("offset_collar", offset_collar, np.inf),
        ):
            is_none = name == "offset_collar" and value is None
            if not is_none and not (isinstance(value, Real) and 0 <= value <= most):
                raise ValueError(f"{name}={value!r}: expected a number, at least 0.")
        self.method = method
        self.min_overlap, self.min_iou = min_overlap, min_iou
        self.collar, self.offset_collar = collar, offset_collar

    def match(self, events, truth):
        """Match as many as possible, and of all ways to do so take the best.

        Parameters
        ----------
        events, truth : DataFrame
            As `read_pair` returns them.

        Returns
        -------
        matched : ndarray of int, shape (n_events,)
            The annotation of each event, or -1.
        """
        matched = np.full(len(events), -1)
        for rows, others, *pairs in self._groups(events, truth):
            found = _best_matches(*pairs, len(rows), len(others))
            matched[rows] = np.where(found >= 0, others[found], -1)
        return matched

    def match_by_score(self, events, truth):
        """Match events in the order of their scores, the highest first.

        Of all events down to any score, those that are matched are as many as possible.

        Parameters
        ----------
        events, truth : DataFrame
            As `read_pair` returns them; events with ``score``.

        Returns
        -------
        is_match : ndarray of bool, shape (n_events,)
        """
        is_match = np.zeros(len(events), bool)
        scores = events["score"].to_numpy()
        for rows, _, one, other, _ in self._groups(events, truth):
            is_match[rows] = _ranked_matches(one, other, scores[rows])
        return is_match

    def _groups(self, events, truth):
        """List, for each recording and class, the pairs that may be matched."""
        keys = ["recording", "annotation"]
        of_truth = truth.groupby(keys, sort=False).indices
        for key, rows in events.groupby(keys, sort=False).indices.items():
            if key in of_truth:
                others = of_truth[key]
                spans = (
                    table[column].to_numpy()[chosen]
                    for table, chosen in ((events, rows), (truth, others))
                    for column in ("start_time", "end_time")
                )
                one, other, goodness = getattr(self, f"_{self.method}")(*spans)
                yield rows, others, one, other, goodness

    def _overlap(self, starts, ends, true_starts, true_ends):
        one, other = overlapping_pairs(starts, ends, true_starts, true_ends)
        common = np.minimum(ends[one], true_ends[other])
        common -= np.maximum(starts[one], true_starts[other])
        both = (ends - starts)[one] + (true_ends - true_starts)[other] - common
        iou = common / both
        enough = (common >= self.min_overlap) & (iou >= self.min_iou)
        return one[enough], other[enough], iou[enough]

    def _collar(self, starts, ends, true_starts, true_ends):
        # Spans of two collars around the starts overlap where these are near enough.
        width = self.collar + 1e-6
        one, other = overlapping_pairs(
            starts - 1e-6, starts + 1e-6, true_starts - width, true_starts + width
        )
        distance = np.abs(starts[one] - true_starts[other])
        near = distance <= self.collar
        if self.offset_collar is not None:
            lengths = (true_ends - true_starts)[other]
            at_end = np.abs(ends[one] - true_ends[other])
            near &= at_end <= np.maximum(self.collar, self.offset_collar * lengths)
            distance = distance + at_end
        return one[near], other[near], 1 / (1 + distance[near])


def _best_matches(event, annotation, goodness, n_events, n_annotations):
    """Return the annotation of each event, or -1."""
    if not len(event):
        return np.full(n_events, -1)
    # Every event may also take a place of its own, which means no match. One more match
    # outweighs any goodness. Weights of 0 would be no entries.
    own = np.arange(n_events)
    weights = np.r_[n_events + 1 + goodness, np.ones(n_events)]
    row = np.r_[event, own].astype(np.int32)  # as scipy 1.13 asks for
    column = np.r_[annotation, n_annotations + own].astype(np.int32)
    shape = (n_events, n_annotations + n_events)
    graph = coo_array((weights, (row, column)), shape=shape).tocsr()
    row, column = min_weight_full_bipartite_matching(graph, maximize=True)
    matched = np.empty(n_events, int)
    matched[row] = np.where(column < n_annotations, column, -1)
    return matched


def _ranked_matches(event, annotation, scores):
    """Return which events are matched, those of high scores first."""
    of_event = [[] for _ in scores]
    for one, other in zip(event.tolist(), annotation.tolist(), strict=True):
        of_event[one].append(other)
    event_of, annotation_of = {}, {}

    def place(new):
        """Match an event; others move to their next where that makes room (Kuhn)."""
        reached_from, queue = {}, [new]
        for one in queue:  # grows
            for other in of_event[one]:
                if other in reached_from:
                    continue
                reached_from[other] = one
                if other in event_of:
                    queue.append(event_of[other])
                    continue
                while other is not None:
                    one = reached_from[other]
                    before = annotation_of.get(one)
                    event_of[other], annotation_of[one] = one, other
                    other = before
                return True
        return False

    is_match = np.zeros(len(scores), bool)
    for one in np.argsort(-scores, kind="stable").tolist():
        is_match[one] = place(one)
    return is_match
