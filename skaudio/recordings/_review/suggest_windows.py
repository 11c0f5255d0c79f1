"""Which windows to label next, so that a model learns most from them."""

import os
from numbers import Integral
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

from skaudio._utils.choices import one_of
from skaudio._utils.random_state import own_random_state
from skaudio._utils.score_table import as_score_table
from skaudio._utils.verdicts import as_verdicts
from skaudio.recordings._review.draw_for_review import allocated, pivotal_sample
from skaudio.recordings._search.apart import apart, overlapping, side_by_side
from skaudio.recordings._search.embedding_index import EmbeddingIndex

STRATEGIES = ("random", "stratified", "margin", "diverse")
_EDGES = (0.1, 0.3, 0.5, 0.7, 0.9)  # of the strata of scores
_CANDIDATES = 10  # for each window that "diverse" chooses
_MOST_CANDIDATES = 20_000  # of an index alone


def suggest_windows(
    scores_or_index,
    strategy="margin",
    n=50,
    *,
    classes=None,
    label="animal",
    index=None,
    checked=None,
    random_state=None,
):
    """Suggest windows to label next.

    Judged on the page of `write_review`, they become training clips
    (`verdicts_to_clips`); train again, score again, and ask for more.

    Parameters
    ----------
    scores_or_index : DataFrame or EmbeddingIndex
        The scores of a model, as `score_recordings` gives them; or where there is no
        model yet an index, for "random" and "diverse".
    strategy : {"random", "stratified", "margin", "diverse"}, default="margin"
        - "random": any windows;
        - "stratified": at random, equally many from each of six ranges of the score of
          a class (up to 0.1, 0.3, 0.5, 0.7, 0.9 and 1);
        - "margin": those whose score is nearest to 0.5, of which the model knows least;
        - "diverse": of ten times as many of these, some that sound unlike each other;
          of an index alone, of all windows.
    n : int, default=50
        Windows, divided evenly among the classes; fewer where there are fewer.
    classes : list or None, default=None
        For which classes. None is all except background.
    label : str, default="animal"
        Of the windows of an index, to which no model has given a class.
    index : EmbeddingIndex or None, default=None
        Of the recordings that were scored, for "diverse".
    checked : DataFrame or None, default=None
        Verdicts so far, as `read_verdicts` gives them: no window is suggested that
        overlaps with one of them.
    random_state : int, RandomState or None, default=None

    Returns
    -------
    windows : DataFrame
        The columns of `read_verdicts`, without verdicts; no window twice, and of one
        class none that overlap. For "random" and "stratified" with ``stratum`` and
        ``inclusion_probability``, that of a window among those that do not overlap with
        each other or with `checked`; else these are empty, and no share of calls can be
        estimated from the verdicts.

    Raises
    ------
    ValueError
        Where a strategy needs scores or an index that lacks, a class is unknown, or no
        window is left.

    See Also
    --------
    draw_for_review : Draws events, for thresholds that keep a promise.
    EmbeddingIndex.search : Where there is one example of a class.

    Notes
    -----
    Which strategy teaches most is measured by ``benchmarks/loop.py``.

    References
    ----------
    D. D. Lewis, W. A. Gale, "A sequential algorithm for training text classifiers",
    SIGIR (1994), for "margin".
    G. Citovsky et al., "Batch active learning at scale", NeurIPS (2021), for "diverse".

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from skaudio.recordings import suggest_windows
    >>> starts = np.arange(0.0, 30.0, 3.0)
    >>> scores = pd.DataFrame(
    ...     {
    ...         "file": "dawn.wav",
    ...         "start_time": starts,
    ...         "end_time": starts + 3,
    ...         "Frog": [0.0, 0.1, 0.4, 0.9, 1.0, 0.7, 0.2, 0.0, 0.0, 0.1],
    ...     }
    ... )
    >>> windows = suggest_windows(scores, "margin", n=2)
    >>> windows[["start_time", "label", "score"]].values.tolist()
    [[6.0, 'Frog', 0.4], [15.0, 'Frog', 0.7]]
    """
    one_of("strategy", strategy, STRATEGIES)
    if not isinstance(n, Integral) or n < 1:
        raise ValueError(f"n={n!r}: expected a number of windows, 1 or more.")
    rng = own_random_state(random_state)
    windows = _as_windows(scores_or_index, classes, label, strategy)
    if strategy == "diverse" and windows.scores is not None and index is None:
        raise ValueError(
            "strategy='diverse' of scores: pass index, the EmbeddingIndex of the "
            "recordings."
        )
    free = windows.good.copy()
    if checked is not None:
        free &= ~windows.overlapping(_spans(checked, windows.files))
    if not free.any():
        raise ValueError(
            f"No window is left of {len(free)}: all have failed, or overlap with "
            "checked ones."
        )
    if strategy in ("random", "stratified"):
        tables = _drawn(windows, windows.side_by_side(free), strategy, n, rng)
    else:
        if isinstance(scores_or_index, EmbeddingIndex):
            index = scores_or_index
        tables = _chosen(windows, free, strategy, n, index, rng)
    return as_verdicts(pd.concat(tables, ignore_index=True))


class _Windows(NamedTuple):
    """Windows sorted by file and time; without scores where no model gave any."""

    files: np.ndarray
    file_index: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    scores: np.ndarray | None
    labels: list
    good: np.ndarray

    @property
    def spans(self):
        """File, start and end of each window."""
        return self.file_index, self.starts, self.ends

    def side_by_side(self, free):
        """Return rows of free windows that do not overlap, as many as there are."""
        return side_by_side(*self.spans, np.flatnonzero(free))

    def overlapping(self, others):
        """Return which windows overlap with others: file, start and end of each."""
        return overlapping(*self.spans, others)

    def table(self, rows, k, **columns):
        """Make a table of rows, of the class `k` or of one for each row."""
        k = np.broadcast_to(k, len(rows))
        scores = np.nan if self.scores is None else self.scores[rows, k]
        return pd.DataFrame(
            {
                "file": self.files[self.file_index[rows]],
                "start_time": self.starts[rows],
                "end_time": self.ends[rows],
                "label": [str(self.labels[place]) for place in k],
                "score": scores,
                **columns,
            }
        )


def _as_windows(scores_or_index, classes, label, strategy):
    if not isinstance(scores_or_index, EmbeddingIndex):
        table = as_score_table(scores_or_index, classes)
        return _Windows(
            *(table.files, table.file_index, table.starts, table.ends),
            *(table.values, table.classes, np.isfinite(table.values).all(axis=1)),
        )
    if strategy not in ("random", "diverse"):
        raise ValueError(
            f"strategy={strategy!r} of an index: expected the scores of a model, or "
            "'random' or 'diverse'."
        )
    file, start, end = map(
        scores_or_index.windows.get_level_values, ["file", "start_time", "end_time"]
    )
    file_index, files = pd.factorize(file)
    good = np.isfinite(scores_or_index.components).all(axis=1)
    times = start.to_numpy(), end.to_numpy()
    return _Windows(np.asarray(files), file_index, *times, None, [label], good)


def _drawn(windows, rows, strategy, n, rng):
    """Draw windows at random, all of a stratum with equal probability."""
    files = windows.file_index[rows]
    if strategy == "random":
        taken = rows[pivotal_sample(files, min(n, len(rows)), rng)]
        best = 0 if windows.scores is None else windows.scores[taken].argmax(axis=1)
        design = {"stratum": "1", "inclusion_probability": len(taken) / len(rows)}
        return [windows.table(taken, best, **design)]
    tables = []
    for k, n_wanted in enumerate(_shared(n, len(windows.labels))):
        stratum = np.digitize(windows.scores[rows, k], _EDGES)
        sizes = np.bincount(stratum, minlength=len(_EDGES) + 1)
        numbers = _evenly(sizes, n_wanted)
        for place in np.flatnonzero(numbers):
            inside = stratum == place
            taken = pivotal_sample(files[inside], numbers[place], rng)
            design = {
                "stratum": str(place + 1),
                "inclusion_probability": numbers[place] / sizes[place],
            }
            tables.append(windows.table(rows[inside][taken], k, **design))
    return tables


def _evenly(sizes, n_wanted):
    """Divide windows among strata, high scores first where there are fewer."""
    if n_wanted < (sizes > 0).sum():
        numbers = np.zeros_like(sizes)
        numbers[np.flatnonzero(sizes)[::-1][:n_wanted]] = 1
        return numbers
    return allocated(sizes, np.ones(len(sizes)), n_wanted)


def _chosen(windows, free, strategy, n, index, rng):
    """Choose the windows of which there is most to learn."""
    tables = []
    for k, n_wanted in enumerate(_shared(n, len(windows.labels))):
        if windows.scores is None:
            rows = rng.permutation(windows.side_by_side(free))[:_MOST_CANDIDATES]
        else:
            rows = np.flatnonzero(free)
            unsure = np.abs(windows.scores[rows, k] - 0.5)
            n_candidates = n_wanted * (_CANDIDATES if strategy == "diverse" else 1)
            order = rows[np.argsort(unsure, kind="stable")]
            rows = apart(*windows.spans, order, n_candidates)
        if strategy == "diverse" and len(rows) > n_wanted > 0:
            table = windows.table(rows, k)
            rows = rows[_unlike(index.components[index.rows(table)], n_wanted, rng)]
        tables.append(windows.table(rows, k))
        taken = zip(*(one[rows] for one in windows.spans), strict=True)
        free &= ~windows.overlapping(taken)
    return tables


def _unlike(vectors, n, rng):
    """Return one row of each of some clusters, that nearest to the middle."""
    vectors = np.nan_to_num(vectors)
    means = KMeans(n, n_init=1, random_state=rng).fit(vectors)
    distances = means.transform(vectors)
    return np.unique(distances.argmin(axis=0))


def _shared(n, n_classes):
    """Divide windows evenly among classes."""
    return [len(part) for part in np.array_split(np.arange(n), n_classes)]


def _spans(checked, files):
    """List file, start and end of windows that have been judged, of these files."""
    places = {os.path.abspath(file): k for k, file in enumerate(files)}
    needed = ["file", "start_time", "end_time", "verdict"]
    lacking = [name for name in needed if name not in checked]
    if lacking:
        raise ValueError(
            f"checked: no column {', '.join(lacking)}, expected those of read_verdicts."
        )
    table = checked[checked["verdict"].notna()]
    return [
        (places[os.path.abspath(file)], start, end)
        for file, start, end in table[["file", "start_time", "end_time"]].to_numpy()
        if os.path.abspath(file) in places
    ]
