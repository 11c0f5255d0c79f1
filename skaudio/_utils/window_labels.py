"""Which annotations a window contains."""

import numpy as np


def overlapping_pairs(starts, ends, other_starts, other_ends):
    """List the pairs of spans that overlap.

    Parameters
    ----------
    starts, ends : ndarray of float, shape (n,)
    other_starts, other_ends : ndarray of float, shape (m,)
        In any order.

    Returns
    -------
    one, other : ndarray of int, shape (n_pairs,)
        Spans that only touch do not overlap.
    """
    order = np.argsort(other_starts, kind="stable")
    # The first that may reach into the span, and the first that begins after it.
    low = np.searchsorted(np.maximum.accumulate(other_ends[order]), starts, "right")
    high = np.searchsorted(other_starts[order], ends, "left")
    counts = np.maximum(high - low, 0)
    one = np.repeat(np.arange(len(starts)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    other = order[np.repeat(low, counts) + within]
    overlap = (other_starts[other] < ends[one]) & (other_ends[other] > starts[one])
    return one[overlap], other[overlap]


def label_windows(starts, ends, annotations, classes, min_overlap, min_label_fraction):
    """Say which classes are heard in the windows of one recording.

    Parameters
    ----------
    starts, ends : ndarray of float, shape (n,)
        Seconds.
    annotations : DataFrame
        ``annotation``, ``start_time`` and ``end_time`` of this recording.
    classes : list
    min_overlap : float
        Least seconds that an annotation and a window have in common.
    min_label_fraction : float or None
        A share of an annotation that is enough as well, however short it is.

    Returns
    -------
    labels : ndarray of bool, shape (n, n_classes)
    is_held : ndarray of bool, shape (n_annotations,)
        Whether any window is labelled with an annotation.
    """
    labels = np.zeros((len(starts), len(classes)), bool)
    begin, end = (
        annotations[name].to_numpy(dtype=float) for name in ("start_time", "end_time")
    )
    codes = {name: code for code, name in enumerate(classes)}
    code = np.array([codes.get(name, -1) for name in annotations["annotation"]], int)
    window, other = overlapping_pairs(starts, ends, begin, end)
    common = np.minimum(ends[window], end[other])
    common = common - np.maximum(starts[window], begin[other])
    # 3 * 0.1 s is 0.3 s.
    enough = common >= min_overlap - 1e-9
    if min_label_fraction is not None:
        enough |= common >= min_label_fraction * (end - begin)[other] - 1e-9
    enough &= code[other] >= 0
    labels[window[enough], code[other[enough]]] = True
    is_held = np.zeros(len(begin), bool)
    is_held[other[enough]] = True
    return labels, is_held
