"""Accuracy with 1, 2, 5, 10 and 20 clips per class: pretrained, and from scratch.

    python benchmarks/shots.py TRAINING [--repeats N] [--only NAME] -o DIR

Each repeat draws the clips to train on and scores a fifth of all clips, which share no
group with them; every model gets the same. Tables are kept in the folder, one CSV per
model, and the figure of all.
"""

import argparse
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline as chain
from sklearn.preprocessing import StandardScaler

from skaudio import (
    BirdNETEmbedder,
    LogMelExtractor,
    PrototypicalClassifier,
    PrototypicalNetClassifier,
    SpecAugmenter,
    WavLoader,
    YAMNetEmbedder,
)
from skaudio.datasets import load_audio_folder
from skaudio.displays import FewShotCurveDisplay
from skaudio.model_selection import few_shot_curve
from skaudio.pipelines import audio_pipeline, baseline_pipelines, embedding_pipeline

BOTH = ["birdnet", "yamnet"]  # each at its speeds, the highest value of a window

# Few clips make few batches per epoch: a net that trains from scratch needs more
# epochs.
EPOCHS = {1: 100, 2: 80, 5: 60, 10: 45, 20: 35}


def models(cache_dir=None):
    """Give the models by name."""
    birdnet = (WavLoader(48000), BirdNETEmbedder(cache_dir=cache_dir))
    yamnet = (WavLoader(16000), YAMNetEmbedder(cache_dir=cache_dir))
    # All classes of a fit in every episode, with as few clips as the prototypes have.
    episodes = PrototypicalNetClassifier(
        n_way=13, n_shot=2, n_query=2, n_episodes=300, augment=SpecAugmenter()
    )
    return {
        "BirdNET, prototypes": chain(*birdnet, PrototypicalClassifier()),
        "BirdNET, logistic regression": chain(*birdnet, *_linear()),
        "YAMNet, prototypes": chain(*yamnet, PrototypicalClassifier()),
        "YAMNet, logistic regression": chain(*yamnet, *_linear()),
        "both, prototypes": embedding_pipeline(BOTH, "prototypes"),
        "both, logistic regression": embedding_pipeline(BOTH),
        "EfficientAT, logistic regression": embedding_pipeline("efficientat"),
        "BirdNET and EfficientAT, logistic regression": embedding_pipeline(
            ["birdnet", "efficientat"]
        ),
        "mfcc_svm": baseline_pipelines()["mfcc_svm"],
        "alexnet_mel": audio_pipeline("alexnet_mel"),
        "episodes, prototypes": chain(WavLoader(), LogMelExtractor(), episodes),
    }


def _linear():
    return StandardScaler(), LogisticRegression(C=0.01, max_iter=1000)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", action="append", choices=models())
    parser.add_argument("--cache-dir", help="keeps embeddings")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    output = Path(arguments.output)
    output.mkdir(parents=True, exist_ok=True)
    clips = load_audio_folder(arguments.training, n_jobs=-1)
    tables = {}
    for name, model in models(arguments.cache_dir).items():
        if arguments.only and name not in arguments.only:
            continue
        numbers = [[*EPOCHS]]
        if name == "alexnet_mel":
            numbers = [[n_shots] for n_shots in EPOCHS]
        parts = []
        for n_shots in numbers:
            if name == "alexnet_mel":
                model.set_params(clf__max_epochs=EPOCHS[n_shots[0]])
            part = few_shot_curve(
                *(model, clips.data, clips.target, clips.groups),
                n_shots=n_shots,
                n_repeats=arguments.repeats,
            )
            parts.append(part)
        tables[name] = pd.concat(parts, ignore_index=True)
        tables[name].to_csv(output / f"{name.replace(', ', '_')}.csv", index=False)
        columns = ["n_shots", "accuracy", "accuracy_low", "accuracy_high", "macro_f1"]
        print(
            f"{name}\n{tables[name][columns].round(3).to_string(index=False)}",
            flush=True,
        )
    display = FewShotCurveDisplay(tables).plot()
    display.figure_.savefig(output / "shots.svg")


if __name__ == "__main__":
    main()
