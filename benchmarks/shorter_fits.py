"""Recipes of a network, cheaper or not: processor time and grouped accuracy.

    python benchmarks/shorter_fits.py FOLDER [RECIPE...] [--network NAME]
        [--member NAME] [--shuffles 0 1 2] [--device cpu] -o RESULTS.jsonl

FOLDER holds the training clips, in a folder per class. Each fold is fitted with each
recipe in turn, "now" first, so that all share the load of the machine. Results are
written as they come; what RESULTS holds is not fitted again. The table compares the
folds that both a recipe and "now" have: the standard error of the difference is over
groups of clips. With `--member` a recipe is that of one member of an ensemble.
"""

import argparse
import json
import os
import time
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from skorch.callbacks import Callback

from skaudio.datasets import load_audio_folder
from skaudio.pipelines import reference_pipelines


class Segments(Callback):
    """Set how many frames are cut from each clip in training.

    Parameters
    ----------
    frames : callable
        From the share of the epochs that is done to a number of frames; None leaves
        those of the network.
    """

    def __init__(self, frames):
        self.frames = frames

    def on_train_begin(self, net, **kwargs):
        """Note the frames that the network has by itself."""
        self.whole_ = net.module_.segment

    def on_batch_begin(self, net, training=False, **kwargs):
        """Set the frames of the batch."""
        if training:
            frames = self.frames((len(net.history) - 1) / net.max_epochs)
            net.module_.segment = frames or self.whole_

    def on_train_end(self, net, **kwargs):
        """Set them back."""
        net.module_.segment = self.whole_


def anywhere_between(low, high, seed=0):
    """Draw the frames of each batch."""
    rng = np.random.default_rng(seed)
    return lambda done: int(rng.integers(low, high + 1))


# Parameters of a network, and the frames of a segment.
RECIPES = {
    "now": ({}, None),
    "160 frames": ({}, lambda done: 160),
    "112 frames": ({}, lambda done: 112),
    "96 frames": ({}, lambda done: 96),
    "48 to 144 frames": ({}, anywhere_between(48, 144)),
    "64 frames, then all": ({}, lambda done: 64 if done < 0.67 else None),
    "24 epochs": ({"max_epochs": 24}, None),
    "28 epochs, 128 frames": ({"max_epochs": 28}, lambda done: 128),
    "24 epochs, batches of 64": (
        {"max_epochs": 24, "batch_size": 64, "lr": 0.003},
        None,
    ),
}


def classifier_of(options, recipe, seed):
    """Build the classifier of a pipeline with a recipe, for each of its members."""
    pipelines = reference_pipelines(random_state=seed, device=options.device)
    classifier = pipelines[options.network]["clf"]
    parameters, frames = RECIPES[recipe]
    if frames is not None:
        parameters = parameters | {"callbacks": [Segments(frames)]}
    members = [name for name, _ in getattr(classifier, "members", [])]
    if options.member is not None:
        members = [options.member]
    prefixes = [f"{name}__" for name in members] or [""]
    return classifier.set_params(
        **{prefix + key: parameters[key] for prefix in prefixes for key in parameters}
    )


def result_of(classifier, X, y, train, test):
    """Fit on the training rows and score the others."""
    start = time.process_time(), time.perf_counter()
    classifier.fit(X[train], y[train])
    seconds = time.process_time() - start[0], time.perf_counter() - start[1]
    probabilities = classifier.predict_proba(X[test, :1])
    columns = np.searchsorted(classifier.classes_, y[test])
    return {
        "right": (probabilities.argmax(axis=1) == columns).tolist(),
        "loss": (-np.log(probabilities[np.arange(len(test)), columns])).tolist(),
        "rows": test.tolist(),
        "processor": seconds[0],
        "clock": seconds[1],
    }


def table(results, groups):
    """Print a row for each recipe."""
    print(
        "| recipe | folds | accuracy now | accuracy | difference | log-loss | "
        "processor time | clock |\n|---|---|---|---|---|---|---|---|"
    )
    for recipe, own in results.items():
        folds = sorted(own.keys() & results["now"].keys())
        if not folds:
            continue
        now, new = ([side[fold] for fold in folds] for side in (results["now"], own))
        rows = np.concatenate([fold["rows"] for fold in now])
        cells = [recipe, len(folds)]
        for name in ("right", "loss"):
            before, after = (
                np.concatenate([fold[name] for fold in side]) * 1.0
                for side in (now, new)
            )
            difference = after - before
            centred = difference - difference.mean()
            sums = np.bincount(groups[rows], centred)
            error = np.sqrt(np.square(sums).sum()) / len(rows)
            if name == "right":
                cells += [f"{before.mean():.3f}", f"{after.mean():.3f}"]
            cells.append(f"{difference.mean():+.3f} (se {error:.3f})")
        for name in ("processor", "clock"):
            before, after = (sum(fold[name] for fold in side) for side in (now, new))
            cells.append(f"{after / len(folds):.0f} s, {after / before:.2f}")
        print(f"| {' | '.join(map(str, cells))} |")


def main():
    """Fit what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="clips, a folder per class")
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help=", ".join(RECIPES))
    parser.add_argument("--network", default="enhanced_cnn1d")
    parser.add_argument("--member", metavar="NAME", help="of an ensemble")
    parser.add_argument("--shuffles", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    unknown = set(options.recipes) - set(RECIPES)
    if unknown:
        parser.error(f"{unknown}: expected some of {list(RECIPES)}")
    warnings.simplefilter("ignore")  # of the two clips that are cut at 16 s
    recipes = dict.fromkeys(["now", *(options.recipes or RECIPES)])
    results = {recipe: {} for recipe in recipes}
    if options.output.exists():
        for line in options.output.read_text().splitlines():
            found = json.loads(line)
            kind = found["network"], found.get("member")
            if kind == (options.network, options.member):
                own = results.setdefault(found["recipe"], {})
                own[found["shuffle"], found["fold"]] = found
    clips = load_audio_folder(options.folder)
    y, groups = clips.target, np.unique(clips.groups, return_inverse=True)[1]
    # The same noisy views for all: they depend on no other clip.
    X = clips.data
    steps = reference_pipelines(random_state=0)[options.network][:-1]
    X = steps.fit_transform(X, y)
    X = X if X.ndim == 4 else X[:, None]
    for shuffle in options.shuffles:
        folds = StratifiedGroupKFold(5, shuffle=True, random_state=shuffle)
        for fold, (train, test) in enumerate(folds.split(y, y, groups)):
            for recipe in recipes:
                if (shuffle, fold) in results[recipe]:
                    continue
                classifier = classifier_of(options, recipe, shuffle)
                result = {
                    "network": options.network,
                    "member": options.member,
                    "recipe": recipe,
                    "shuffle": shuffle,
                    "fold": fold,
                    **result_of(classifier, X, y, train, test),
                }
                results[recipe][shuffle, fold] = result
                with options.output.open("a") as journal:
                    journal.write(json.dumps(result) + "\n")
    table(results, groups)


if __name__ == "__main__":
    main()
