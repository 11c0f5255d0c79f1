"""The clips of a page: one number and one name each over all reports."""

import os

import numpy as np
import pandas as pd

from skaudio._utils.multilabel import label_sets
from skaudio.reports._predictions import true_labels


def number_clips(reports):
    """Give each clip one number over all reports.

    Parameters
    ----------
    reports : list of Report

    Returns
    -------
    clips : DataFrame
        One row per clip, in order of first occurrence: ``file`` (str or None),
        ``start_time``, ``end_time``, ``row``, ``true`` and ``name`` (see `name_clips`).
    numbers : list of ndarray of int
        For each report, the row of `clips` of each prediction.
    """
    keys = [_keys(report.predictions, true_text(report)) for report in reports]
    places = {}
    for key in (key for some in keys for key in some):
        places.setdefault(key, len(places))
    clips = pd.DataFrame(
        list(places),
        columns=["file", "start_time", "end_time", "row", "true"],
        dtype=object,  # pandas' own text cannot hold every file name
    )
    clips["name"] = pd.Series(name_clips(clips), dtype=object)
    return clips, [np.array([places[key] for key in some], int) for some in keys]


def name_clips(clips):
    """Name clips by their path relative to the common folder of all clips.

    Parameters
    ----------
    clips : DataFrame
        With ``file, start_time, end_time, row``.

    Returns
    -------
    names : list of str
    """
    folders = [os.path.dirname(file) for file in clips["file"] if file is not None]
    try:
        root = os.path.commonpath(folders)
    except ValueError:  # no files, or a mix of absolute and relative paths
        root = None
    names = []
    for file, start, end, row, *_ in clips.itertuples(index=False):
        # As in `predictions`, rows are counted from 0.
        if file is None:
            name = f"row {row}"
        elif root is None:
            name = os.sep.join(file.split(os.sep)[-2:])
        else:
            name = file[len(root) :].lstrip(os.sep)
        if start is not None or end is not None:
            name += f" ({0.0 if start is None else start:g}-"
            name += "end)" if end is None else f"{end:g} s)"
        names.append(name.replace(os.sep, "/"))
    return names


def true_text(report):
    """Return the true label of each prediction as text, or the set of its classes."""
    labels = true_labels(report.predictions, report.classes)
    return label_sets(labels) if labels.ndim == 2 else [str(one) for one in labels]


def _keys(predictions, true):
    """List one key per prediction, equal for predictions of the same clip."""
    n = len(predictions)
    columns = [
        [_value(value) for value in predictions[name]]
        if name in predictions
        else [None] * n
        for name in ("file", "start_time", "end_time")
    ]
    rows = predictions["row"].tolist()
    return [
        # With the label: one file under two labels is two clips on the page.
        (file, start, end, row if file is None else None, label)
        for file, start, end, row, label in zip(*columns, rows, true, strict=True)
    ]


def _value(value):
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    return None if value is None or np.isnan(value) else float(value)
