"""Pipelines compared on the same folds, with baselines: a table of reports."""

import numpy as np
from sklearn.utils import check_consistent_length

from skaudio._utils.clips import lists_clips
from skaudio._utils.multilabel import as_targets, is_matrix, refuse_matrix
from skaudio._utils.random_state import first_seed
from skaudio.features import WavLoader, set_channel
from skaudio.model_selection._fold_robustness import add_robustness
from skaudio.model_selection._model_reports import (
    as_folds,
    as_test,
    check_count,
    found_groups,
    model_reports,
)
from skaudio.model_selection._runs import check_cache_seed
from skaudio.pipelines import baseline_pipelines
from skaudio.reports import report_table


def ablate(
    pipelines,
    X,
    y,
    groups=None,
    cv=5,
    n_repeats=1,
    test=None,
    n_seeds=1,
    random_state=None,
    cache_dir=None,
    n_jobs=None,
    *,
    baselines=True,
    audit=None,
    noise=None,
    return_reports=False,
    on_run=None,
    verbose=0,
):
    """Compare pipelines by grouped cross-validation and on a test set.

    Parameters
    ----------
    pipelines : dict of name to estimator
        Unfitted, such as `reference_pipelines`.
    X : list of clips or array of shape (n, ...)
        What the pipelines take, usually paths.
    y : array-like of shape (n,) or (n, n_classes)
        Labels, or an indicator matrix where a clip may have several; the columns of a
        DataFrame name the classes.
    groups : array-like of shape (n,) or None, default=None
        None finds them with `group_clips`; `X` must then list clips.
    cv : int, cross-validation splitter or None, default=5
        An integer is ``StratifiedGroupKFold(cv, shuffle=True)``. Where clips have
        several classes, each counts for the one that the fewest groups have. None
        scores on `test` only.
    n_repeats : int, default=1
        Cross-validations, each with its own seed and, where `cv` is an integer, its
        own folds. Scores are medians over them.
    test : Bunch, (X, y) or None, default=None
        Held-out clips. Each pipeline is fitted on all of `X` and scored on them.
    n_seeds : int, default=1
        Fits that are scored on `test`, each with its own seed. Scores are medians over
        them.
    random_state : int, RandomState or None, default=None
        The seed s of the first repeat; the others are s + 1 and so on. It seeds the
        folds, and all steps of the pipelines that take a ``random_state``.
    cache_dir : path or None, default=None
        Folder that keeps the result of each finished fit, so that an interrupted run
        continues where it stopped. Needs an integer as `random_state`. A result is
        reused while clips, labels, groups, noise files, parameters, seed and skaudio
        are the same.
    n_jobs : int or None, default=None
        Fits that run at once, through joblib, each in one thread.
    baselines : bool, default=True
        Begin the table with `baseline_pipelines`; those that need files only where `X`
        lists files. They read the channel that the pipelines read, if that is one.
    audit : AuditReport or None, default=None
        Of training and test clips. Its findings become warnings of the reports, and its
        groups and leaks are used instead of finding them again.
    noise : folder, list of files or arrays, or None, default=None
        Noise that no pipeline mixes in: each report gets its `noise_robustness` on the
        first fold. Not where clips have several classes.
    return_reports : bool, default=False
        Whether to return the reports as well.
    on_run : callable or None, default=None
        Called as ``on_run(n_done, n_runs, run)`` when a fit is done.
    verbose : int, default=0
        As in `cross_validated_report`.

    Returns
    -------
    table : DataFrame
        One row per pipeline, baselines first, as from `report_table`, and the column
        ``below_baseline``: whether a baseline scores as high or higher (out of fold;
        without `cv` on the test clips). Its ``attrs`` hold ``seed``, ``n_clips``,
        ``n_groups``, ``n_test`` and ``n_leaked``.
    reports : list of Report
        Where `return_reports` is True: the cross-validations, then the held-out
        reports.

    See Also
    --------
    component_contributions : How much each component of one pipeline contributes.

    Examples
    --------
    >>> from skaudio import CNN1DClassifier, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import ablate
    >>> from sklearn.pipeline import make_pipeline
    >>> calls = make_animal_sounds(6, n_classes=2, random_state=0)
    >>> mel = LogMelExtractor(n_mels=32, n_frames=60)
    >>> variants = {
    ...     f"lr {lr}": make_pipeline(mel, CNN1DClassifier(lr=lr, max_epochs=2))
    ...     for lr in (0.001, 0.01)
    ... }
    >>> table = ablate(
    ...     variants, calls.data, calls.target, calls.groups, cv=2, random_state=0
    ... )
    >>> table.index.tolist()
    ['majority', 'lr 0.001', 'lr 0.01']
    """
    y, cv = as_targets(y), as_folds(cv or None)
    check_consistent_length(X, y, groups)
    check_count("n_repeats", n_repeats)
    check_count("n_seeds", n_seeds)
    check_cache_seed(cache_dir, random_state)
    if noise is not None:
        refuse_matrix(y, hint="Where a clip has several, pass noise=None.")
    if not pipelines:
        raise ValueError("No pipelines to compare: expected a dict of at least one.")
    if cv is None and test is None:
        raise ValueError("cv=None and test=None: there is nothing to score on.")
    test = None if test is None else as_test(test, y, n_jobs)
    groups = found_groups(X, groups, audit, n_jobs)
    seed = first_seed(random_state)
    known = _baselines(X, is_matrix(y), pipelines) if baselines else {}
    clash = sorted(set(known) & set(pipelines))
    if clash:
        raise ValueError(
            f"pipelines={clash} have names of baselines: expected other names."
        )
    pipelines = known | pipelines
    n_noisy = len(pipelines) if noise is not None and cv is not None else 0

    def show(n_done, n_runs, run):
        if on_run is not None:
            on_run(n_done, n_runs + n_noisy, run)

    reports = model_reports(
        *(pipelines, X, y, groups),
        cv=cv,
        n_repeats=n_repeats,
        test=test,
        n_seeds=n_seeds,
        seed=seed,
        audit=audit,
        leaks=None if audit is None else audit.leaks,
        cache_dir=cache_dir,
        n_jobs=n_jobs,
        on_run=show,
        verbose=verbose,
    )
    if n_noisy:
        add_robustness(
            *(reports, pipelines, X, y, groups, noise),
            cv=cv,
            seed=seed,
            cache_dir=cache_dir,
            n_jobs=n_jobs,
            on_run=on_run,
            verbose=verbose,
        )
    table = report_table(reports)
    score = reports[0].main_score if cv is not None else f"test_{reports[0].main_score}"
    if known:
        best = table.loc[list(known), score].max()
        table["below_baseline"] = (table[score] <= best) & ~table.index.isin(known)
    table.attrs["seed"] = seed
    table.attrs["n_groups"] = len(np.unique(groups))
    return (table, reports) if return_reports else table


def _baselines(X, several, pipelines):
    known = baseline_pipelines(several=several)
    if not lists_clips(X):
        return {"majority": known["majority"]}
    parts = [part for one in pipelines.values() for part in one.get_params().values()]
    channels = {part.channel for part in parts if isinstance(part, WavLoader)}
    if len(channels) == 1:  # they get the sound that the others get
        set_channel([*known.values()], channels.pop())
    return known
