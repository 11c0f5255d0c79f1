"""Arguments and options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

# Repeated here, since the help should not wait for scikit-learn; a test compares.
HeadName = StrEnum("HeadName", ["logistic", "logistic_cv", "prototypes", "fine_tuned"])
Strategy = StrEnum("Strategy", ["random", "stratified", "margin", "diverse"])
ClassifierName = StrEnum(
    "ClassifierName",
    [
        "cnn1d",
        "cnn1d_simple_noise",
        "alexnet_mel",
        "transformer_mel",
        "enhanced_cnn1d",
        "resnet_mel",
        "mel_ensemble",
        *HeadName,
    ],
)
CLASSIFIERS = ", ".join(ClassifierName)

# Hz, on pages: what a model heard above it is slowed down.
HIGHEST_AUDIBLE = 48000

ClipFolder = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="Folder of clips, one sub-folder per class."),
]
Verdicts = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="Table of verdicts of `skaudio review` or `skaudio search`, whose windows "
        "are clips too, for a model that `skaudio detect` takes; may be repeated.",
    ),
]
ModelFile = Annotated[
    Path,
    typer.Argument(metavar="MODEL", help="Model that `skaudio train` saved."),
]
AnyModelFile = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL",
        help="Model that `skaudio train` saved, or .onnx file of `skaudio export`.",
    ),
]
Trust = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CLASS",
        help="Class beside skaudio's own that the model may hold, such as "
        "my_package.MyTransformer; may be repeated.",
    ),
]
Test = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Also score on these held-out clips."),
]
Noise = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Noise for training; without it, synthetic wind."),
]
Background = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Recordings without animals, from the place of those to come, for a model "
        "that `skaudio detect` takes.",
    ),
]
Calibration = Annotated[
    str | None,
    typer.Option(
        metavar="temperature",
        help="Make probabilities right, by clips held back in five more fits.",
    ),
]
Channel = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Of stereo files: mix, loudest, or the number of a channel, from 0.",
    ),
]
OtherChannel = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Of stereo files: mix, loudest, or the number of a channel, from 0. "
        "Default: the model's.",
    ),
]
Window = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="Length of a window. Default: what the model was trained for.",
    ),
]
Overlap = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="Overlap of windows. Default: half of each."),
]
Merge = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", help="Events of a class so near each other are one."
    ),
]
MinConfidence = Annotated[
    float | None,
    typer.Option(
        metavar="SCORE",
        help="Threshold: the score, from 0 to 1, that a window of each event has. "
        "Default: 0.5, or the thresholds of --thresholds or in an .onnx file.",
    ),
]
Cache = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help="Folder that keeps embeddings and finished fits for the next run, or "
        "none. Default: $SKAUDIO_CACHE, or skaudio_data/cache in the home folder.",
    ),
]
FEATURES = ("efficientat", "birdnet", "yamnet", "panns", "ast", "htsat", "wav2vec2")
_FEATURES = typer.Option(
    metavar="NAME,...",
    help=f"Pretrained embeddings ({', '.join(FEATURES)}) for heads such as logistic.",
)
FeatureSet = Annotated[str | None, _FEATURES]
FeatureSets = Annotated[list[str] | None, _FEATURES]
Groups = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Table of your own groups, such as recordings or animals: a column file "
        "and a column group (or groups, src_file).",
    ),
]
GroupPattern = Annotated[
    str | None,
    typer.Option(
        metavar="REGEX",
        help="Your own groups from file names: what the first parentheses match.",
    ),
]


def as_channel(text):
    """Return the value of an option --channel: a number where it is one."""
    return int(text) if text is not None and text.isdecimal() else text


def number_option(*names, least, most, also=None, help):
    """Declare an option that is a whole number; its error names the value."""

    def parse(text):
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or (number != also and not least <= number <= most):
            other = "" if also is None else f", or {also}"
            raise typer.BadParameter(
                f"{text!r}: expected a whole number from {least} to {most}{other}"
            )
        return number

    return typer.Option(*names, parser=parse, metavar="N", help=help)


# The number of folds is checked with the clips, which know how many there can be.
Cv = Annotated[
    int,
    number_option(
        least=0,
        most=10**6,
        help="Grouped folds of the cross-validation; 0 for none.",
    ),
]
Repeats = Annotated[
    int,
    number_option(
        least=1, most=1000, help="Cross-validations, each with its own folds."
    ),
]
Seeds = Annotated[
    int,
    number_option(least=1, most=1000, help="Fits on all clips, each scored on --test."),
]
# As numpy takes seeds, with room for those of repeats.
Seed = Annotated[
    int, number_option(least=0, most=2**31, help="Same seed, same result.")
]
Device = Annotated[
    str,
    typer.Option(metavar="NAME", help="Torch device of the networks, such as cuda."),
]
Jobs = Annotated[
    int,
    number_option(
        *("--jobs", "-j"),
        least=1,
        most=1000,
        also=-1,
        help="Cores that are used; -1: all.",
    ),
]
