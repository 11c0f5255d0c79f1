"""Out-of-fold predictions by grouped cross-validation."""

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.model_selection import PredefinedSplit
from sklearn.pipeline import Pipeline
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.utils import check_random_state, indexable

from skaudio import _nets
from skaudio._utils.fit_groups import groups_for_fit
from skaudio._utils.folds import split_folds, untested_classes
from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import one_per_clip
from skaudio._utils.progress import bars_of_parts, progress_bar
from skaudio._utils.rows import take_rows
from skaudio._utils.threads import limited_threads
from skaudio._utils.warn import warn_user
from skaudio.audit import group_clips
from skaudio.classifiers import FixMatchClassifier
from skaudio.model_selection._precompute import Precomputed
from skaudio.pretrained import open_networks


def cross_validated_predictions(
    estimator,
    X,
    y,
    groups=None,
    *,
    cv=5,
    random_state=None,
    n_jobs=None,
    on_fold=None,
    verbose=0,
):
    """Predict each clip by a model trained without it and its group.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Cloned for each fold. Groups also reach its inner split. Leading steps that
        decode clips and extract features are precomputed once for all folds.
    X : array-like of shape (n,) or (n, ...)
        What `estimator` takes, usually paths.
    y : array-like of shape (n,)
        Where the classifier is semi-supervised (`FixMatchClassifier`,
        scikit-learn's SelfTrainingClassifier), rows of -1 have no label, nor have rows
        of None for skaudio's: they train in every fold whose test clips share no group
        with them, and are not scored.
    groups : array-like of shape (n,) or None, default=None
        None finds them with `group_clips`; `X` must then list clips.
    cv : int or cross-validation splitter, default=5
        An integer is ``StratifiedGroupKFold(cv, shuffle=True)``. It splits the rows
        that have a label.
    random_state : int, RandomState or None, default=None
        Shuffles the folds.
    n_jobs : int or None, default=None
        Folds that run at once, through joblib.
    on_fold : callable or None, default=None
        Called as ``on_fold(n_done, n_folds)`` when a fold is done.
    verbose : int, default=0
        As in `cross_validated_report`.

    Returns
    -------
    predictions : DataFrame
        One row per labelled clip, in order, its row in `X` as the index: ``fold`` (from
        0), ``true``, ``predicted`` and one column of probabilities per class, named
        after it. A class that a fold's training part lacks has probability 0 there. A
        clip that no fold scores has no row.

    Examples
    --------
    >>> from skaudio import CNN1DClassifier, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import cross_validated_predictions
    >>> from sklearn.pipeline import make_pipeline
    >>> calls = make_animal_sounds(6, n_classes=2, random_state=0)
    >>> estimator = make_pipeline(
    ...     LogMelExtractor(n_mels=32, n_frames=60),
    ...     CNN1DClassifier(max_epochs=2, random_state=0),
    ... )
    >>> predictions = cross_validated_predictions(
    ...     estimator, calls.data, calls.target, calls.groups, cv=2, random_state=0
    ... )
    >>> predictions.columns.tolist()
    ['fold', 'true', 'predicted', 'cat', 'cow']
    """
    X, y = indexable(X, _as_labels(estimator, y))
    open_networks(estimator)
    groups = group_clips(X, n_jobs=n_jobs) if groups is None else groups
    groups = as_groups(groups, len(y))
    true, labelled = y, np.ones(len(y), bool)
    if is_semi_supervised(estimator):
        true, labelled = _nets.fixmatch.known_labels(y)
    rows, true = np.flatnonzero(labelled), true[labelled]
    if len(rows) < len(y) and (
        isinstance(cv, PredefinedSplit)
        or not (isinstance(cv, int) or hasattr(cv, "split"))
    ):
        raise ValueError(
            "Some rows have no label, and cv lists the rows of its folds: expected an "
            "integer or a splitter such as StratifiedGroupKFold, which splits only the "
            "labelled rows."
        )
    folds = split_folds(
        *(take_rows(X, rows), true, groups[rows], cv),
        check_random_state(random_state),
    )
    if untested := untested_classes(true, groups[rows], folds):
        warn_user(untested)
    folds = [(rows[train], rows[test]) for train, test in folds]
    unlabelled = np.flatnonzero(~labelled)
    classes = np.unique(true)
    with bars_of_parts(verbose):
        estimator, X = Precomputed().apply(estimator, X)
    predictions = pd.DataFrame({"fold": -1, "true": true, "predicted": true}, rows)
    results = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_predict_fold)(clone(estimator), X, y, groups, train, test, unlabelled)
        for train, test in folds
    )
    probabilities = np.zeros((len(y), len(classes)))
    with progress_bar("folds", len(folds), verbose, unit="fold") as bar:
        for number, (fold_classes, fold_probabilities) in enumerate(results):
            test = folds[number][1]
            places = np.searchsorted(classes, fold_classes)
            probabilities[np.ix_(test, places)] = fold_probabilities
            predictions.loc[test, "fold"] = number
            bar.update()
            if on_fold is not None:
                on_fold(number + 1, len(folds))
    probabilities = probabilities[rows]
    predictions["predicted"] = classes[probabilities.argmax(axis=1)]
    of_classes = pd.DataFrame(probabilities, rows, classes.tolist())
    predictions = pd.concat([predictions, of_classes], axis=1)
    # A splitter such as SourceGroupKFold leaves clips unscored.
    return predictions[predictions["fold"] >= 0]


def fit_with_groups(estimator, X, y, groups):
    """Fit, passing groups to the inner split of the classifier if it has one.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Fitted in place.
    X : array-like of shape (n,) or (n, ...)
    y : array-like of shape (n,) or (n, n_classes)
    groups : array-like of shape (n,) or None
        Passed to ``fit`` of the last step where that takes ``groups``.

    Returns
    -------
    estimator : classifier or Pipeline

    Examples
    --------
    >>> from skaudio import CNN1DClassifier, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import fit_with_groups
    >>> from sklearn.pipeline import make_pipeline
    >>> calls = make_animal_sounds(6, n_classes=2, random_state=0)
    >>> model = make_pipeline(
    ...     LogMelExtractor(n_mels=32, n_frames=60),
    ...     CNN1DClassifier(max_epochs=2, random_state=0),
    ... )
    >>> model = fit_with_groups(model, calls.data, calls.target, calls.groups)
    >>> model.classes_.tolist()
    ['cat', 'cow']
    """
    with limited_threads(1):
        return estimator.fit(X, y, **groups_for_fit(estimator, groups))


def is_semi_supervised(estimator):
    """Return whether a classifier, or a pipeline's last step, is semi-supervised.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    is_semi_supervised : bool
        Where True, -1 marks a row without a label.
    """
    final = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    return isinstance(final, (SelfTrainingClassifier, FixMatchClassifier))


def _as_labels(estimator, y):
    """Check labels; of a semi-supervised classifier, keep those that are missing."""
    if not is_semi_supervised(estimator):
        return one_per_clip(y)
    values = np.asarray(y, dtype=object)
    # numpy would make the text "nan" of a missing label beside text.
    is_text = any(isinstance(value, str) for value in values)
    return values if is_text else np.asarray(y)


def _predict_fold(estimator, X, y, groups, train, test, unlabelled):
    apart = ~np.isin(groups[unlabelled], groups[test])
    train = np.concatenate([train, unlabelled[apart]])
    fit_with_groups(estimator, take_rows(X, train), y[train], groups[train])
    with limited_threads(1):
        return estimator.classes_, estimator.predict_proba(take_rows(X, test))
