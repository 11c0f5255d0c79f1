"""Reports on predictions that nobody made, to see what a page makes of them."""

import numpy as np
import pandas as pd

from skaudio.reports import Report


def report_of(rows, classes, name="model", **attributes):
    """A report from rows of (file, true, predicted, {label: probability} or None)."""
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
            given = [row[3].get(label, 0.0) for row in rows]
            table[f"probability_{label}"] = given
    return report_from_table(table, classes, name, **attributes)


def report_from_table(table, classes, name="model", **attributes):
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
    given = {
        "kind": "cross-validation",
        "history": pd.DataFrame({"epoch": []}),
        "times": times,
        "facts": facts,
        **attributes,
    }
    return Report(name=name, classes=list(classes), predictions=table, **given)


def guesses(files, labels, name="model", skill=1.5, seed=0, n_repeats=1, **attributes):
    """A report of random predictions; the larger the skill, the better."""
    rng = np.random.default_rng(seed)
    classes = sorted(set(labels))
    true = np.array([classes.index(label) for label in labels])
    tables = []
    for repeat in range(n_repeats):
        scores = rng.normal(size=(len(files), len(classes)))
        scores[np.arange(len(files)), true] += skill
        given = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        table = pd.DataFrame(
            {
                "file": pd.Series(files, dtype=object),
                "row": range(len(files)),
                "group": np.arange(len(files)) % 60,  # few: bootstraps take long
                "repeat": repeat,
                "fold": np.arange(len(files)) % 5,
                "true": labels,
                "predicted": [classes[place] for place in given.argmax(axis=1)],
            }
        )
        table[[f"probability_{label}" for label in classes]] = given
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
