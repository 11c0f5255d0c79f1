"""A report by cross-validation."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_consistent_length

from skaudio.datasets import audit_dataset, group_clips
from skaudio.model_selection._ablate import check_findable, first_seed
from skaudio.model_selection._runs import carry_out, plan_folds
from skaudio.reports._facts import facts_of
from skaudio.reports._models import model_name
from skaudio.reports._predictions import (
    clip_columns,
    history_table,
    predictions_table,
    scored_runs,
    times_table,
)
from skaudio.reports._report import Report


def cross_validated_report(
    estimator,
    X,
    y,
    groups=None,
    cv=None,
    n_repeats=1,
    n_jobs=None,
    *,
    random_state=None,
    name=None,
    audit=True,
    cache_dir=None,
    on_run=None,
):
    """Score a model on clips that neither it nor a relative of theirs was trained on.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Cloned for each fold. Groups are handed to its inner split, too.
    X : list of clips or array of shape (n, ...)
        What `estimator` takes; paths, as a rule.
    y : array-like of shape (n,)
    groups : array-like of shape (n,) or None, default=None
        None finds them, as `group_clips` does; `X` must list files then.
    cv : int, cross-validation splitter or None, default=None
        An integer is ``StratifiedGroupKFold(cv, shuffle=True)``; None is 5.
    n_repeats : int, default=1
        Cross-validations, each with a seed and (where `cv` is an integer) folds of its
        own.
    n_jobs : int or None, default=None
        Fits that run at once, through joblib, each in one thread.
    random_state : int, RandomState or None, default=None
        The seed s of the first repeat; the others are s + 1 and so on. It seeds the
        folds, and all steps of the estimator that take a ``random_state``. Reports that
        `compare` is to compare need the same integer.
    name : str or None, default=None
        None is the classifier's.
    audit : bool or AuditReport, default=True
        Where X lists files, what `audit_dataset` finds comes into the warnings; pass
        its report where there is one, so that it need not be made again.
    cache_dir : path or None, default=None
        Where each fit's result is kept, as in `ablate`, which shares them. Needs an
        integer as `random_state`.
    on_run : callable or None, default=None
        Called as ``on_run(n_done, n_runs, run)`` when a fit is done.

    Returns
    -------
    report : Report

    Raises
    ------
    ValueError
        Where X, y and groups differ in length, groups cannot be found, or a splitter
        scores a clip more than once, or other clips in each repeat.

    See Also
    --------
    held_out_report, report_on : On a held-out set.
    ablate : Many models, floors among them, as one table.

    Examples
    --------
    >>> from skaudio import MFCCStatistics
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.reports import cross_validated_report
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> calls = make_animal_sounds(8, n_classes=2, random_state=0)
    >>> model = make_pipeline(MFCCStatistics(), StandardScaler(), LogisticRegression())
    >>> report = cross_validated_report(
    ...     model, calls.data, calls.target, calls.groups, cv=4, random_state=0
    ... )
    >>> report.kind, report.classes, int(report.confusion.to_numpy().sum())
    ('cross-validation', ['cat', 'cow'], 16)
    """
    y, cv = np.asarray(y), _folds(cv)
    check_consistent_length(X, y, groups)
    if not isinstance(n_repeats, Integral) or n_repeats < 1:
        raise ValueError(f"n_repeats={n_repeats!r}: expected an integer of at least 1.")
    check_findable(cache_dir, random_state)
    clips = clip_columns(X)
    if clips is None and groups is None:
        raise ValueError(
            "groups=None, but X lists no files to find them from: pass groups=, such "
            "as the source recording of each row."
        )
    if audit is True:
        audit = clips is not None and audit_dataset(X, y, n_jobs=n_jobs)
    if groups is None:
        groups = _found_groups(X, clips["file"], audit, n_jobs)
    groups = np.asarray(groups)

    name = model_name(estimator, name)
    # None would be the global generator.
    seed = first_seed(np.random.RandomState() if random_state is None else random_state)
    runs = plan_folds(name, y, groups, cv, range(seed, seed + n_repeats))
    _check_scored(runs)
    results = carry_out(
        *(runs, {name: estimator}, X, y, groups, None),
        *(cache_dir, n_jobs, on_run),
    )
    classes = np.unique(y)
    scored = scored_runs(runs, results, classes)
    predictions = predictions_table(scored, clips, y, groups, classes)
    return Report(
        name=name,
        kind="cross-validation",
        classes=classes.tolist(),
        predictions=predictions,
        history=history_table(scored),
        times=times_table(scored),
        facts=facts_of(estimator, predictions, classes.tolist())
        | {
            "n_train": float(np.mean([len(run.train) for run in runs])),
            "cv": cv if isinstance(cv, int) else repr(cv),
            "n_repeats": int(n_repeats),
            "seed": seed,
        },
        n_parameters=results[0]["n_parameters"],
        warnings=audit.findings() if audit else [],
    )


def _folds(cv):
    if cv is None:
        return 5
    if isinstance(cv, Integral):
        if cv < 2:
            raise ValueError(f"cv={cv}: expected None, or at least 2 folds.")
        return int(cv)
    # Each repeat goes through the splits, which a generator survives but once.
    return cv if hasattr(cv, "split") else list(cv)


def _found_groups(X, files, audit, n_jobs):
    """Find groups, or take them from an audit that knows the files."""
    if audit:
        known = dict(zip(audit.clips["file"], audit.groups_, strict=True))
        if all(file in known for file in files):
            return [known[file] for file in files]
    return group_clips(X, n_jobs=n_jobs)


def _check_scored(runs):
    """Raise where repeats are not each one prediction of the same clips."""
    rows = {}
    for run in runs:
        rows.setdefault(run.seed, []).extend(run.score)
    for some in rows.values():
        counts = np.bincount(some)
        if counts.max() > 1:
            raise ValueError(
                f"cv scores row {counts.argmax()} of X {counts.max()} times: expected "
                "folds that do not overlap; for repeats pass n_repeats."
            )
    if len({frozenset(some) for some in rows.values()}) > 1:
        raise ValueError(
            "cv scores other clips in each repeat: expected the same, pass a splitter "
            "with an integer as random_state."
        )
