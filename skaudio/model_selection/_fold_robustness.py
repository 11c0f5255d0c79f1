"""Noise robustness of a model on the clips of a fold that it was not trained on."""

import numpy as np
import pandas as pd
from sklearn.utils import check_consistent_length

from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import one_per_clip
from skaudio._utils.progress import progress_bar
from skaudio._utils.random_state import with_seed
from skaudio._utils.rows import take_rows
from skaudio.augment import list_noise_files
from skaudio.model_selection._cross_validated_predictions import (
    fit_with_groups,
)
from skaudio.model_selection._noise_robustness import noise_robustness, with_attrs
from skaudio.model_selection._result_cache import ResultCache, result_key, row_digests
from skaudio.model_selection._runs import plan_folds


def fold_robustness(
    estimator,
    X,
    y,
    groups,
    noise,
    cv=5,
    random_state=0,
    *,
    cache_dir=None,
    n_jobs=None,
):
    """Train on all folds but one and score that one at falling signal-to-noise ratios.

    Parameters
    ----------
    estimator : Pipeline
        Unfitted.
    X : list of clips, or of waveforms
    y, groups : array-like of shape (n,)
    noise : folder, list of files or arrays
        Noise that the estimator does not mix in.
    cv : int, default=5
        Folds of ``StratifiedGroupKFold(cv, shuffle=True)``, the first of which is
        scored.
    random_state : int, default=0
        Seeds the folds, the estimator and the noise.
    cache_dir : path or None, default=None
        Folder that keeps the table, which is reused for the same clips, noise, model
        and seed.
    n_jobs : int or None, default=None
        Threads that decode noise.

    Returns
    -------
    table : DataFrame
        As from `noise_robustness`.

    Examples
    --------
    >>> from skaudio import MFCCStatistics
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import fold_robustness
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> calls = make_animal_sounds(8, n_classes=2, random_state=0)
    >>> model = make_pipeline(MFCCStatistics(), StandardScaler(), LogisticRegression())
    >>> table = fold_robustness(
    ...     model, calls.data, calls.target, calls.groups, calls.noise, cv=4
    ... )
    >>> table.attrs["n_clips"], len(table)
    (4, 7)
    """
    y, groups = one_per_clip(y), as_groups(groups)
    check_consistent_length(X, y, groups)
    run = plan_folds("", X, y, groups, cv, [random_state])[0]
    estimator = with_seed(estimator, random_state)
    store, key = ResultCache(cache_dir), None
    if cache_dir is not None:
        digests = row_digests(X)
        train = digests[run.train], y[run.train], groups[run.train]
        files = list_noise_files(noise)
        mixed = row_digests(noise if files is None else files)
        key = result_key(estimator, train, np.r_[digests[run.score], ["noise"], mixed])
        kept = store.read(key)
        if kept is not None:
            table = pd.DataFrame(kept["rows"]).astype(float)
            return with_attrs(table, files, random_state, len(run.score))
    fit_with_groups(estimator, take_rows(X, run.train), y[run.train], groups[run.train])
    table = noise_robustness(
        *(estimator, take_rows(X, run.score), y[run.score], noise),
        random_state=random_state,
        groups=groups[run.score],
        n_jobs=n_jobs,
    )
    if cache_dir is not None:
        # JSON has no infinity; pandas reads it back from text.
        rows = table.astype({"snr_db": str}).to_dict("records")
        store.write(key, {"rows": rows})
    return table


def add_robustness(
    reports,
    pipelines,
    X,
    y,
    groups,
    noise,
    *,
    cv,
    seed,
    cache_dir=None,
    n_jobs=None,
    on_run=None,
    verbose=0,
):
    """Add to each cross-validation its noise robustness on the first fold.

    Parameters
    ----------
    reports : list of Report
    pipelines : dict of str to estimator
    X, y, groups, noise, cv, cache_dir, n_jobs
        As in `fold_robustness`.
    seed : int
    on_run : callable or None, default=None
    verbose : int, default=0
        As in `ablate`.
    """
    folds = {report.name: report for report in reports if report.kind != "held-out"}
    n_before = sum(len(report.times) for report in reports)
    with progress_bar("fits with noise", len(pipelines), verbose, unit="fit") as bar:
        for n_done, (name, pipeline) in enumerate(pipelines.items()):
            folds[name].robustness = fold_robustness(
                *(pipeline, X, y, groups, noise, cv, seed),
                cache_dir=cache_dir,
                n_jobs=n_jobs,
            )
            _add_facts(folds[name])
            bar.update()
            if on_run is not None:
                on_run(n_before + n_done + 1, n_before + len(pipelines), None)


def _add_facts(report):
    attrs = report.robustness.attrs
    if attrs["noise"] is not None:
        names = ", ".join(file.rpartition("/")[2] for file in attrs["noise"])
        report.facts["noise for testing"] = [f"{len(attrs['noise'])} files: {names}"]
    report.facts["clips with noise"] = f"{attrs['n_clips']}, the first fold"
