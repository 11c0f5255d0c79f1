"""Fit many pipelines on many folds and seeds; finished runs are not repeated."""

import re
import time
import warnings
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from skaudio._utils.calibration_errors import uncalibrated_confidence
from skaudio._utils.folds import split_folds
from skaudio._utils.multilabel import (
    classes_of,
    fold_strata,
    is_matrix,
    predict_several,
    refuse_matrix,
)
from skaudio._utils.names import nested_attribute
from skaudio._utils.progress import bars_of_parts, progress_bar
from skaudio._utils.random_state import with_seed
from skaudio._utils.rows import take_rows
from skaudio._utils.threads import limited_threads
from skaudio._utils.warn import warn_user
from skaudio.model_selection._cross_validated_predictions import (
    fit_with_groups,
    is_semi_supervised,
)
from skaudio.model_selection._precompute import Precomputed
from skaudio.model_selection._result_cache import ResultCache, result_key, row_digests
from skaudio.pretrained import open_networks


class Run(NamedTuple):
    """One fit of one pipeline, and the rows that it predicts."""

    name: str  # of the pipeline
    seed: int
    fold: int | None  # None: fitted on all rows, scored on the test set
    train: np.ndarray  # rows of X
    score: np.ndarray  # rows of X, or of the test set


_UNLABELLED = (
    "y holds rows without a label (-1): expected only labelled clips. "
    "cross_validated_predictions also takes unlabelled ones, which train and are not "
    "scored."
)


def check_cache_seed(cache_dir, random_state):
    """Raise where results are to be kept without a fixed seed."""
    if cache_dir is not None and not isinstance(random_state, (int, np.integer)):
        raise ValueError(
            f"random_state={random_state!r} with a cache_dir: expected an integer, "
            "since results are found again by their seed."
        )


def plan_folds(name, X, y, groups, cv, seeds):
    """List the runs of one pipeline over the folds of each seed."""
    runs, strata = [], fold_strata(y, groups)
    for seed in seeds:
        folds = split_folds(
            *(X, strata, groups, cv, seed), has_one_label=not is_matrix(y)
        )
        for fold, (train, score) in enumerate(folds):
            runs.append(Run(name, seed, fold, train, score))
    return runs


def execute_runs(
    runs,
    pipelines,
    X,
    y,
    groups,
    test=None,
    cache_dir=None,
    n_jobs=None,
    on_run=None,
    verbose=0,
):
    """Fit and predict, each run in one thread, so that results are reproducible.

    Parameters
    ----------
    runs : list of Run
    pipelines : dict of name to estimator
    X, groups : list of clips, array of shape (n,)
    y : array of shape (n,), or table of shape (n, n_classes)
        As from `as_targets`.
    test : (X, y) or None
    cache_dir : path or None
        Folder that keeps the results of finished runs.
    n_jobs : int or None
        Processes.
    on_run : callable or None
        Called as ``on_run(n_done, n_runs, run)``, first with the number of runs found
        in `cache_dir` and None.
    verbose : int
        1 shows how many runs are done, and the time left.

    Returns
    -------
    results : list of dict, one per run
        ``predicted``, places in the sorted labels of `y`, or an indicator matrix;
        ``probabilities`` in the same order, or None; ``decisions`` where a classifier
        of several classes per clip gives no probabilities; ``uncalibrated`` as from
        `uncalibrated_confidence`; ``fit_seconds`` and
        ``predict_seconds``, without the precomputed steps; ``n_parameters`` and
        ``history`` (see `AudioClassifier`), or None.
    """
    if any(is_semi_supervised(pipelines[run.name]) for run in runs):
        refuse_matrix(y)
        if any(label == -1 for label in y):
            raise ValueError(_UNLABELLED)
    store = ResultCache(cache_dir)
    classes = classes_of(y)
    estimators = [with_seed(pipelines[run.name], run.seed) for run in runs]
    keys = [None] * len(runs)
    if cache_dir is not None:
        keys = _keys(runs, estimators, X, y, groups, test)
    results = [store.read(key) for key in keys]
    waiting = [place for place, result in enumerate(results) if result is None]
    n_done = len(runs) - len(waiting)
    if on_run is not None:
        on_run(n_done, len(runs), None)
    open_networks(*(estimators[place] for place in waiting))
    shared, shared_test = Precomputed(), Precomputed()

    def tasks():
        for place in waiting:
            run, estimator = runs[place], estimators[place]
            with bars_of_parts(verbose):
                rest, rows = shared.apply(estimator, X)
                scored = rows
                if run.fold is None:
                    scored = shared_test.apply(estimator, test[0])[1]
            yield delayed(_execute)(
                *(place, run, rest, rows, y, groups, scored),
                *(classes, store, keys[place]),
            )

    said = set()
    finished = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(tasks())
    shown = progress_bar("fits", len(runs), verbose, initial=n_done, unit="fit")
    with _replaced_workers_in_silence(), shown as bar:
        for place, result, warned in finished:
            results[place] = result
            # Once, and not from processes, where a line of the user means nothing;
            # folds differ in their numbers of clips.
            for text, category in warned:
                kind = re.sub(r"\d+", "0", text), category
                if kind not in said:
                    said.add(kind)
                    warn_user(text, category)
            n_done += 1
            if len(pipelines) > 1:
                name = runs[place].name
                name = name if isinstance(name, str) else " ".join(name)
                bar.set_postfix_str(name, refresh=False)
            bar.update()
            if on_run is not None:
                on_run(n_done, len(runs), runs[place])
    return results


@contextmanager
def _replaced_workers_in_silence():
    """Hide what joblib says where it replaces a process whose memory has grown.

    It calls that a leak; nothing is lost.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "A worker stopped while some jobs")
        yield


def _keys(runs, estimators, X, y, groups, test):
    digests = row_digests(X)
    test_digests = None if test is None else row_digests(test[0])
    keys = []
    for run, estimator in zip(runs, estimators, strict=True):
        train = (digests[run.train], take_rows(y, run.train), groups[run.train])
        scored = digests if run.fold is not None else test_digests
        keys.append(result_key(estimator, train, scored[run.score]))
    return keys


def _execute(place, run, estimator, rows, y, groups, scored, classes, store, key):
    with limited_threads(1), warnings.catch_warnings(record=True) as caught:
        result = _fit_and_predict(run, estimator, rows, y, groups, scored, classes)
    # Written by the worker, so that a finished run survives a later interruption.
    store.write(key, result)
    return place, result, [(str(one.message), one.category) for one in caught]


def _fit_and_predict(run, estimator, rows, y, groups, scored, classes):
    start = time.perf_counter()
    fit_with_groups(
        estimator,
        take_rows(rows, run.train),
        take_rows(y, run.train),
        groups[run.train],
    )
    fitted = time.perf_counter()
    scored = take_rows(scored, run.score)
    decisions = uncalibrated = None
    if is_matrix(y):
        probabilities, decisions, predicted = predict_several(estimator, scored)
    else:
        probabilities, predicted = _predict_one(estimator, scored, classes)
        uncalibrated = uncalibrated_confidence(estimator, probabilities)
    predicted_at = time.perf_counter()
    return {
        "predicted": predicted.astype(int).tolist(),
        "probabilities": _listed(probabilities),
        "decisions": _listed(decisions),
        "uncalibrated": _listed(uncalibrated),
        "fit_seconds": fitted - start,
        "predict_seconds": predicted_at - fitted,
        "n_parameters": nested_attribute(estimator, "n_parameters_"),
        "history": nested_attribute(estimator, "history_"),
    }


def _predict_one(estimator, X, classes):
    """Return probabilities, or None, and the places of the predicted classes."""
    if not hasattr(estimator, "predict_proba"):
        return None, np.searchsorted(classes, estimator.predict(X))
    probabilities = np.zeros((len(X), len(classes)))
    places = np.searchsorted(classes, estimator.classes_)
    probabilities[:, places] = estimator.predict_proba(X)
    return probabilities, probabilities.argmax(axis=1)


def _listed(values):
    return None if values is None else np.round(values, 6).tolist()
