"""Accuracy of a linear classifier on frozen embeddings, by grouped cross-validation.

    python benchmarks/frozen_embeddings.py animals_sounds/Training

BirdNET, YAMNet and both side by side, for each pooling; five folds that keep copies and
clips of one source together, in three shuffles.
"""

import argparse
import os
import warnings

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from skaudio import BirdNETEmbedder, WavLoader, YAMNetEmbedder
from skaudio.datasets import load_audio_folder


def scores(X, clips, n_shuffles):
    """Give accuracy and balanced accuracy, one row per shuffle."""
    head = make_pipeline(
        StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=5000)
    )
    rows = []
    for seed in range(n_shuffles):
        folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
        predicted = cross_val_predict(
            head, X, clips.target, groups=clips.groups, cv=folds
        )
        truth = (clips.target, predicted)
        rows.append([accuracy_score(*truth), balanced_accuracy_score(*truth)])
    return np.array(rows)


def main():
    """Print a row per pooling and embedding."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="one sub-folder of clips per class")
    parser.add_argument("--shuffles", type=int, default=3)
    parser.add_argument("--pad-mode", default="repeat", help="of BirdNET")
    options = parser.parse_args()
    clips = load_audio_folder(options.folder)
    waveforms = WavLoader(48000, n_jobs=2).transform(clips.data)
    print(f"{len(waveforms)} clips, {len(np.unique(clips.groups))} groups")
    warnings.simplefilter("ignore")
    for pooling in ("mean", "max", "mean_std"):
        birdnet = BirdNETEmbedder(pooling=pooling, pad_mode=options.pad_mode, n_jobs=2)
        yamnet = YAMNetEmbedder(sample_rate=48000, pooling=pooling, n_jobs=2)
        for name, embedder in {
            "BirdNET": birdnet,
            "YAMNet": yamnet,
            "both": make_union(birdnet, yamnet),
        }.items():
            found = scores(embedder.transform(waveforms), clips, options.shuffles)
            accuracy, balanced = found.mean(axis=0)
            low, high = found[:, 0].min(), found[:, 0].max()
            print(
                f"{pooling:<9} {name:<8} accuracy {accuracy:.3f} ({low:.3f} to "
                f"{high:.3f})   balanced accuracy {balanced:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
