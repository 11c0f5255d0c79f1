"""Fit many pipelines on many folds and seeds; nothing that is done is done again."""

import time
from typing import NamedTuple

import numpy as np
import torch
from joblib import Parallel, delayed
from sklearn.model_selection import StratifiedGroupKFold, check_cv
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from skaudio._utils.random_state import with_seed
from skaudio.model_selection._cross_validated_predictions import (
    fit_with_groups,
    is_semi_supervised,
    take_rows,
)
from skaudio.model_selection._precompute import Precomputed
from skaudio.model_selection._result_cache import ResultCache, result_key, row_digests


class Run(NamedTuple):
    """One fit of one pipeline, and what it predicts."""

    name: str  # of the pipeline
    seed: int
    fold: int | None  # None: fitted on all rows, scored on the test set
    train: np.ndarray  # rows of X
    score: np.ndarray  # rows of X, or of the test set


_UNLABELLED = (
    "y holds rows without a label (None or -1): expected labelled clips alone. "
    "cross_validated_predictions also takes others, which train and are not scored."
)


def check_cache_seed(cache_dir, random_state):
    """Raise where results are to be kept, but no fixed seed can find them again."""
    if cache_dir is not None and not isinstance(random_state, (int, np.integer)):
        raise ValueError(
            f"random_state={random_state!r} with a cache_dir: a result can only be "
            "found again under a fixed seed, expected an integer."
        )


def check_folds(y, groups, n_folds):
    """Raise where no class has as many groups of clips as there are folds."""
    labels, codes = np.unique(y, return_inverse=True)
    n_groups = [len(np.unique(groups[codes == code])) for code in range(len(labels))]
    if max(n_groups) < n_folds:
        most = int(np.argmax(n_groups))
        raise ValueError(
            f"cv={n_folds}: no class has so many groups of clips; {labels[most]} has "
            f"the most, {n_groups[most]}."
        )


def plan_folds(name, X, y, groups, cv, seeds):
    """List the runs of one pipeline over the folds of each seed."""
    if any(label is None for label in y):
        raise ValueError(_UNLABELLED)
    runs = []
    for seed in seeds:
        folds = cv
        if isinstance(cv, int):
            check_folds(y, groups, cv)
            folds = StratifiedGroupKFold(cv, shuffle=True, random_state=seed)
        splits = check_cv(folds, y, classifier=True).split(X, y, groups)
        for fold, (train, score) in enumerate(splits):
            runs.append(Run(name, seed, fold, train, score))
    return runs


def execute_runs(
    runs, pipelines, X, y, groups, test=None, cache_dir=None, n_jobs=None, on_run=None
):
    """Fit and predict, each run in one thread, so that its result is always the same.

    Parameters
    ----------
    runs : list of Run
    pipelines : dict of name to estimator
    X, y, groups : list of clips, arrays of shape (n,)
    test : (X, y) or None
    cache_dir : path or None
        Where finished runs are kept.
    n_jobs : int or None
        Processes.
    on_run : callable or None
        Called as ``on_run(n_done, n_runs, run)``, first with what was done before.

    Returns
    -------
    results : list of dict, one a run
        ``predicted``, places in the sorted labels of `y`; ``probabilities`` in the same
        order, or None; ``fit_seconds`` and ``predict_seconds``, of what remains when
        sounds are decoded and their log-mels taken; ``n_parameters`` and ``history``
        (see `AudioClassifier`), or None.
    """
    if any(label == -1 for label in y) and any(
        is_semi_supervised(pipelines[run.name]) for run in runs
    ):
        raise ValueError(_UNLABELLED)
    store = ResultCache(cache_dir)
    classes = np.unique(y)
    estimators = [with_seed(pipelines[run.name], run.seed) for run in runs]
    keys = [None] * len(runs)
    if cache_dir is not None:
        keys = _keys(runs, estimators, X, y, groups, test)
    results = [store.read(key) for key in keys]
    waiting = [place for place, result in enumerate(results) if result is None]
    n_done = len(runs) - len(waiting)
    if on_run is not None:
        on_run(n_done, len(runs), None)
    shared, shared_test = Precomputed(), Precomputed()

    def tasks():
        for place in waiting:
            run, estimator = runs[place], estimators[place]
            rest, rows = shared.apply(estimator, X)
            scored = rows
            if run.fold is None:
                scored = shared_test.apply(estimator, test[0])[1]
            yield delayed(_execute)(
                *(place, run, rest, rows, y, groups, scored),
                *(classes, store, keys[place]),
            )

    finished = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(tasks())
    for place, result in finished:
        results[place] = result
        n_done += 1
        if on_run is not None:
            on_run(n_done, len(runs), runs[place])
    return results


def _keys(runs, estimators, X, y, groups, test):
    digests = row_digests(X)
    test_digests = None if test is None else row_digests(test[0])
    keys = []
    for run, estimator in zip(runs, estimators, strict=True):
        train = (digests[run.train], y[run.train], groups[run.train])
        scored = digests if run.fold is not None else test_digests
        keys.append(result_key(estimator, train, scored[run.score]))
    return keys


def _execute(place, run, estimator, rows, y, groups, scored, classes, store, key):
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            result = _fit_and_predict(run, estimator, rows, y, groups, scored, classes)
    finally:
        torch.set_num_threads(n_threads)
    # Written here, in the worker: a run that is done survives whatever happens next.
    store.write(key, result)
    return place, result


def _fit_and_predict(run, estimator, rows, y, groups, scored, classes):
    start = time.perf_counter()
    fit_with_groups(
        estimator, take_rows(rows, run.train), y[run.train], groups[run.train]
    )
    fitted = time.perf_counter()
    scored = take_rows(scored, run.score)
    places = np.searchsorted(classes, estimator.classes_)
    probabilities = None
    if hasattr(estimator, "predict_proba"):
        probabilities = np.zeros((len(run.score), len(classes)))
        probabilities[:, places] = estimator.predict_proba(scored)
        predicted = probabilities.argmax(axis=1)
        probabilities = np.round(probabilities, 6).tolist()
    else:
        predicted = np.searchsorted(classes, estimator.predict(scored))
    predicted_at = time.perf_counter()
    final = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    return {
        "predicted": predicted.tolist(),
        "probabilities": probabilities,
        "fit_seconds": fitted - start,
        "predict_seconds": predicted_at - fitted,
        "n_parameters": getattr(final, "n_parameters_", None),
        "history": getattr(final, "history_", None),
    }
