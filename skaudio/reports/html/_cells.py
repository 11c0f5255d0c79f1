"""The clips behind each cell of a confusion matrix, as data for the page."""

import numpy as np
import pandas as pd

# More clips than anybody listens to; keeps the page of a large set small.
LISTED_PER_CELL = 100


def list_cells(models, labels, n_listed=LISTED_PER_CELL):
    """List the clips of every cell of every matrix.

    Parameters
    ----------
    models : list of ScoredRows
    labels : list of str
        Cells refer to labels by their index in this list.
    n_listed : int
        Number of clips that a cell lists at most.

    Returns
    -------
    cells : list of dict, one per model
        From ``"true,predicted"`` to ``[n_clips, rows]``. A row is the number of the
        clip, how many of its predictions are in this cell, and the mean probability of
        the predicted and of the true class (None without probabilities). The most
        confident wrong predictions come first; in cells of correct predictions, the
        least confident.
    """
    places = {label: place for place, label in enumerate(labels)}
    return [_cells(rows, places, n_listed) for rows in models]


def _cells(rows, places, n_listed):
    table = pd.DataFrame(
        {
            "true": [places[label] for label in rows.true],
            "predicted": [places[label] for label in rows.predicted],
            "clip": rows.clip,
            "confidence": rows.confidence,
            "true_probability": rows.true_probability,
        }
    )
    keys = ["true", "predicted", "clip"]
    clips = table.groupby(keys, as_index=False).agg(
        times=("confidence", "size"),
        confidence=("confidence", "mean"),
        true_probability=("true_probability", "mean"),
    )
    correct = clips["true"] == clips["predicted"]
    clips["order"] = np.where(correct, clips["confidence"], -clips["confidence"])
    clips = clips.sort_values("order", kind="stable")
    cells = {}
    for (true, predicted), cell in clips.groupby(["true", "predicted"]):
        rows = [
            [
                int(row.clip),
                int(row.times),
                _rounded(row.confidence),
                _rounded(row.true_probability),
            ]
            for row in cell.head(n_listed).itertuples()
        ]
        cells[f"{true},{predicted}"] = [len(cell), rows]
    return cells


def _rounded(probability):
    return None if np.isnan(probability) else round(float(probability), 2)
