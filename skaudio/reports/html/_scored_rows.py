"""What each prediction was worth: how sure, and how far from the truth."""

from itertools import zip_longest
from typing import NamedTuple

import numpy as np
import pandas as pd


class ScoredRows(NamedTuple):
    """The predictions of one report, one place a row; labels as strings."""

    clip: np.ndarray  # number of the clip
    true: np.ndarray
    predicted: np.ndarray
    sure: np.ndarray  # probability of the predicted class; NaN where none is given
    truth: np.ndarray  # probability of the true class, likewise
    margin: np.ndarray  # the likeliest wrong class's lead over the true one


def score_rows(report, clip):
    """Read the predictions of a report.

    Parameters
    ----------
    report : Report
    clip : ndarray of int
        Number of the clip of each prediction.

    Returns
    -------
    rows : ScoredRows
        Where the model gives no probability, the margin is 1 (wrong) or -1 (right).
    """
    table = report.predictions
    true = table["true"].map(str).to_numpy(object)
    predicted = table["predicted"].map(str).to_numpy(object)
    labels = [
        label for label in report.classes if f"probability_{label}" in table.columns
    ]
    given = table[[f"probability_{label}" for label in labels]].to_numpy(float)
    places = {str(label): place for place, label in enumerate(labels)}
    sure, truth = _of_class(given, predicted, places), _of_class(given, true, places)
    margin = np.where(true == predicted, -1.0, 1.0)
    if len(labels) > 1:
        wrong = given.copy()
        at = np.array([places.get(label, -1) for label in true])
        known = np.flatnonzero(at >= 0)
        wrong[known, at[known]] = -np.inf
        # A true class that the model never saw has no probability at all.
        lead = wrong.max(axis=1) - np.where(at < 0, 0.0, truth)
        margin = np.where(np.isnan(lead), margin, lead)
    return ScoredRows(clip, true, predicted, sure, truth, margin)


def hardest_clips(models, n_hardest):
    """Choose the clips that models got wrong most confidently.

    Parameters
    ----------
    models : list of ScoredRows
    n_hardest : int

    Returns
    -------
    clips : list of int
        The hardest of each model in turn until there are enough, then all by how many
        models missed them and by their mean margin.
    """
    tables = []
    for rows in models:
        table = pd.DataFrame(
            {"clip": rows.clip, "margin": rows.margin, "true": rows.true}
        )
        table["missed"] = rows.true != rows.predicted
        # A model misses a clip that it gets wrong in any of its repeats.
        how = {"margin": "mean", "missed": "any", "true": "first"}
        tables.append(table.groupby("clip").agg(how))
    overall = pd.concat(tables).groupby("clip").agg({"margin": "mean", "missed": "sum"})
    queues = []
    for table in tables:
        # The others decide between clips that a model without probabilities missed.
        table["overall"] = overall["margin"]
        order = ["margin", "overall"]
        missed = table[table["missed"]].sort_values(order, ascending=False)
        # What nobody decides goes through the classes in turn.
        missed["turn"] = missed.groupby("true").cumcount()
        ascending = [False, False, True]
        queues.append(missed.sort_values([*order, "turn"], ascending=ascending).index)
    in_turn = [
        clip for turn in zip_longest(*queues) for clip in turn if clip is not None
    ]
    chosen = overall.loc[list(dict.fromkeys(in_turn))[:n_hardest]]
    chosen = chosen.sort_values(["missed", "margin"], ascending=False)
    return [int(clip) for clip in chosen.index]


def _of_class(given, labels, places):
    column = np.array([places.get(label, -1) for label in labels], int)
    if not given.shape[1]:
        return np.full(len(labels), np.nan)
    return np.where(column < 0, np.nan, given[np.arange(len(labels)), column])
