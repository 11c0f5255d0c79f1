"""A fixed penalty of the logistic head against one chosen by grouped cross-validation.

    python benchmarks/penalties.py TRAINING [--features NAMES] [--repeats 3] -o DIR

Accuracy, macro F1 and log-loss by grouped 5-fold cross-validation of all clips, in
shuffles with seeds 0, 1, 2; then of few clips per class, over ten draws; seconds of
processor time per fit, without embedding. Embeddings are kept in the folder.
"""

import argparse
import os
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import GroupedLogisticRegressionCV
from skaudio.datasets import load_audio_folder
from skaudio.model_selection import fit_with_groups
from skaudio.model_selection._few_shot_curve import _draws, _first
from skaudio.pipelines import embedding_pipeline

FEATURES = ["birdnet", "yamnet", "birdnet,yamnet"]
SHOTS = (1, 2, 5, 10, 20)


def heads():
    """Give the heads by name."""
    fixed = {
        f"C={C:g}": LogisticRegression(C=C, class_weight="balanced", max_iter=1000)
        for C in (0.01, 1.0)
    }
    return {**fixed, "chosen": GroupedLogisticRegressionCV()}


def score(head, X, y, groups, train, test):
    """Fit on some rows and score others; also give the penalty and the seconds."""
    model = make_pipeline(StandardScaler(), clone(head))
    start = time.process_time()
    fit_with_groups(model, X[train], y[train], groups[train])
    seconds = time.process_time() - start
    probabilities = model.predict_proba(X[test])
    predicted = model.classes_[probabilities.argmax(axis=1)]
    return [
        accuracy_score(y[test], predicted),
        f1_score(y[test], predicted, average="macro"),
        log_loss(y[test], probabilities, labels=model.classes_),
        seconds,
        model[-1].C_ if hasattr(model[-1], "C_") else model[-1].C,
    ]


def splits(y, groups, n_repeats):
    """Give the splits by title: all clips, then few."""
    folds = [
        split
        for seed in range(n_repeats)
        for split in StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(
            y, y, groups
        )
    ]
    few = {number: [] for number in SHOTS}
    seeds = np.random.RandomState(0).randint(2**31 - 1, size=10)
    for order, scored in _draws(y, groups, 5, seeds):
        for number in SHOTS:
            few[number].append((_first(order, number), scored))
    return {"all": folds} | few


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("--features", action="append", help="a set, with commas")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("-o", "--output", required=True)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of classes with few clips
    clips = load_audio_folder(options.training, n_jobs=-1)
    y, groups = clips.target, np.asarray(clips.groups)
    print(f"{len(y)} clips in {len(np.unique(groups))} groups")
    print("features, clips per class, head: accuracy, macro F1, log-loss, CPU s, C")
    for features in options.features or FEATURES:
        pipe = embedding_pipeline(features, n_jobs=-1)
        pipe.set_params(
            **{
                name: f"{options.output}/embeddings"
                for name in pipe.get_params()
                if name.endswith("cache_dir")
            }
        )
        X = pipe[:-2].fit_transform(clips.data)
        for title, own in splits(y, groups, options.repeats).items():
            for name, head in heads().items():
                rows = np.array([score(head, X, y, groups, *split) for split in own])
                means = " ".join(f"{value:.3f}" for value in rows[:, :4].mean(axis=0))
                chosen, counts = np.unique(rows[:, 4], return_counts=True)
                listed = ", ".join(
                    f"{C:g} x {count}" for C, count in zip(chosen, counts, strict=True)
                )
                print(
                    f"{features:<15} {title!s:<4} {name:<7} {means}  {listed}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
