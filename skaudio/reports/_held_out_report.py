"""A report on clips held out, over several seeds."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_consistent_length

from skaudio.datasets import group_clips
from skaudio.model_selection import check_split
from skaudio.model_selection._ablate import check_findable, first_seed
from skaudio.model_selection._runs import Run, carry_out
from skaudio.reports._facts import facts_of
from skaudio.reports._kin import mark_kin
from skaudio.reports._models import model_name
from skaudio.reports._predictions import (
    clip_columns,
    history_table,
    predictions_table,
    scored_runs,
    times_table,
)
from skaudio.reports._report import Report


def held_out_report(
    estimator,
    X,
    y,
    X_test,
    y_test,
    groups=None,
    groups_test=None,
    n_seeds=1,
    n_jobs=None,
    *,
    random_state=None,
    name=None,
    shared=None,
    cache_dir=None,
    on_run=None,
):
    """Fit a model on all training clips, seed by seed, and score it on others.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Cloned for each seed.
    X, X_test : list of clips or array of shape (n, ...)
        What `estimator` takes; paths, as a rule.
    y, y_test : array-like of shape (n,)
    groups : array-like of shape (n,) or None, default=None
        Of `X`, for the inner split of the classifier. None finds them, as `group_clips`
        does, where `X` lists files; else each row is a group.
    groups_test : array-like of shape (n_test,) or None, default=None
        Clips of one group are drawn together for the intervals. None finds them, too.
    n_seeds : int, default=1
        Fits, each with a seed of its own.
    n_jobs : int or None, default=None
        Fits that run at once, through joblib, each in one thread.
    random_state : int, RandomState or None, default=None
        The first seed s; the others are s + 1 and so on.
    name : str or None, default=None
        None is the classifier's.
    shared : DataFrame or None, default=None
        As from `check_split`, where that was called before; None calls it where both
        list files.
    cache_dir, on_run
        As in `cross_validated_report`.

    Returns
    -------
    report : Report
        Of ``n_seeds`` repeats.

    Raises
    ------
    ValueError
        Where `y_test` has classes that `y` lacks, or lengths differ.

    See Also
    --------
    report_on : Of a model that is fitted already.

    Notes
    -----
    Nothing may be chosen on these clips: neither a model nor a seed. The summary is the
    mean over the seeds; its interval is that of the clips.

    Examples
    --------
    >>> from skaudio import MFCCStatistics
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.reports import held_out_report
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> one, other = (
    ...     make_animal_sounds(6, n_classes=2, random_state=seed) for seed in (0, 1)
    ... )
    >>> model = make_pipeline(MFCCStatistics(), StandardScaler(), LogisticRegression())
    >>> report = held_out_report(
    ...     model, one.data, one.target, other.data, other.target, random_state=0
    ... )
    >>> report.kind, report.facts["n_clips"], report.facts["n_train"]
    ('held-out', 12, 12)
    """
    y, y_test = np.asarray(y), np.asarray(y_test)
    check_consistent_length(X, y, groups)
    check_consistent_length(X_test, y_test, groups_test)
    if not isinstance(n_seeds, Integral) or n_seeds < 1:
        raise ValueError(f"n_seeds={n_seeds!r}: expected an integer of at least 1.")
    check_findable(cache_dir, random_state)
    classes = np.unique(y)
    unknown = sorted(set(y_test.tolist()) - set(classes.tolist()))
    if unknown:
        raise ValueError(
            f"y_test has classes {unknown}: expected those of y, {classes.tolist()}."
        )
    known, clips = clip_columns(X), clip_columns(X_test)
    if groups is None:
        groups = range(len(y)) if known is None else group_clips(X, n_jobs=n_jobs)
    if groups_test is None:
        there = clips is not None
        groups_test = (
            group_clips(X_test, n_jobs=n_jobs) if there else range(len(y_test))
        )
    name = model_name(estimator, name)
    # None would be the global generator.
    seed = first_seed(np.random.RandomState() if random_state is None else random_state)
    train, score = np.arange(len(y)), np.arange(len(y_test))
    runs = [Run(name, seed + n, None, train, score) for n in range(n_seeds)]
    results = carry_out(
        *(runs, {name: estimator}, X, y, np.asarray(groups), (X_test, y_test)),
        *(cache_dir, n_jobs, on_run),
    )
    scored = scored_runs(runs, results, classes)
    predictions = predictions_table(
        scored, clips, y_test, np.asarray(groups_test), classes
    )
    warnings = []
    if known is not None and clips is not None:
        if shared is None:
            shared = check_split(known["file"], clips["file"], n_jobs=n_jobs)
        warnings = mark_kin(predictions, shared)
    return Report(
        name=name,
        kind="held-out",
        classes=classes.tolist(),
        predictions=predictions,
        history=history_table(scored),
        times=times_table(scored),
        facts=facts_of(estimator, predictions, classes.tolist())
        | {"n_train": len(y), "n_repeats": int(n_seeds), "seed": seed},
        n_parameters=results[0]["n_parameters"],
        warnings=warnings,
    )
