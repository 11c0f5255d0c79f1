"""One report per model, from fits on many folds and seeds."""

from collections.abc import Iterable
from numbers import Integral

import numpy as np

from skaudio._utils.background import count_background
from skaudio._utils.clips import as_clips, lists_clips
from skaudio._utils.findings import COLLECT, Finding
from skaudio._utils.folds import untested_classes
from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import as_test_targets, classes_of, is_matrix
from skaudio._utils.warn import warn_user
from skaudio.audit import find_leaks, group_clips
from skaudio.model_selection._runs import Run, execute_runs, plan_folds
from skaudio.reports import MultilabelReport, Report


def model_reports(
    pipelines,
    X,
    y,
    groups,
    *,
    cv=None,
    n_repeats=1,
    test=None,
    n_seeds=1,
    seed=0,
    audit=None,
    leaks=None,
    cache_dir=None,
    n_jobs=None,
    on_run=None,
    verbose=0,
):
    """Fit and score models, all fits in one parallel loop.

    Parameters
    ----------
    pipelines : dict of str to estimator
    X : list of clips or array of shape (n, ...)
    y : ndarray of shape (n,), or DataFrame of shape (n, n_classes)
        As from `as_targets`.
    groups : ndarray of shape (n,)
    cv : int, splitter, list of splits or None, default=None
        None: no cross-validation.
    n_repeats : int, default=1
    test : (X, y, groups) or None, default=None
        None: no held-out clips.
    n_seeds : int, default=1
    seed : int, default=0
        Of the first repeat.
    audit : AuditReport or None, default=None
        Its findings become warnings.
    leaks : DataFrame or None, default=None
        As from `find_leaks`; None looks for them where both sides list files.
    cache_dir, n_jobs, on_run, verbose
        As in `execute_runs`.

    Returns
    -------
    reports : list of Report, or of MultilabelReport
        The cross-validations in the order of the pipelines, then the held-out reports.
    """
    runs, findings = [], list(audit.findings() if audit else ())
    classes = classes_of(y)
    if len(classes) < 2 and not is_matrix(y):
        raise ValueError(
            f"y holds only one class, {classes[0]}: expected at least two."
        )
    for name in pipelines:
        if cv is not None:
            seeds = range(seed, seed + n_repeats)
            folds = plan_folds(name, X, y, groups, cv, seeds)
            _check_scored(folds)
            runs += folds
        if test is not None:
            train, score = np.arange(len(y)), np.arange(len(test[1]))
            seeds = range(seed, seed + n_seeds)
            runs += [Run(name, other, None, train, score) for other in seeds]
    if cv is not None and not is_matrix(y):
        folds = [(run.train, run.score) for run in runs if run.fold is not None]
        if untested := untested_classes(y, groups, folds):
            # Before the work; and again with the scores.
            warn_user(untested)
            findings.insert(0, Finding(untested, COLLECT))
    scored_on = None if test is None else test[:2]
    results = execute_runs(
        *(runs, pipelines, X, y, groups, scored_on),
        cache_dir=cache_dir,
        n_jobs=n_jobs,
        on_run=on_run,
        verbose=verbose,
    )
    if test is not None and leaks is None and lists_clips(X) and lists_clips(test[0]):
        leaks = find_leaks(X, test[0], n_jobs=n_jobs)
    report = MultilabelReport if is_matrix(y) else Report
    finished = list(zip(runs, results, strict=True))
    common = {"seed": seed, "n_train_background": count_background(y, classes)}
    reports = []
    for name, pipeline in pipelines.items() if cv is not None else ():
        own = [one for one in finished if one[0].name == name]
        folds = [one for one in own if one[0].fold is not None]
        reports.append(
            report.from_fits(
                *(_fits(folds, seed, classes), pipeline, X, y, groups, classes),
                kind="cross-validation",
                name=name,
                facts=common
                | {
                    "n_train": float(np.mean([len(run.train) for run, _ in folds])),
                    "cv": cv if isinstance(cv, int) else repr(cv),
                    "n_repeats": int(n_repeats),
                },
                warnings=findings,
            )
        )
    for name, pipeline in pipelines.items() if test is not None else ():
        held_out = [one for one in finished if one[0].name == name]
        held_out = [one for one in held_out if one[0].fold is None]
        reports.append(
            report.from_fits(
                *(_fits(held_out, seed, classes), pipeline, *test, classes),
                kind="held-out",
                name=name,
                leaks=leaks,
                facts=common | {"n_train": len(y), "n_repeats": int(n_seeds)},
                warnings=findings if cv is None else (),
            )
        )
    return reports


def check_count(name, value):
    """Raise where a number of repeats is not a positive integer."""
    if not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name}={value!r}: expected an integer of at least 1.")


def as_folds(cv):
    """Check `cv`, and list splits that come from a generator."""
    if isinstance(cv, Integral):
        if cv < 2:
            raise ValueError(f"cv={cv}: expected None, or at least 2 folds.")
        return int(cv)
    if isinstance(cv, (str, bytes)) or not (
        cv is None or hasattr(cv, "split") or isinstance(cv, Iterable)
    ):
        raise ValueError(
            f"cv={cv!r}: expected None, a number of folds, a splitter, or splits."
        )
    return cv if cv is None or hasattr(cv, "split") else list(cv)


def as_test(test, y, n_jobs=None):
    """Return held-out clips as (X, y, groups), all of classes that `y` has.

    Parameters
    ----------
    test : Bunch or (X, y) or (X, y, groups)
        Groups that are None are found where X lists clips; else each row is a group.
    y : ndarray of shape (n,), or DataFrame of shape (n, n_classes)
        Labels of the training clips.
    n_jobs : int or None, default=None

    Returns
    -------
    X, y, groups : tuple
    """
    if isinstance(test, dict):
        test = (test.data, test.target, test.groups)
    X, target, groups = (*test, None)[:3]
    target = as_test_targets(target, classes_of(y), is_matrix(y))
    if groups is None:
        groups = group_clips(X, n_jobs=n_jobs) if lists_clips(X) else range(len(target))
    return X, target, as_groups(groups, len(target), "groups_test")


def found_groups(X, groups, audit=None, n_jobs=None):
    """Return groups: those passed, those of an audit of the same files, or new ones.

    Raises
    ------
    ValueError
        Where `groups` is None and `X` lists no clips.
    """
    if groups is not None:
        return as_groups(groups)
    if not lists_clips(X):
        raise ValueError(
            "groups=None, but X lists no files to find them from: pass groups=, such "
            "as the source recording of each row."
        )
    if audit:
        known = dict(zip(audit.clips["file"], audit.groups_, strict=True))
        files = _files(X)
        if all(file in known for file in files):
            return np.array([known[file] for file in files])
    return group_clips(X, n_jobs=n_jobs)


def _fits(finished, seed, classes):
    return [
        {
            **result,
            "repeat": run.seed - seed,
            "fold": run.fold or 0,
            "rows": run.score,
            "predicted": _labels(np.array(result["predicted"]), classes),
        }
        for run, result in finished
    ]


def _labels(predicted, classes):
    """Return labels for places of classes; an indicator matrix stays what it is."""
    return predicted if predicted.ndim == 2 else classes[predicted]


def _files(X):
    return [clip.file for clip in as_clips(X)]


def _check_scored(runs):
    """Raise where the repeats do not each score the same clips once."""
    rows = {}
    for run in runs:
        rows.setdefault(run.seed, []).extend(run.score)
    for scored in rows.values():
        counts = np.bincount(scored)
        if counts.max() > 1:
            raise ValueError(
                f"cv scores row {counts.argmax()} of X {counts.max()} times: expected "
                "folds that do not overlap; for repeats pass n_repeats."
            )
    if len({frozenset(scored) for scored in rows.values()}) > 1:
        raise ValueError(
            "cv scores other clips in each repeat: expected the same. Pass a splitter "
            "with an integer as random_state."
        )
