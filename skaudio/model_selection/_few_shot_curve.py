"""Accuracy against the number of labelled clips per class."""

import warnings
from numbers import Integral

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils import check_random_state, indexable

from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import one_per_clip
from skaudio._utils.progress import bars_of_parts, progress_bar
from skaudio._utils.random_state import with_seed
from skaudio._utils.rows import take_rows
from skaudio._utils.threads import limited_threads
from skaudio._utils.warn import warn_user
from skaudio.audit import group_clips
from skaudio.metrics import score_predictions
from skaudio.model_selection._cross_validated_predictions import (
    fit_with_groups,
)
from skaudio.model_selection._precompute import Precomputed

_SCORES = ("accuracy", "weighted_f1", "macro_f1", "balanced_accuracy")
_MAX_SPLITS = 1000  # tried for one whose training part has every class


def few_shot_curve(
    estimator,
    X,
    y,
    groups=None,
    *,
    n_shots=(1, 2, 5, 10, 20),
    n_repeats=10,
    cv=5,
    random_state=0,
    n_jobs=None,
    on_fit=None,
    verbose=0,
):
    """Score a classifier fitted on a few clips per class.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Cloned for each fit. Leading steps that decode clips and extract features are
        precomputed once. Groups reach its inner split if it has one; a few clips cannot
        be split: pass ``early_stopping=False``.
    X : array-like of shape (n,) or (n, ...)
        What `estimator` takes, usually paths.
    y : array-like of shape (n,)
        Labels.
    groups : array-like of shape (n,) or None, default=None
        None finds them with `group_clips`; `X` must then list clips.
    n_shots : int or sequence of int, default=(1, 2, 5, 10, 20)
        Training clips per class.
    n_repeats : int, default=10
        Draws of the training clips and of the scored clips.
    cv : int, default=5
        Number of grouped folds. Each repeat scores one fold and draws the training
        clips from the others; with `cv` repeats every clip is scored equally often.
    random_state : int, RandomState or None, default=0
        Seeds each repeat differently: its draw and the estimator. The same integer
        draws the same clips for every estimator.
    n_jobs : int or None, default=None
        Fits that run at once, through joblib.
    on_fit : callable or None, default=None
        Called as ``on_fit(n_done, n_fits)`` when a fit is done.
    verbose : int, default=0
        As in `cross_validated_report`.

    Returns
    -------
    table : DataFrame
        One row per number of shots: ``n_shots``, ``n_clips`` (median number of training
        clips per fit), ``n_repeats``, and for ``accuracy``, ``weighted_f1``,
        ``macro_f1`` and ``balanced_accuracy`` the median over the repeats, with the
        lowest and the highest in ``_low`` and ``_high``. This is the range over the
        draws, not a confidence interval.

    Raises
    ------
    ValueError
        Where a class has only one group, so that it cannot be both trained on and
        scored; where `n_shots` or `n_repeats` is below 1.

    Warns
    -----
    UserWarning
        Where a class has fewer clips to draw from than `n_shots`: all are drawn.

    See Also
    --------
    skaudio.displays.FewShotCurveDisplay : Draws the table.
    cross_validated_predictions : Trains on all clips of the other folds.

    Notes
    -----
    The scored clips share no group with the training clips. In each class, every group
    gives one clip before any group gives a second: five clips of one recording are
    little more than one. Within a repeat, fewer shots are a subset of more shots, and
    the scored clips are the same.

    Examples
    --------
    >>> from skaudio import MFCCStatistics, PrototypicalClassifier
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import few_shot_curve
    >>> from sklearn.pipeline import make_pipeline
    >>> calls = make_animal_sounds(12, n_classes=3, random_state=0)
    >>> model = make_pipeline(MFCCStatistics(), PrototypicalClassifier())
    >>> table = few_shot_curve(
    ...     model, calls.data, calls.target, calls.groups, n_shots=(1, 4), n_repeats=4
    ... )
    >>> table[["n_shots", "n_clips", "n_repeats"]].values.tolist()
    [[1, 3, 4], [4, 12, 4]]
    """
    numbers = _numbers(n_shots)
    if n_repeats < 1:
        raise ValueError(f"n_repeats={n_repeats!r}: expected at least 1.")
    X, y = indexable(X, one_per_clip(y))
    groups = group_clips(X, n_jobs=n_jobs) if groups is None else groups
    groups = as_groups(groups, len(y))
    seeds = check_random_state(random_state).randint(2**31 - 1, size=n_repeats)
    draws = [
        (repeat, number, _first(order, number), scored)
        for repeat, (order, scored) in enumerate(_draws(y, groups, cv, seeds))
        for number in numbers
    ]
    _warn_of_small_classes(y, draws, max(numbers))
    with bars_of_parts(verbose):
        estimator, X = Precomputed().apply(estimator, X)
    fits = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_fit_and_score)(
            with_seed(estimator, int(seeds[repeat])), X, y, groups, shots, scored
        )
        for repeat, _, shots, scored in draws
    )
    rows = []
    with progress_bar("fits", len(draws), verbose, unit="fit") as bar:
        for scores in fits:
            _, number, shots, _ = draws[len(rows)]
            rows.append({"n_shots": number, "n_clips": len(shots), **scores})
            bar.update()
            if on_fit is not None:
                on_fit(len(rows), len(draws))
    return _summary(pd.DataFrame(rows))


def _numbers(n_shots):
    numbers = np.atleast_1d(n_shots).tolist()
    if not numbers or not all(isinstance(v, Integral) and v > 0 for v in numbers):
        raise ValueError(
            f"n_shots={n_shots!r}: expected numbers of clips per class, each at least "
            "1."
        )
    return sorted(set(numbers))


def _draws(y, groups, cv, seeds):
    """Yield, for each repeat, the order of each class's clips, and the scored rows."""
    labels = np.unique(y)
    few = [v for v in labels.tolist() if len(np.unique(groups[y == v])) < 2]
    if few:
        raise ValueError(
            f"Only one group of clips in {', '.join(map(repr, few))}: expected at "
            "least 2 per class, to train on one and score another. Add clips of other "
            "sources, or leave the class out."
        )
    folds = _folds(y, groups, cv, int(seeds[0]))
    for seed in seeds:
        pool, scored = next(folds)
        rng = np.random.default_rng(seed)
        yield [_by_turns(pool[y[pool] == v], groups, rng) for v in labels], scored


def _folds(y, groups, cv, seed):
    """Yield folds whose training part has every class."""
    n_classes = len(np.unique(y))
    for number in range(_MAX_SPLITS):
        splitter = StratifiedGroupKFold(
            cv, shuffle=True, random_state=int(seed) + number
        )
        with warnings.catch_warnings():
            # The smallest class may have fewer clips than there are folds.
            warnings.filterwarnings("ignore", "The least populated class")
            splits = list(splitter.split(np.zeros(len(y)), y, groups))
        for pool, scored in splits:
            if len(np.unique(y[pool])) == n_classes:
                yield pool, scored
    raise ValueError(
        f"cv={cv}: no split of {len(np.unique(groups))} groups has every class in its "
        "training part. Add groups of the rare classes."
    )


def _by_turns(rows, groups, rng):
    """Order rows so that every group gives one row before any gives a second."""
    rows = rng.permutation(rows)
    seen = {}
    turns = []
    for group in groups[rows].tolist():
        turns.append(seen.get(group, 0))
        seen[group] = turns[-1] + 1
    return rows[np.argsort(turns, kind="stable")]


def _first(order, number):
    return np.sort(np.concatenate([rows[:number] for rows in order]))


def _warn_of_small_classes(y, draws, most):
    counts = pd.Series(most, index=np.unique(y))
    for _, number, shots, _ in draws:
        if number == most:
            counts = counts.clip(upper=pd.Series(y[shots]).value_counts())
    few = counts[counts < most]
    if len(few):
        listed = ", ".join(f"{label!r} {n:.0f}" for label, n in few.items())
        warn_user(
            f"Fewer than {most} clips to draw from ({listed}): some repeats train on "
            "all clips of these classes."
        )


@limited_threads(1)
def _fit_and_score(estimator, X, y, groups, shots, scored):
    fit_with_groups(estimator, take_rows(X, shots), y[shots], groups[shots])
    scores = score_predictions(y[scored], estimator.predict(take_rows(X, scored)))
    return {name: scores[name] for name in _SCORES}


def _summary(fits):
    by_number = fits.groupby("n_shots")
    table = by_number["n_clips"].median().astype(int).to_frame()
    table["n_repeats"] = by_number.size()
    for name in _SCORES:
        table[name] = by_number[name].median()
        table[f"{name}_low"] = by_number[name].min()
        table[f"{name}_high"] = by_number[name].max()
    return table.reset_index()
