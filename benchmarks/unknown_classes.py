"""Clips of classes that a model does not know: each class in turn is left out.

    python benchmarks/unknown_classes.py TRAINING [--features NAMES] [--method NAME]
        [--quarters 4] -o DIR

A grouped quarter of the other classes is held back. Scored: AUROC of unknown against
held-back clips, by the p-values; the share of unknown clips that is rejected where 5 %
of the held-back clips are; and both shares at alpha = 0.05, which a user gets.
Embeddings are kept in the folder.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from skaudio import UnknownRejector
from skaudio.datasets import load_audio_folder
from skaudio.pipelines import embedding_pipeline

METHODS = ["max_probability", "energy", "knn", "kernel_discriminant"]


def embed(training, features, file):
    """Embed the clips, or read what an earlier run embedded."""
    if not file.exists():
        clips = load_audio_folder(training, n_jobs=-1)
        X = embedding_pipeline(features)[:-2].fit_transform(clips.data)
        np.savez(file, X=X, y=np.asarray(clips.target, str), groups=clips.groups)
    with np.load(file) as arrays:
        return arrays["X"].astype(float), arrays["y"], arrays["groups"]


def score(model, X, y, groups, label, quarters):
    """Score a model that does not know a class, once per quarter."""
    known, unknown = np.flatnonzero(y != label), np.flatnonzero(y == label)
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=0)
    folds = folds.split(known, y[known], groups[known])
    rows = []
    for _, (train, test) in zip(range(quarters), folds, strict=False):
        train, test = known[train], known[test]
        model.fit(X[train], y[train], groups[train])
        inside, outside = model.p_values(X[test]), model.p_values(X[unknown])
        is_unknown = np.repeat([0, 1], [len(test), len(unknown)])
        rows.append(
            {
                "auroc": roc_auc_score(is_unknown, -np.append(inside, outside)),
                "rejected": np.mean(outside < np.quantile(inside, 0.05)),
                "known at alpha": np.mean(inside < model.alpha),
                "unknown at alpha": np.mean(outside < model.alpha),
            }
        )
    return pd.DataFrame(rows).mean()


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("--features", default="efficientat")
    parser.add_argument("--method", action="append", choices=METHODS)
    parser.add_argument("--quarters", type=int, default=4)
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    output = Path(arguments.output)
    output.mkdir(parents=True, exist_ok=True)
    X, y, groups = embed(
        arguments.training, arguments.features, output / f"{arguments.features}.npz"
    )
    head = embedding_pipeline(arguments.features)[-2:]
    warnings.filterwarnings("ignore", "The least populated class")
    table = {}
    for method in arguments.method or METHODS:
        model = UnknownRejector(head, method=method, random_state=0)
        of_classes = {
            label: score(model, X, y, groups, label, arguments.quarters)
            for label in np.unique(y)
        }
        of_classes = pd.DataFrame(of_classes).T
        of_classes.to_csv(output / f"{arguments.features}_{method}.csv")
        table[method] = of_classes.mean()
        print(f"{method}\n{of_classes.round(3).to_string()}", flush=True)
    print(pd.DataFrame(table).T.round(3).to_string())


if __name__ == "__main__":
    main()
