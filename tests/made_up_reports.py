"""Reports of made-up predictions."""

import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier

from skaudio.reports import Report


def report_of(rows, classes, name="model", **attributes):
    """Build a report of rows (file, true, predicted, {label: probability} or None)."""
    table = pd.DataFrame(
        {
            "file": pd.Series([row[0] for row in rows], dtype=object),
            "row": range(len(rows)),
            "group": range(len(rows)),
            "repeat": 0,
            "fold": 0,
            "true": [row[1] for row in rows],
            "predicted": [row[2] for row in rows],
        }
    )
    if rows[0][3] is not None:
        for label in classes:
            table[f"probability_{label}"] = [row[3].get(label, 0.0) for row in rows]
    return report_from_table(table, classes, name, **attributes)


def report_of_labels(y_true, y_pred, classes, name="model"):
    """Build a held-out report of true and predicted labels."""
    rows = [(None, *pair, None) for pair in zip(y_true, y_pred, strict=True)]
    return report_of(rows, classes, name, kind="held-out")


def made_up_fit(
    rows,
    predicted,
    repeat=0,
    fold=0,
    *,
    probabilities=None,
    n_epochs=0,
    fit_seconds=1.5,
):
    """Build a fit as `Report.from_fits` takes it."""
    return {
        "repeat": repeat,
        "fold": fold,
        "rows": np.asarray(rows),
        "predicted": np.asarray(predicted),
        "probabilities": probabilities,
        "history": [{"epoch": epoch} for epoch in range(1, n_epochs + 1)] or None,
        "fit_seconds": fit_seconds,
        "predict_seconds": 0.5,
        "n_parameters": 10,
    }


def report_of_hits(
    hits, kind="held-out", name="model", *, leaked=None, near=True, fit_seconds=1.5
):
    """Build a report of files "0.wav", "1.wav", ..., all "cat", two per group.

    Parameters
    ----------
    hits : list of list of bool, shape (n_repeats, n_files)
        Whether each repeat predicts "cat", else it predicts "cow".
    leaked : list of int or None
        Numbers of the files that leak; None where that is not known.
    """
    n_files = len(hits[0])
    leaks = None
    if leaked is not None:
        leaks = pd.DataFrame(
            {
                "test_file": [f"{number}.wav" for number in leaked],
                "relation": "exact copy",
                "train_file": "train.wav",
                "n_related": np.ones(len(leaked), np.int64),
            }
        )
        leaks.attrs["near"] = near
    return Report.from_fits(
        [
            made_up_fit(
                range(n_files),
                np.where(repeat, "cat", "cow"),
                repeat=number,
                fit_seconds=fit_seconds,
            )
            for number, repeat in enumerate(hits)
        ],
        DummyClassifier(),
        [f"{number}.wav" for number in range(n_files)],
        np.full(n_files, "cat"),
        np.arange(n_files) // 2,
        ["cat", "cow"],
        kind=kind,
        name=name,
        leaks=leaks,
    )


def report_from_table(table, classes, name="model", **attributes):
    """Build a report of predictions; `attributes` replace the made-up ones."""
    facts = {
        "n_clips": int(table["row"].nunique()),
        "n_groups": int(table["group"].nunique()),
        "n_train": 40.0,
        "classes": list(classes),
        "cv": "StratifiedGroupKFold(5)",
        "n_repeats": int(table["repeat"].nunique()),
        "seed": 1234,
        "parameters": {"clf__lr": "0.0123"},
        "versions": {"skaudio": "9.8.7", "python": "3.99"},
        "command": "skaudio evaluate somewhere",
        "created": "2026-01-02",
    }
    times = pd.DataFrame(
        {"repeat": [0], "fold": [0], "fit_seconds": [12.5], "predict_seconds": [0.25]}
    )
    attributes = {
        "kind": "cross-validation",
        "history": pd.DataFrame({"epoch": []}),
        "times": times,
        "facts": facts,
        **attributes,
    }
    return Report(name=name, classes=list(classes), predictions=table, **attributes)


def guesses(files, labels, name="model", skill=1.5, seed=0, n_repeats=1, **attributes):
    """Build a report of random predictions, more accurate with larger `skill`."""
    rng = np.random.default_rng(seed)
    classes = sorted(set(labels))
    true = np.array([classes.index(label) for label in labels])
    tables = []
    for repeat in range(n_repeats):
        scores = rng.normal(size=(len(files), len(classes)))
        scores[np.arange(len(files)), true] += skill
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        table = pd.DataFrame(
            {
                "file": pd.Series(files, dtype=object),
                "row": range(len(files)),
                "group": np.arange(len(files)) % 60,  # few groups: bootstraps take long
                "repeat": repeat,
                "fold": np.arange(len(files)) % 5,
                "true": labels,
                "predicted": [classes[place] for place in shares.argmax(axis=1)],
            }
        )
        table[[f"probability_{label}" for label in classes]] = shares
        tables.append(table)
    epochs = np.arange(1, 21)
    history = pd.DataFrame(
        {
            "repeat": 0,
            "fold": 0,
            "epoch": epochs,
            "train_loss": 2 / epochs,
            "valid_loss": 0.5 + 2 / epochs,
            "valid_accuracy": 1 - 0.8 / epochs,
        }
    )
    attributes = {"history": history, "n_parameters": 654321, **attributes}
    return report_from_table(pd.concat(tables), classes, name, **attributes)
