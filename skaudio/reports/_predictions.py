"""The tables of a report, built from the predictions of each fit."""

import numpy as np
import pandas as pd

from skaudio._utils.clips import find_clips

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
    for fit in fits:
        part = clips.iloc[fit["rows"]].assign(
            row=fit["rows"],
            group=groups[fit["rows"]],
            repeat=fit["repeat"],
            fold=fit["fold"],
            true=y[fit["rows"]],
            predicted=fit["predicted"],
        )
        if fit["probabilities"] is not None:
            names = [f"probability_{label}" for label in classes]
            part[names] = np.asarray(fit["probabilities"])
        parts.append(part)
    table = pd.concat(parts)
    return table.sort_values(["repeat", "row"], kind="stable", ignore_index=True)


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
