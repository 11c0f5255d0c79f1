"""The scores of a report, computed from its table of predictions."""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from skaudio._utils.background import background_rows
from skaudio.metrics import (
    SCORES,
    reliability_curve,
    score_predictions,
    score_summary,
)
from skaudio.reports._leaked import unleaked_rows
from skaudio.reports._predictions import prefixed


def summary_of(predictions):
    """Compute the overall scores with their intervals: `Report.summary`."""
    repeats = [repeat.sort_values("row") for _, repeat in predictions.groupby("repeat")]
    predicted = np.array([repeat["predicted"].to_numpy() for repeat in repeats])
    first = repeats[0]  # all repeats score the same clips
    true, groups = first["true"].to_numpy(), first["group"].to_numpy()
    summary = score_summary(true, predicted, groups)
    for name, rows in _parts(first):
        part = score_summary(true[rows], predicted[:, rows], groups[rows])
        summary.loc[name] = part.loc["accuracy"]
    return summary


def repeat_scores(predictions):
    """Compute the overall scores of each repeat: `Report.per_repeat`."""
    scores = {
        number: _overall(repeat) for number, repeat in predictions.groupby("repeat")
    }
    return pd.DataFrame.from_dict(scores, orient="index").rename_axis("repeat")


def class_scores(predictions, classes):
    """Compute precision, recall, F1 and support by class: `Report.per_class`."""
    scores = precision_recall_fscore_support(
        predictions["true"].to_numpy(),
        predictions["predicted"].to_numpy(),
        labels=classes,
        zero_division=0,
    )
    columns = ("precision", "recall", "f1", "support")
    table = pd.DataFrame(dict(zip(columns, scores, strict=True)), classes)
    return table.rename_axis("label")


def confusion_counts(predictions, classes):
    """Count predictions by true and predicted label: `Report.confusion`."""
    true, predicted = (
        predictions["true"].to_numpy(),
        predictions["predicted"].to_numpy(),
    )
    counts = confusion_matrix(true, predicted, labels=classes)
    table = pd.DataFrame(counts, classes, classes)
    return table.rename_axis(index="true", columns="predicted")


def reliability_of(predictions, classes):
    """Compare confidence and accuracy: `Report.reliability`."""
    names = prefixed("probability", classes)
    if not set(names) <= set(predictions):
        return {}
    # Kept probabilities are rounded: hold them in [0, 1].
    confidences = {"as given": predictions[names].max(axis=1).clip(0, 1)}
    if "uncalibrated_confidence" in predictions:
        before = predictions["uncalibrated_confidence"].clip(0, 1)
        confidences = {
            "calibrated": confidences["as given"],
            "uncalibrated": before,
        }
    correct = predictions["true"] == predictions["predicted"]
    n_repeats = predictions["repeat"].nunique()
    curves = {}
    for name, confidence in confidences.items():
        bins, error = reliability_curve(correct, confidence, n_repeats=n_repeats)
        bins.attrs["error"] = error
        curves[name] = bins
    return curves


def _overall(predictions):
    scores = score_predictions(predictions["true"], predictions["predicted"])
    row = {score: scores[score] for score in SCORES}
    for name, rows in _parts(predictions):
        part = predictions[rows]
        row[name] = float((part["true"] == part["predicted"]).mean())
    return row


def _parts(predictions):
    """List the parts of the clips that have an accuracy of their own."""
    parts = {
        "accuracy_unleaked": unleaked_rows(predictions),
        "accuracy_animals": ~background_rows(predictions["true"]),
    }
    return [(name, rows) for name, rows in parts.items() if 0 < rows.sum() < len(rows)]
