"""A report by cross-validation."""

from sklearn.utils import check_consistent_length

from skaudio._utils.clips import lists_clips
from skaudio._utils.multilabel import as_targets, is_matrix, label_sets
from skaudio._utils.names import model_name
from skaudio._utils.random_state import first_seed
from skaudio.audit import audit_dataset
from skaudio.model_selection._model_reports import (
    as_folds,
    check_count,
    found_groups,
    model_reports,
)
from skaudio.model_selection._runs import check_cache_seed


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
    verbose=0,
):
    """Score a model by grouped cross-validation.

    Each clip is scored by a fit without it and its group.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Cloned for each fold. Groups also reach its inner split.
    X : list of clips or array of shape (n, ...)
        What `estimator` takes, usually paths.
    y : array-like of shape (n,) or (n, n_classes)
        Labels, or an indicator matrix where a clip may have several; the columns of a
        DataFrame name the classes.
    groups : array-like of shape (n,) or None, default=None
        None finds them with `group_clips`; `X` must then list clips.
    cv : int, cross-validation splitter or None, default=None
        An integer is ``StratifiedGroupKFold(cv, shuffle=True)``; None is 5. Where clips
        have several classes, each counts for the one that the fewest groups have.
    n_repeats : int, default=1
        Cross-validations, each with its own seed and, where `cv` is an integer, its
        own folds.
    n_jobs : int or None, default=None
        Fits that run at once, through joblib, each in one thread.
    random_state : int, RandomState or None, default=None
        The seed s of the first repeat; the others are s + 1 and so on. It seeds the
        folds, and all steps of the estimator that take a ``random_state``. `compare`
        needs reports of the same integer.
    name : str or None, default=None
        None is the class name of the classifier.
    audit : bool or AuditReport, default=True
        Where `X` lists clips, the findings of `audit_dataset` become warnings of the
        report. Pass an existing AuditReport to save the time.
    cache_dir : path or None, default=None
        Folder that keeps the result of each fit, shared with `ablate`. Needs an integer
        as `random_state`.
    on_run : callable or None, default=None
        Called as ``on_run(n_done, n_runs, run)`` when a fit is done.
    verbose : int, default=0
        1 shows, in a terminal and in a notebook, how many fits are done and the time
        left; elsewhere a line for each minute.

    Returns
    -------
    report : Report or MultilabelReport
        The latter where `y` is an indicator matrix.

    Raises
    ------
    ValueError
        Where X, y and groups differ in length, groups cannot be found, a fold would
        train on one class alone, or a splitter scores a clip more than once, or other
        clips in each repeat.

    See Also
    --------
    held_out_report, report_on : On a held-out set.
    ablate : Several models and the baselines, as one table.

    Examples
    --------
    >>> from skaudio import MFCCStatistics
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import cross_validated_report
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
    y, cv = as_targets(y), as_folds(5 if cv is None else cv)
    check_consistent_length(X, y, groups)
    check_count("n_repeats", n_repeats)
    check_cache_seed(cache_dir, random_state)
    if audit is True:
        labels = label_sets(y) if is_matrix(y) else y
        audit = audit_dataset(X, labels, n_jobs=n_jobs) if lists_clips(X) else None
    groups = found_groups(X, groups, audit, n_jobs)
    return model_reports(
        *({model_name(estimator, name): estimator}, X, y, groups),
        cv=cv,
        n_repeats=n_repeats,
        seed=first_seed(random_state),
        audit=audit,
        cache_dir=cache_dir,
        n_jobs=n_jobs,
        on_run=on_run,
        verbose=verbose,
    )[0]
