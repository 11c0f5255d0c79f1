"""Pooling, speeds and heads on pretrained features, by grouped cross-validation.

    python benchmarks/heads.py TRAINING [--repeats 3] [--only TEXT] -o DIR

Embeddings and finished fits are kept in the folder. Repeats have seeds 0, 1, 2.
"""

import argparse

from skaudio.datasets import load_audio_folder
from skaudio.model_selection import ablate
from skaudio.pipelines import embedding_pipeline

BOTH = ("birdnet", "yamnet")
SLOW, FAST, FASTER = (1,), (1, 2), (1, 2, 4)
# Features, pooling, speeds of BirdNET, speeds of YAMNet, head.
VARIANTS = [
    *((names, "mean", SLOW, SLOW, "C=1") for names in (BOTH[:1], BOTH[1:], BOTH)),
    *((BOTH, pooling, SLOW, SLOW, "C=0.01") for pooling in ("mean", "max", "mean_std")),
    (BOTH, "mean", SLOW, SLOW, "prototypes"),
    (BOTH[:1], "max", FASTER, SLOW, "C=0.01"),
    (BOTH[1:], "max", SLOW, FAST, "C=0.01"),
    (BOTH, "max", FAST, SLOW, "C=0.01"),
    (BOTH, "max", FAST, FAST, "C=0.01"),
    (BOTH, "max", FASTER, SLOW, "C=0.01"),
    (BOTH, "max", FASTER, FAST, "C=0.01"),
    (BOTH, "max", FASTER, FAST, "prototypes"),
]


def build(names, pooling, birdnet, yamnet, head, cache_dir):
    """Build the pipeline of a variant."""
    logistic = head != "prototypes"
    pipe = embedding_pipeline(names, "logistic" if logistic else head)
    for name, speeds in (("birdnet", birdnet), ("yamnet", yamnet)):
        if name in names:
            place = "embed" if len(names) == 1 else f"embed__{name}__embed"
            options = dict(pooling=pooling, speeds=speeds, cache_dir=cache_dir)
            pipe.set_params(**{f"{place}__{key}": options[key] for key in options})
    if logistic:
        pipe.set_params(clf__C=float(head.removeprefix("C=")))
    return pipe


def title(names, pooling, birdnet, yamnet, head):
    """Name a variant."""
    features = [
        name + "".join(f" x{speed}" for speed in speeds if speed != 1)
        for name, speeds in zip(BOTH, (birdnet, yamnet), strict=True)
        if name in names
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
