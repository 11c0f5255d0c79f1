"""The tables of a report, put together from what each fit predicted."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from skaudio._clips import as_clips

_HISTORY = ["epoch", "train_loss", "valid_loss", "valid_accuracy", "lr", "seconds"]


class Scored(NamedTuple):
    """One fit, and what it predicts of the clips that it is scored on."""

    repeat: int
    fold: int
    rows: np.ndarray  # of X
    predicted: np.ndarray  # labels
    probabilities: list | np.ndarray | None  # (n_rows, n_classes)
    history: list | None  # a dict an epoch
    fit_seconds: float
    predict_seconds: float


def scored_runs(runs, results, classes):
    """Read what `carry_out` gave.

    Parameters
    ----------
    runs : list of Run
        The first of them has the seed of the first repeat.
    results : list of dict
    classes : ndarray
        In the order of the results.

    Returns
    -------
    scored : list of Scored
    """
    return [
        Scored(
            repeat=run.seed - runs[0].seed,
            fold=run.fold or 0,
            rows=run.score,
            predicted=classes[result["predicted"]],
            probabilities=result["probabilities"],
            history=result["history"],
            fit_seconds=result["fit_seconds"],
            predict_seconds=result["predict_seconds"],
        )
        for run, result in zip(runs, results, strict=True)
    ]


def clip_columns(X):
    """Give the columns that say which clips X lists, or None where it lists none.

    Returns
    -------
    columns : dict of str to list, or None
        ``file``, and ``start_time`` and ``end_time`` where there are spans.
    """
    try:
        clips = as_clips(X)
    except ValueError:
        return None
    columns = {"file": [clip.file for clip in clips]}
    if any(clip[1:] != (None, None) for clip in clips):
        columns["start_time"] = [clip.start_time for clip in clips]
        columns["end_time"] = [clip.end_time for clip in clips]
    return columns


def predictions_table(scored, clips, y, groups, classes):
    """List what was predicted of each clip, by repeat and place in X.

    Parameters
    ----------
    scored : list of Scored
    clips : as from `clip_columns`
    y, groups : ndarray of shape (n,)
    classes : ndarray
        In the order of the probabilities.

    Returns
    -------
    predictions : DataFrame
        As of `Report`.
    """
    clips = pd.DataFrame(clips or {"file": [None] * len(y)}, dtype=object)
    parts = []
    for fit in scored:
        part = clips.iloc[fit.rows].assign(
            row=fit.rows,
            group=groups[fit.rows],
            repeat=fit.repeat,
            fold=fit.fold,
            true=y[fit.rows],
            predicted=fit.predicted,
        )
        if fit.probabilities is not None:
            names = [f"probability_{label}" for label in classes]
            part[names] = np.asarray(fit.probabilities)
        parts.append(part)
    table = pd.concat(parts)
    return table.sort_values(["repeat", "row"], kind="stable", ignore_index=True)


def history_table(scored):
    """List the epochs of all fits, one below the other."""
    rows = [
        {"repeat": fit.repeat, "fold": fit.fold, **epoch}
        for fit in scored
        for epoch in fit.history or ()
    ]
    return pd.DataFrame(rows, columns=["repeat", "fold", *_HISTORY])


def times_table(scored):
    """List how long each fit took."""
    columns = ["repeat", "fold", "fit_seconds", "predict_seconds"]
    rows = [[getattr(fit, column) for column in columns] for fit in scored]
    return pd.DataFrame(rows, columns=columns)
