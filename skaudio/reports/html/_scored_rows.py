"""Confidence and margin of each prediction, and the hardest clips."""

from itertools import zip_longest
from typing import NamedTuple

import numpy as np
import pandas as pd

from skaudio._utils.multilabel import label_sets
from skaudio.reports._predictions import prefixed


class ScoredRows(NamedTuple):
    """The predictions of one report, arrays of shape (n,); labels as strings."""

    clip: np.ndarray  # number of the clip
    true: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray  # probability of the predicted class, NaN if not given
    true_probability: np.ndarray  # probability of the true class, likewise
    margin: np.ndarray  # probability of the likeliest wrong class minus the true one's


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
        Without probabilities, the margin is 1 (wrong) or -1 (correct). Where clips
        have several classes, labels are sets such as "cat, cow", and probabilities
        those of the class that is most wrong.
    """
    table = report.predictions
    if "true" not in table:
        return _score_several(report, clip)
    true = table["true"].map(str).to_numpy(object)
    predicted = table["predicted"].map(str).to_numpy(object)
    labels = [
        label for label in report.classes if f"probability_{label}" in table.columns
    ]
    probabilities = table[[f"probability_{label}" for label in labels]].to_numpy(float)
    places = {str(label): place for place, label in enumerate(labels)}
    confidence = _of_class(probabilities, predicted, places)
    true_probability = _of_class(probabilities, true, places)
    margin = np.where(true == predicted, -1.0, 1.0)
    if len(labels) > 1:
        wrong = probabilities.copy()
        at = np.array([places.get(label, -1) for label in true])
        known = np.flatnonzero(at >= 0)
        wrong[known, at[known]] = -np.inf
        # A label that is no class of the model has probability 0.
        lead = wrong.max(axis=1) - np.where(at < 0, 0.0, true_probability)
        margin = np.where(np.isnan(lead), margin, lead)
    return ScoredRows(clip, true, predicted, confidence, true_probability, margin)


def _score_several(report, clip):
    table, classes = report.predictions, report.classes
    true = table[prefixed("true", classes)].to_numpy(bool)
    predicted = table[prefixed("predicted", classes)].to_numpy(bool)
    names = prefixed("probability", classes)
    confidence = np.full(len(table), np.nan)
    margin = np.where((true == predicted).all(axis=1), -1.0, 1.0)
    if set(names) <= set(table):
        probabilities = table[names].to_numpy(float)
        wrong = np.where(true, 1 - probabilities, probabilities)
        worst = wrong.argmax(axis=1), np.arange(len(table))
        confidence = probabilities[worst[::-1]]
        margin = 2 * wrong.max(axis=1) - 1
    labels = [
        np.array(label_sets(pd.DataFrame(rows, columns=classes)), object)
        for rows in (true, predicted)
    ]
    unknown = np.full(len(table), np.nan)
    return ScoredRows(clip, *labels, confidence, unknown, margin)


def hardest_clips(models, n_hardest):
    """Choose the clips with the most confident wrong predictions.

    Parameters
    ----------
    models : list of ScoredRows
    n_hardest : int

    Returns
    -------
    clips : list of int
        The hardest clips of each model in turn, `n_hardest` in total, sorted by the
        number of models that misclassify them and by their mean margin.
    """
    tables = []
    for rows in models:
        table = pd.DataFrame(
            {"clip": rows.clip, "margin": rows.margin, "true": rows.true}
        )
        # A clip is missed where any repeat misclassifies it.
        table["missed"] = rows.true != rows.predicted
        how = {"margin": "mean", "missed": "any", "true": "first"}
        tables.append(table.groupby("clip").agg(how))
    overall = pd.concat(tables).groupby("clip").agg({"margin": "mean", "missed": "sum"})
    queues = []
    for table in tables:
        # Ties, as of models without probabilities, are broken by the other models.
        table["overall"] = overall["margin"]
        order = ["margin", "overall"]
        missed = table[table["missed"]].sort_values(order, ascending=False)
        # Ties that remain are broken by taking the classes in turn.
        missed["turn"] = missed.groupby("true").cumcount()
        ascending = [False, False, True]
        queues.append(missed.sort_values([*order, "turn"], ascending=ascending).index)
    in_turn = [
        clip for turn in zip_longest(*queues) for clip in turn if clip is not None
    ]
    chosen = overall.loc[list(dict.fromkeys(in_turn))[:n_hardest]]
    chosen = chosen.sort_values(["missed", "margin"], ascending=False)
    return [int(clip) for clip in chosen.index]


def _of_class(probabilities, labels, places):
    column = np.array([places.get(label, -1) for label in labels], int)
    if not probabilities.shape[1]:
        return np.full(len(labels), np.nan)
    return np.where(column < 0, np.nan, probabilities[np.arange(len(labels)), column])
