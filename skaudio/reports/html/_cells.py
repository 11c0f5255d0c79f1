"""The clips behind each cell of a confusion matrix, small enough to sit in a page."""

import numpy as np
import pandas as pd

# A cell lists no more than this: a hundred names are past what anybody listens to, and
# a page of a large set stays a small page.
LISTED_PER_CELL = 100


def list_cells(models, labels, n_listed=LISTED_PER_CELL):
    """List the clips of every cell of every matrix.

    Parameters
    ----------
    models : list of ScoredRows
    labels : list of str
        Places in it stand for the labels.
    n_listed : int
        Clips that a cell names.

    Returns
    -------
    cells : list of dict, one a model
        From ``"true,predicted"`` to ``[n_clips, rows]``; a row is the clip's number,
        how many of its predictions fell here, and the mean probability of the
        predicted and of the true class (None where there is none). The surest mistakes
        come first, and of what is right the least sure.
    """
    places = {label: place for place, label in enumerate(labels)}
    return [_cells(rows, places, n_listed) for rows in models]


def _cells(rows, places, n_listed):
    table = pd.DataFrame(
        {
            "true": [places[label] for label in rows.true],
            "predicted": [places[label] for label in rows.predicted],
            "clip": rows.clip,
            "sure": rows.sure,
            "truth": rows.truth,
        }
    )
    keys = ["true", "predicted", "clip"]
    clips = table.groupby(keys, as_index=False).agg(
        times=("sure", "size"), sure=("sure", "mean"), truth=("truth", "mean")
    )
    right = clips["true"] == clips["predicted"]
    clips["order"] = np.where(right, clips["sure"], -clips["sure"])
    clips = clips.sort_values("order", kind="stable")
    cells = {}
    for (true, predicted), some in clips.groupby(["true", "predicted"]):
        listed = some.head(n_listed)
        cells[f"{true},{predicted}"] = [
            len(some),
            [
                [int(clip), int(times), _rounded(sure), _rounded(truth)]
                for clip, times, sure, truth in zip(
                    *(listed[name] for name in ("clip", "times", "sure", "truth")),
                    strict=True,
                )
            ],
        ]
    return cells


def _rounded(probability):
    return None if np.isnan(probability) else round(float(probability), 2)
