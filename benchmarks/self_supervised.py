"""From scratch, or from an encoder fitted without labels: with all labels and with few.

    python benchmarks/self_supervised.py TRAINING --cache-dir results

Grouped 5-fold cross-validation. In each fold the encoders train on all of the fold's
training clips and on no other. Then, for each share of labels: the net from scratch;
the same net started from each encoder (fine-tuned), and with --fixmatch the net that
labels the rest itself; and a linear probe, logistic regression on each encoder's
features and on the statistics of MFCCs, with a support vector machine on the latter as
the baseline. The probe of an untrained encoder measures the architecture alone. Which
clips keep their labels is drawn by groups within classes, the same for all.

Every fit is kept in the cache folder when it is done; run again, and only what is
missing is computed.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import joblib
import numpy as np
import torch
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skaudio import (
    AlexNetMelClassifier,
    BYOLAEncoder,
    CNN1DClassifier,
    COLAEncoder,
    EnhancedCNN1DClassifier,
    FixMatchClassifier,
    LogMelExtractor,
    MFCCStatistics,
    ResNetMelClassifier,
    SimCLREncoder,
    SpecAugmenter,
    StatisticsMelClassifier,
    TransformerMelClassifier,
    WavLoader,
    __version__,
)
from skaudio.datasets import load_audio_folder

CLASSIFIERS = {
    "alexnet_mel": AlexNetMelClassifier,
    "cnn1d": CNN1DClassifier,
    "enhanced_cnn1d": EnhancedCNN1DClassifier,
    "resnet_mel": ResNetMelClassifier,
    "statistics_mel": StatisticsMelClassifier,
    "transformer_mel": TransformerMelClassifier,
}
ENCODERS = {"simclr": SimCLREncoder, "cola": COLAEncoder, "byola": BYOLAEncoder}
UNTRAINED = "untrained"


def arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("--cache-dir", default="self_supervised_results")
    parser.add_argument("--architecture", choices=CLASSIFIERS, default="alexnet_mel")
    parser.add_argument("--encoders", nargs="+", choices=ENCODERS, default=[*ENCODERS])
    parser.add_argument("--encoder-epochs", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--shares", nargs="+", type=float, default=[1.0, 0.5, 0.2])
    parser.add_argument("--fixmatch", action="store_true")
    parser.add_argument("--n-mels", type=int, default=64)
    parser.add_argument("--n-frames", type=int, default=128)
    parser.add_argument("--n-seeds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


class Cache:
    """Results and encoders in a folder, by what made them."""

    def __init__(self, folder, *facts):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.facts = (__version__, *facts)

    def result(self, name, make, *facts):
        """Return the list that `make` returns; it is called once."""
        path = self.folder / f"{name}-{joblib.hash((self.facts, name, *facts))}.json"
        if not path.exists():
            start = time.process_time()
            value = make()
            print(f"{name}: {time.process_time() - start:.0f} s", flush=True)
            path.write_text(json.dumps(value))
        return json.loads(path.read_text())

    def encoder(self, name, encoder, X):
        """Give the encoder fitted on X, from the folder if it is there."""
        key = joblib.hash((self.facts, encoder, X))
        path = self.folder / f"{name}-{key}.joblib"
        if not path.exists():
            start = time.process_time()
            joblib.dump(encoder.fit(X), path)
            loss = encoder.history_[-1]["loss"]
            print(f"{name}: {time.process_time() - start:.0f} s, {loss=:.3f}")
        return joblib.load(path)


def labelled_rows(y, groups, rows, share, seed):
    """Choose whole groups until each class has its share, and at least one."""
    chosen = []
    rng = np.random.default_rng(seed)
    for label in np.unique(y[rows]):
        own = rows[y[rows] == label]
        wanted, n = share * len(own), 0
        for group in rng.permutation(np.unique(groups[own])):
            if n and n >= wanted:
                break
            some = own[groups[own] == group]
            # A large group would otherwise be many more labels than were asked for.
            some = some[: max(1, round(wanted) - n)]
            chosen.append(some)
            n += len(some)
    return np.sort(np.concatenate(chosen))


def untrained(encoder):
    """Return the encoder with its initial weights, nearly unchanged."""
    return clone(encoder).set_params(max_epochs=1, lr=1e-12)


def main():
    """Fit and print."""
    options = arguments()
    torch.set_num_threads(1)
    clips = load_audio_folder(options.training)
    y, groups = clips.target, clips.groups
    waveforms = WavLoader().transform(clips.data)
    mel = LogMelExtractor(n_mels=options.n_mels, n_frames=options.n_frames)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* are longer than")
        X = mel.transform(waveforms)
    statistics = MFCCStatistics().transform(waveforms)
    made_of = (y, groups, mel, options.architecture)
    cache = Cache(options.cache_dir, *made_of)
    predicted = {}
    for seed in range(options.n_seeds):
        folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
        for fold, (train, test) in enumerate(folds.split(X, y, groups)):
            where = (seed, fold)
            some = {
                share: labelled_rows(y, groups, train, share, seed)
                for share in options.shares
            }
            for name, share, labels in one_fold(
                options, cache, X, statistics, y, some, train, test, where
            ):
                by_seed = predicted.setdefault((name, share), {})
                by_seed.setdefault(seed, np.empty(len(y), y.dtype))[test] = labels
            print(f"seed {seed}, fold {fold} is done", flush=True)
    report(predicted, y, options)


def one_fold(options, cache, X, statistics, y, some, train, test, where):
    """Yield name, share and predicted labels of every model."""
    seed, _ = where
    encoders = {
        name: ENCODERS[name](
            options.architecture,
            max_epochs=options.encoder_epochs,
            device=options.device,
            random_state=seed,
        )
        for name in options.encoders
    }
    fitted = {
        name: cache.encoder(name, encoder, X[train])
        for name, encoder in encoders.items()
    }
    fitted[UNTRAINED] = untrained(next(iter(encoders.values()))).fit(X[train])
    spaces = {name: encoder.transform(X) for name, encoder in fitted.items()}
    spaces["mfcc"] = statistics
    for share, rows in some.items():
        facts = (share, *where, options.encoder_epochs)

        def fit(model, space, rows=rows):
            return model.fit(space[rows], y[rows]).predict(space[test]).tolist()

        svm = make_pipeline(StandardScaler(), SVC(C=10, class_weight="balanced"))
        yield "mfcc_svm", share, fit(svm, statistics)
        for name, space in spaces.items():
            logistic = LogisticRegression(class_weight="balanced", max_iter=2000)
            probe = make_pipeline(StandardScaler(), logistic)
            name = f"{name}, linear probe"
            yield (
                name,
                share,
                cache.result(name, lambda p=probe, s=space: fit(p, s), *facts),
            )
        # As many steps with few labels as with all, as far as that makes sense.
        epochs = round(options.epochs * min(4.0, len(train) / len(rows)))
        net = CLASSIFIERS[options.architecture](
            max_epochs=epochs,
            lr=0.002,
            optimizer="adamw",
            weight_decay=0.05,
            lr_schedule="one_cycle",
            early_stopping=False,
            class_weight="balanced",
            label_smoothing=0.1,
            augment=SpecAugmenter(),
            device=options.device,
            random_state=seed,
        )
        # From scratch does not depend on how long the encoders were fitted.
        own = (share, *where, options.epochs)
        yield "scratch", share, cache.result("scratch", lambda n=net: fit(n, X), *own)
        for name in encoders:
            start = clone(net).set_params(encoder=FrozenEstimator(fitted[name]))
            name = f"{name}, fine-tuned"
            yield (
                name,
                share,
                cache.result(name, lambda n=start: fit(n, X), *facts, options.epochs),
            )
        if options.fixmatch and len(rows) < len(train):
            known = np.full(len(y), None, dtype=object)
            known[rows] = y[rows]
            both = FixMatchClassifier(net, confidence=0.8)

            def fit_both(n=both, known=known):
                return n.fit(X[train], known[train]).predict(X[test]).tolist()

            yield "fixmatch", share, cache.result("fixmatch", fit_both, *own)


def report(predicted, y, options):
    """Print medians over seeds of accuracy, of its gain, and of macro F1."""
    print(
        f"\n{options.architecture}, {options.n_mels} bands, {options.n_frames} frames; "
        f"medians of {options.n_seeds} seeds (lowest to highest)"
    )
    print(f"{'':28}{'labels':>8}{'accuracy':>22}{'over scratch':>26}{'macro F1':>10}")
    accuracies = {
        row: np.array([accuracy_score(y, labels) for labels in by_seed.values()])
        for row, by_seed in predicted.items()
    }
    for (name, share), accuracy in sorted(accuracies.items(), key=lambda p: -p[0][1]):
        gain = accuracy - accuracies["scratch", share]
        f1 = np.median(
            [
                f1_score(y, labels, average="macro")
                for labels in predicted[name, share].values()
            ]
        )
        accuracy, gain = (
            f"{np.median(x):{sign}.1%} ({x.min():{sign}.1%} - {x.max():{sign}.1%})"
            for x, sign in ((accuracy, ""), (gain, "+"))
        )
        print(f"{name:28}{share:8.0%}{accuracy:>22}{gain:>26}{f1:10.3f}")


if __name__ == "__main__":
    main()
