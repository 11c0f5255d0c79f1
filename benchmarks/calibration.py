"""Calibration error before and after `GroupedCalibrator`, by grouped folds.

    python benchmarks/calibration.py TRAINING [--features NAMES] -o DIR

Every fold trains and calibrates on the other four. Embeddings are kept in the folder.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss
from unknown_classes import embed

from skaudio import GroupedCalibrator
from skaudio.metrics import reliability_curve
from skaudio.model_selection import cross_validated_predictions
from skaudio.pipelines import embedding_pipeline

HEADS = ["logistic", "logistic_cv", "prototypes"]


def score(model, X, y, groups):
    """Score out-of-fold predictions."""
    found = cross_validated_predictions(model, X, y, groups, random_state=0)
    probabilities = found[np.unique(y).tolist()].to_numpy()
    correct = found["predicted"] == found["true"]
    confidence = probabilities.max(axis=1)
    return {
        "accuracy": correct.mean(),
        "confidence": confidence.mean(),
        "calibration error": reliability_curve(correct, confidence)[1],
        "log-loss": log_loss(y, probabilities),
    }


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("--features", default="efficientat")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    output = Path(arguments.output)
    output.mkdir(parents=True, exist_ok=True)
    X, y, groups = embed(
        arguments.training, arguments.features, output / f"{arguments.features}.npz"
    )
    table = {}
    for name in HEADS:
        head = embedding_pipeline(arguments.features, name)[-2:]
        table[name] = score(head, X, y, groups)
        calibrated = GroupedCalibrator(head, random_state=0)
        table[f"{name}, calibrated"] = score(calibrated, X, y, groups)
    print(pd.DataFrame(table).T.round(3).to_string())


if __name__ == "__main__":
    main()
