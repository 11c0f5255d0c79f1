"""One model, one data set: how much of an accuracy comes from copies and metadata.

    python benchmarks/can_you_believe_it.py TRAINING TEST

The model is a support vector machine on statistics of log-mels, fast and strong on few
clips. Cross-validation is 5-fold, the median of 5 shuffles.
"""

import argparse

import numpy as np
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skaudio import MFCCStatistics, WavLoader
from skaudio.audit import find_leaks, group_clips, metadata_classifier
from skaudio.datasets import load_audio_folder
from skaudio.model_selection import SourceGroupKFold

SHUFFLES = range(5)


def cross_validated(X, y, splitter, groups=None):
    """Median over shuffles of the accuracy of out-of-fold predictions."""
    scores = []
    for seed in SHUFFLES:
        folds = splitter(5, shuffle=True, random_state=seed)
        predicted = cross_val_predict(model(), X, y, groups=groups, cv=folds)
        scores.append(accuracy_score(y, predicted))
    return np.median(scores)


def by_source(X, y, files, groups):
    """Accuracy over the clips whose source recording is known, left out whole."""
    scores = []
    for seed in SHUFFLES:
        folds = SourceGroupKFold(5, random_state=seed).split(files, y, groups)
        hits = [
            model().fit(X[train], y[train]).predict(X[test]) == y[test]
            for train, test in folds
        ]
        scores.append(np.concatenate(hits).mean())
    return np.median(scores)


def model():
    """Build the classifier that is scored throughout."""
    return make_pipeline(StandardScaler(), SVC(C=10, class_weight="balanced"))


def main():
    """Print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("test")
    arguments = parser.parse_args()
    train = load_audio_folder(arguments.training, n_jobs=-1)
    test = load_audio_folder(arguments.test, n_jobs=-1)
    y, groups = train.target, train.groups
    loader = WavLoader(n_jobs=-1)
    waveforms, test_waveforms = (loader.transform(part.data) for part in (train, test))
    statistics = MFCCStatistics()
    X, X_test = (statistics.transform(part) for part in (waveforms, test_waveforms))
    X_narrow = MFCCStatistics(fmax=3500.0, n_mels=64).transform(waveforms)
    exact = np.unique(train.frame["digest"], return_inverse=True)[1]
    named = group_clips(train.data, near=False, n_jobs=-1)
    facts = train.frame
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    metadata = cross_val_predict(
        metadata_classifier(), facts, y, groups=groups, cv=folds
    )
    majority = np.unique(y, return_counts=True)[1].max() / len(y)
    rows = [
        ("random folds, as most papers do", cross_validated(X, y, StratifiedKFold)),
        ("exact copies kept together", _grouped(X, y, exact)),
        ("and clips of one source, by name", _grouped(X, y, named)),
        ("and near copies", _grouped(X, y, groups)),
        ("only clips of known source scored", by_source(X, y, train.data, groups)),
        ("grouped, all clips cut at 3.5 kHz", _grouped(X_narrow, y, groups)),
        ("grouped, the metadata alone", accuracy_score(y, metadata)),
        ("grouped, the majority guess", majority),
    ]
    print("Cross-validation on the training clips")
    for name, score in rows:
        print(f"  {name:<36}{score:.3f}")
    hits = model().fit(X, y).predict(X_test) == test.target
    leaked = find_leaks(train, test, n_jobs=-1)["test_file"]
    clean = ~np.isin(test.data.astype(str), leaked.to_numpy(dtype=str))
    print("The test clips")
    for name, rows in [
        ("as given", np.ones(len(hits), bool)),
        ("without the leaked clips", clean),
        ("only the leaked clips", ~clean),
    ]:
        print(f"  {name:<36}{hits[rows].mean():.3f}  ({rows.sum()} clips)")


def _grouped(X, y, groups):
    return cross_validated(X, y, StratifiedGroupKFold, groups)


if __name__ == "__main__":
    main()
