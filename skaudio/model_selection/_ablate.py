"""Variants side by side: the table of a study, with its floors."""

import numpy as np
import pandas as pd
from sklearn.utils import Bunch, check_random_state

from skaudio._clips import as_clips
from skaudio._scores import accuracy_interval, bootstrap_intervals, score_predictions
from skaudio.datasets import group_clips
from skaudio.model_selection._floors import floor_pipelines
from skaudio.model_selection._leaks import check_split
from skaudio.model_selection._runs import Run, carry_out, plan_folds

_SCORES = ("accuracy", "weighted_f1", "macro_f1", "balanced_accuracy")


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
    floors=True,
    on_run=None,
):
    """Compare pipelines by grouped cross-validation and, if asked, on a test set.

    Parameters
    ----------
    pipelines : dict of name to estimator
        Unfitted, such as `reference_pipelines`.
    X : list of clips or array of shape (n, ...)
        What the pipelines take; paths, as a rule.
    y : array-like of shape (n,)
    groups : array-like of shape (n,) or None, default=None
        None finds them with `group_clips`; `X` must be clips then.
    cv : int, cross-validation splitter or None, default=5
        An integer is ``StratifiedGroupKFold(cv, shuffle=True)``. None scores on `test`
        only.
    n_repeats : int, default=1
        Cross-validations, each with a seed and (where `cv` is an integer) folds of its
        own. Scores are their means.
    test : Bunch, (X, y) or None, default=None
        Clips that nothing was chosen on. Each pipeline is fitted on all of `X` and
        scored on them.
    n_seeds : int, default=1
        Such fits, each with a seed of its own. Scores are their medians.
    random_state : int, RandomState or None, default=None
        The seed s of the first repeat; the others are s + 1 and so on. It seeds the
        folds, and all steps of the pipelines that take a ``random_state``.
    cache_dir : path or None, default=None
        Where each fit's result is kept when it is done, so that an interrupted run goes
        on where it stopped. Needs a `random_state`. A result counts as long as clips,
        labels, groups, noise files, parameters, seed and skaudio are the same.
    n_jobs : int or None, default=None
        Fits that run at once, through joblib, each in one thread.
    floors : bool, default=True
        Begin the table with `floor_pipelines`; those that need files only where X
        lists files.
    on_run : callable or None, default=None
        Called as ``on_run(n_done, n_runs, run)`` when a fit is done.

    Returns
    -------
    table : DataFrame
        A row a pipeline, floors first, with the columns

        - ``accuracy``, ``weighted_f1``, ``macro_f1``, ``balanced_accuracy`` out of
          fold, each with ``_low`` and ``_high``: the 95 % interval, for the accuracy
          as `accuracy_interval` gives it, by bootstrap over groups for the others;
        - ``fit_seconds``, median, of one thread, decoding and log-mels not counted;
          ``n_parameters``;
        - ``test_`` and the same scores, of the median seed, with ``test_accuracy_min``
          and ``test_accuracy_max`` over the seeds; ``test_clean_accuracy`` without the
          test clips that have kin in `X` (where both are files);
        - ``below_floor``, whether a floor scores as much or more (out of fold; without
          `cv` on the test set).

        Its ``attrs`` tell ``seed``, ``n_groups`` and ``n_test_kin``.

    See Also
    --------
    component_contributions : What each component of one pipeline is worth.

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
    y, cv = np.asarray(y), None if isinstance(cv, int) and cv == 0 else cv
    test = (test.data, test.target) if isinstance(test, Bunch) else test
    _check(pipelines, y, cv, test, n_repeats, n_seeds, random_state, cache_dir)
    groups = np.asarray(group_clips(X, n_jobs=n_jobs) if groups is None else groups)
    seed = first_seed(random_state)
    costless = {}
    if floors:
        costless = floor_pipelines()
        if not _are_files(X):
            costless = {"majority": costless["majority"]}
    clash = sorted(set(costless) & set(pipelines))
    if clash:
        raise ValueError(f"{clash} are names of floors: expected others.")
    pipelines = costless | pipelines
    runs = []
    for name in pipelines:
        if cv is not None:
            runs += plan_folds(name, y, groups, cv, range(seed, seed + n_repeats))
        if test is not None:
            train, score = np.arange(len(y)), np.arange(len(test[1]))
            seeds = range(seed, seed + n_seeds)
            runs += [Run(name, other, None, train, score) for other in seeds]
    results = carry_out(runs, pipelines, X, y, groups, test, cache_dir, n_jobs, on_run)
    clean = _without_kin(X, test, n_jobs) if test is not None else None
    rows = {}
    for name in pipelines:
        own = [
            (run, result)
            for run, result in zip(runs, results, strict=True)
            if run.name == name
        ]
        rows[name] = _row(own, y, groups, test, clean)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("pipeline")
    told = "accuracy" if cv is not None else "test_accuracy"
    if costless:
        floor = table.loc[list(costless), told].max()
        table["below_floor"] = (table[told] <= floor) & ~table.index.isin(costless)
    table.attrs = {"seed": seed, "n_groups": len(np.unique(groups))}
    table.attrs["n_test_kin"] = None if clean is None else int((~clean).sum())
    return table


def check_findable(cache_dir, random_state):
    """Raise where results are to be kept, but no fixed seed can find them again."""
    if cache_dir is not None and not isinstance(random_state, (int, np.integer)):
        raise ValueError(
            f"random_state={random_state!r} with a cache_dir: a result can only be "
            "found again under a fixed seed, expected an integer."
        )


def first_seed(random_state):
    """Give the seed of the first repeat."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    # check_random_state(None) would be the global generator.
    random_state = np.random.RandomState() if random_state is None else random_state
    return int(check_random_state(random_state).randint(2**31 - 10**6))


def out_of_fold(runs_and_results, y):
    """Give the labels that the folds of each seed predict, (n_seeds, n)."""
    classes = np.unique(y)
    seeds = sorted({run.seed for run, _ in runs_and_results})
    predicted = np.empty((len(seeds), len(y)), dtype=y.dtype)
    scored = np.zeros((len(seeds), len(y)), bool)
    for run, result in runs_and_results:
        row = seeds.index(run.seed)
        predicted[row, run.score] = classes[result["predicted"]]
        scored[row, run.score] = True
    # A splitter such as leave_source_out may leave clips unscored.
    everywhere = scored.all(axis=0)
    return predicted[:, everywhere], everywhere


def _row(runs_and_results, y, groups, test, clean):
    folds = [pair for pair in runs_and_results if pair[0].fold is not None]
    tests = [pair[1] for pair in runs_and_results if pair[0].fold is None]
    row = {}
    if folds:
        predicted, scored = out_of_fold(folds, y)
        some = [score_predictions(y[scored], labels) for labels in predicted]
        clustered = (y[scored], predicted, groups[scored])
        intervals = bootstrap_intervals(*clustered)
        intervals["accuracy"] = accuracy_interval(*clustered)
        for name in _SCORES:
            row[name] = float(np.mean([scores[name] for scores in some]))
            row[f"{name}_low"], row[f"{name}_high"] = intervals[name]
    results = [result for _, result in runs_and_results]
    row["fit_seconds"] = float(np.median([one["fit_seconds"] for one in results]))
    row["n_parameters"] = results[0]["n_parameters"]
    if tests:
        labels = np.unique(y)
        target = np.asarray(test[1])
        predicted = [labels[result["predicted"]] for result in tests]
        some = [score_predictions(target, labels) for labels in predicted]
        accuracies = [scores["accuracy"] for scores in some]
        for name in _SCORES:
            row[f"test_{name}"] = float(np.median([scores[name] for scores in some]))
        row["test_accuracy_min"] = min(accuracies)
        row["test_accuracy_max"] = max(accuracies)
        if clean is not None and clean.any():
            hits = [np.mean(labels[clean] == target[clean]) for labels in predicted]
            row["test_clean_accuracy"] = float(np.median(hits))
    return row


def _check(pipelines, y, cv, test, n_repeats, n_seeds, random_state, cache_dir):
    if not pipelines:
        raise ValueError("No pipelines to compare: expected a dict of at least one.")
    for name, value in (("n_repeats", n_repeats), ("n_seeds", n_seeds)):
        if not isinstance(value, (int, np.integer)) or value < 1:
            raise ValueError(f"{name}={value!r}: expected an integer of at least 1.")
    if isinstance(cv, int) and cv < 2:
        raise ValueError(f"cv={cv}: expected None, or at least 2 folds.")
    if cv is None and test is None:
        raise ValueError("cv=None and test=None: there is nothing to score on.")
    check_findable(cache_dir, random_state)
    if test is not None:
        unknown = sorted(set(np.asarray(test[1])) - set(y))
        if unknown:
            raise ValueError(
                f"test has classes {unknown} that are not among those of y: "
                f"{np.unique(y).tolist()}."
            )


def _without_kin(X, test, n_jobs):
    """Tell which test clips have no kin in training; None where X lists no files."""
    if not (_are_files(X) and _are_files(test[0])):
        return None
    X, X_test = ([clip.file for clip in as_clips(part)] for part in (X, test[0]))
    shared = check_split(X, X_test, n_jobs=n_jobs)
    return ~np.isin(np.asarray(X_test, str), shared["test_file"].to_numpy(str))


def _are_files(X):
    try:
        as_clips(X)
    except ValueError:
        return False
    return True
