"""The tables of a report, built from the predictions of each fit."""

import numpy as np
import pandas as pd

from skaudio._utils.clips import find_clips
from skaudio._utils.rows import take_rows

_HISTORY = ["epoch", "train_loss", "valid_loss", "valid_accuracy", "lr", "seconds"]


def clip_columns(X):
    """Return the columns that identify the clips of X, or None where X lists none.

    Returns
    -------
    columns : dict of str to list, or None
        ``file``; ``start_time`` and ``end_time`` where X lists spans.
    """
    clips = find_clips(X)
    if clips is None:
        return None
    columns = {"file": [clip.file for clip in clips]}
    if any(clip[1:] != (None, None) for clip in clips):
        columns["start_time"] = [clip.start_time for clip in clips]
        columns["end_time"] = [clip.end_time for clip in clips]
    return columns


def predictions_table(fits, clips, y, groups, classes):
    """List the prediction of each clip, by repeat and row of X.

    Parameters
    ----------
    fits : list of dict
        As `Report.from_fits` takes them.
    clips : dict or None
        As from `clip_columns`.
    y : ndarray of shape (n,), or DataFrame of shape (n, n_classes)
    groups : ndarray of shape (n,)
    classes : ndarray
        In the order of the probabilities.

    Returns
    -------
    predictions : DataFrame
        As of `Report`.
    """
    clips = pd.DataFrame(clips or {"file": [None] * len(y)}, dtype=object)
    parts = []
    for fit in fits:
        part = clips.iloc[fit["rows"]].assign(
            row=fit["rows"],
            group=groups[fit["rows"]],
            repeat=fit["repeat"],
            fold=fit["fold"],
        )
        true = take_rows(y, fit["rows"])
        if np.ndim(y) == 1:
            part["true"], part["predicted"] = true, fit["predicted"]
        else:
            part[prefixed("true", classes)] = np.asarray(true)
            part[prefixed("predicted", classes)] = np.asarray(fit["predicted"])
        if fit["probabilities"] is not None:
            values = np.asarray(fit["probabilities"])
            part[prefixed("probability", classes)] = values
        if fit.get("uncalibrated") is not None:
            part["uncalibrated_confidence"] = fit["uncalibrated"]
        if fit.get("decisions") is not None:
            part[prefixed("decision", classes)] = np.asarray(fit["decisions"])
        parts.append(part)
    table = pd.concat(parts)
    return table.sort_values(["repeat", "row"], kind="stable", ignore_index=True)


def prefixed(what, classes):
    """Name the columns that predictions have for each class, such as "true_cat"."""
    return [f"{what}_{label}" for label in classes]


def history_table(fits):
    """List the epochs of all fits, one row per fit and epoch."""
    rows = [
        {"repeat": fit["repeat"], "fold": fit["fold"], **epoch}
        for fit in fits
        for epoch in fit["history"] or ()
    ]
    member = ["member"] if any("member" in row for row in rows) else []
    return pd.DataFrame(rows, columns=["repeat", "fold", *member, *_HISTORY])


def times_table(fits):
    """List the seconds that each fit took, one row per fit."""
    columns = ["repeat", "fold", "fit_seconds", "predict_seconds"]
    rows = [[fit[column] for column in columns] for fit in fits]
    return pd.DataFrame(rows, columns=columns)


def true_labels(predictions, classes):
    """Return the labels of the scored clips.

    Returns
    -------
    y : Series of shape (n,), or DataFrame of shape (n, n_classes)
    """
    if "true" in predictions:
        return predictions["true"]
    return predictions[prefixed("true", classes)].set_axis(classes, axis=1)


def by_repeat(predictions, classes):
    """Return the indicator matrix and the scores of each repeat.

    Parameters
    ----------
    predictions : DataFrame
        As of `MultilabelReport`.
    classes : list

    Returns
    -------
    y : DataFrame of shape (n, n_classes)
    scores : ndarray of shape (n_repeats, n, n_classes), or None
        Probabilities or decisions.
    predicted : ndarray of shape (n_repeats, n, n_classes)
    groups : ndarray of shape (n,)
    """
    repeats = [repeat.sort_values("row") for _, repeat in predictions.groupby("repeat")]
    first = repeats[0]  # all repeats score the same clips
    y = true_labels(first, classes)
    scores = None
    for what in ("probability", "decision"):
        names = prefixed(what, classes)
        if set(names) <= set(predictions):
            scores = np.stack([repeat[names].to_numpy(float) for repeat in repeats])
            break
    names = prefixed("predicted", classes)
    predicted = np.stack([repeat[names].to_numpy(bool) for repeat in repeats])
    return y, scores, predicted, first["group"].to_numpy()
