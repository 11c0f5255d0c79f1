"""What domain adaptation without labels gains on clips unlike those of training.

    python benchmarks/shift.py TRAINING NOISE [--folds N] [--only NAME]

Trained on clean clips; scored on the others as they are, cut at 3.5 kHz, and in wind at
0 dB, of recordings that are not in training. 5-fold grouped cross-validation. The model
adapts to the clips of the fold that are scored, about a hundred, without their labels:
AdaBN for the net, CORAL for embeddings.
"""

import argparse
import copy

import numpy as np
import pandas as pd
import soxr
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import (
    BirdNETEmbedder,
    CalibratedNoiseMixer,
    CORALAligner,
    MFCCStatistics,
    PrototypicalClassifier,
    WavLoader,
    YAMNetEmbedder,
)
from skaudio.datasets import load_audio_folder
from skaudio.metrics import wilson_interval
from skaudio.model_selection import fit_with_groups
from skaudio.pipelines import audio_pipeline

LIMIT = 3500  # Hz
SNR_DB = 0
# The last matches the mean and the variance of each feature only.
SHRINKAGES = {"CORAL": "auto", "CORAL, shrinkage=1": 1.0}
CONDITIONS = ("clean", "cut at 3.5 kHz", "wind at 0 dB")


def models(cache_dir=None):
    """Return for each model its loader, what is computed once, and what is fitted."""
    birdnet = (WavLoader(48000), BirdNETEmbedder(cache_dir=cache_dir))
    yamnet = (WavLoader(16000), YAMNetEmbedder(cache_dir=cache_dir))
    mfcc = (WavLoader(16000), MFCCStatistics())
    net = audio_pipeline("alexnet_mel", random_state=0)
    return {
        "MFCC, logistic regression": (*mfcc, _linear()),
        "YAMNet, logistic regression": (*yamnet, _linear()),
        "YAMNet, prototypes": (*yamnet, _prototypes()),
        "BirdNET, logistic regression": (*birdnet, _linear()),
        "BirdNET, prototypes": (*birdnet, _prototypes()),
        "alexnet_mel": (net["load"], net["mel"], net[-1:]),
    }


def _linear():
    return Pipeline(
        [
            ("scale", StandardScaler()),
            ("align", CORALAligner()),
            ("clf", LogisticRegression(C=0.01, max_iter=1000)),
        ]
    )


def _prototypes():
    return Pipeline([("align", CORALAligner()), ("clf", PrototypicalClassifier())])


def conditions(waveforms, y, noise, sample_rate):
    """Yield the clips as they are, band-limited, and noisy."""
    yield waveforms
    cut = np.empty(len(waveforms), object)
    for place, waveform in enumerate(waveforms):
        low = soxr.resample(waveform, sample_rate, 2 * LIMIT)
        back = soxr.resample(low, 2 * LIMIT, sample_rate)
        cut[place] = np.resize(back, len(waveform)).astype(np.float32)
    yield cut
    mixer = CalibratedNoiseMixer(
        noise, snr_db=SNR_DB, sample_rate=sample_rate, random_state=0
    )
    noisy = np.empty(len(waveforms), object)
    noisy[:] = [views[1] for views in mixer.fit_transform(waveforms, y)]
    yield noisy


def adapted(model, X_train, X):
    """Yield copies of a fitted pipeline that have adapted to rows, and how."""
    names = list(model.named_steps)
    yield "as it is", model
    if "align" not in names:
        changed = copy.deepcopy(model)
        changed[-1].adapt(X)
        yield "AdaBN", changed
        return
    before = model[: names.index("align")]
    train, target = (
        before.transform(rows) if len(before) else rows for rows in (X_train, X)
    )
    for how, shrinkage in SHRINKAGES.items():
        changed = copy.deepcopy(model)
        aligner = changed.named_steps["align"].set_params(shrinkage=shrinkage)
        aligner.fit(train).adapt(target)
        yield how, changed


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("noise")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=models())
    parser.add_argument("--cache-dir", help="keeps embeddings")
    arguments = parser.parse_args()
    clips = load_audio_folder(arguments.training, n_jobs=-1)
    y = np.asarray(clips.target)
    folds = StratifiedGroupKFold(arguments.folds, shuffle=True, random_state=0)
    folds = list(folds.split(y, y, clips.groups))
    rows = {}
    for name, (loader, describe, model) in models(arguments.cache_dir).items():
        if arguments.only and name not in arguments.only:
            continue
        waveforms = loader.transform(clips.data)
        features = {
            condition: describe.transform(changed)
            for condition, changed in zip(
                CONDITIONS,
                conditions(waveforms, y, arguments.noise, loader.sample_rate),
                strict=True,
            )
        }
        correct = {}
        for train, test in folds:
            fitted = copy.deepcopy(model)
            X = features["clean"][train]
            fit_with_groups(fitted, X, y[train], np.asarray(clips.groups)[train])
            for condition in CONDITIONS:
                target = features[condition][test]
                for how, judge in adapted(fitted, X, target):
                    right = (judge.predict(target) == y[test]).tolist()
                    correct.setdefault((name, how), {}).setdefault(condition, [])
                    correct[name, how][condition] += right
        for key, by_condition in correct.items():
            rows[key] = {name: _scores(right) for name, right in by_condition.items()}
            print(*key, rows[key], flush=True)
    print(pd.DataFrame.from_dict(rows, orient="index").to_string())


def _scores(correct):
    accuracy = np.mean(correct)
    low, high = wilson_interval(accuracy, len(correct))
    return f"{accuracy:.3f} ({low:.2f}-{high:.2f})"


if __name__ == "__main__":
    main()
