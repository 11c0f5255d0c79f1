"""Pooling, speeds and heads on pretrained features, by grouped cross-validation.

    python benchmarks/heads.py TRAINING [--repeats 3] [--only TEXT] -o DIR

Embeddings and finished fits are kept in the folder. Repeats have seeds 0, 1, 2.
"""

import argparse

from skaudio.datasets import load_audio_folder
from skaudio.model_selection import ablate
from skaudio.pipelines import embedding_pipeline

SLOW, FAST, FASTER = (1,), (1, 2), (1, 2, 4)
BIRDNET, YAMNET = {"birdnet": SLOW}, {"yamnet": SLOW}
BOTH = BIRDNET | YAMNET
LAYERS = {"efficientat": FAST}  # at all layers
# Speeds by features, pooling, head.
VARIANTS = [
    *((speeds, "mean", "C=1") for speeds in (BIRDNET, YAMNET, BOTH)),
    *((BOTH, pooling, "C=0.01") for pooling in ("mean", "max", "mean_std")),
    (BOTH, "mean", "prototypes"),
    ({"birdnet": FASTER}, "max", "C=0.01"),
    ({"yamnet": FAST}, "max", "C=0.01"),
    ({"birdnet": FAST} | YAMNET, "max", "C=0.01"),
    ({"birdnet": FAST, "yamnet": FAST}, "max", "C=0.01"),
    ({"birdnet": FASTER} | YAMNET, "max", "C=0.01"),
    ({"birdnet": FASTER, "yamnet": FAST}, "max", "C=0.01"),
    ({"birdnet": FASTER, "yamnet": FAST}, "max", "prototypes"),
    ({"efficientat, last layer": SLOW}, "mean", "C=0.01"),
    ({"efficientat": SLOW}, "mean", "C=0.01"),
    *((LAYERS, pooling, "C=0.01") for pooling in ("mean", "max", "mean_std")),
    ({"efficientat": FASTER}, "mean", "C=0.01"),
    (LAYERS, "mean", "prototypes"),
    ({"yamnet": FAST} | LAYERS, "max", "C=0.01"),
    ({"birdnet": FASTER} | LAYERS, "max", "C=0.01"),
    ({"birdnet": FASTER, "yamnet": FAST} | LAYERS, "max", "C=0.01"),
]


def build(speeds, pooling, head, cache_dir):
    """Build the pipeline of a variant."""
    logistic = head != "prototypes"
    names = [name.partition(",")[0] for name in speeds]
    pipe = embedding_pipeline(names, "logistic" if logistic else head)
    for name, (features, own) in zip(names, speeds.items(), strict=True):
        place = "embed" if len(names) == 1 else f"embed__{name}__embed"
        options = dict(pooling=pooling, speeds=own, cache_dir=cache_dir)
        if "last layer" in features:
            options["layers"] = "embedding"
        pipe.set_params(**{f"{place}__{key}": options[key] for key in options})
    if logistic:
        pipe.set_params(clf__C=float(head.removeprefix("C=")))
    return pipe


def title(speeds, pooling, head):
    """Name a variant."""
    features = [
        name + "".join(f" x{speed}" for speed in own if speed != 1)
        for name, own in speeds.items()
    ]
    return f"{' + '.join(features)}, {pooling}, {head}"


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", help="rows whose name holds this text")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    clips = load_audio_folder(arguments.training, n_jobs=-1)
    cache_dir = f"{arguments.output}/embeddings"
    table = ablate(
        {
            title(*variant): build(*variant, cache_dir)
            for variant in VARIANTS
            if (arguments.only or "") in title(*variant)
        },
        clips.data,
        clips.target,
        clips.groups,
        n_repeats=arguments.repeats,
        random_state=0,
        cache_dir=f"{arguments.output}/results",
        baselines=False,
    )
    columns = ["accuracy", "accuracy_low", "accuracy_high", "macro_f1", "fit_seconds"]
    print(table[columns].round(3).to_string())


if __name__ == "__main__":
    main()
