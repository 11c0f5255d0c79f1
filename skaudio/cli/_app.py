"""The command and its sub-commands; errors end in one line."""

import sys
import warnings
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from skaudio import __version__
from skaudio.cli._console import say, say_error, say_warning

app = typer.Typer(
    help="Animal-sound recognition when data are few and uneven.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# Repeated here, since the help should not wait for scikit-learn; a test compares.
ClassifierName = StrEnum(
    "ClassifierName",
    [
        "cnn1d",
        "cnn1d_simple_noise",
        "alexnet_mel",
        "transformer_mel",
        "enhanced_cnn1d",
        "logistic",
        "prototypes",
        "fine_tuned",
    ],
)

HeadName = StrEnum("HeadName", ["logistic", "prototypes", "fine_tuned"])
PretrainingName = StrEnum("PretrainingName", ["simclr", "cola", "byola"])

DatasetName = StrEnum("DatasetName", ["animals_sounds", "sasmaz_tek", "esc10", "esc50"])

ClipFolder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Folder of clips, one sub-folder a class.")
]
ModelFile = Annotated[
    Path, typer.Argument(metavar="MODEL", help="Model that `skaudio train` saved.")
]
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", help="Threads that decode sound; -1: all cores.")
]
Noise = Annotated[
    Path | None,
    typer.Option(
        "--noise",
        metavar="DIR",
        help="Noise to mix in, in training; else wind is made.",
    ),
]
Features = typer.Option(
    metavar="NAME,...",
    help="Pretrained networks (birdnet, yamnet), for heads such as logistic.",
)
Seed = Annotated[int, typer.Option("--seed", help="Same seed, same result.")]


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.")
    ] = False,
):
    if version:
        say(f"skaudio {__version__}")
        raise typer.Exit()


@app.command()
def train(
    folder: ClipFolder,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to save the model.")
    ],
    test: Annotated[
        Path | None,
        typer.Option("--test", metavar="DIR", help="Score the model on these clips."),
    ] = None,
    classifier: Annotated[
        ClassifierName | None,
        typer.Option(help="Default: enhanced_cnn1d; with --features logistic."),
    ] = None,
    features: Annotated[str | None, Features] = None,
    noise: Noise = None,
    cv: Annotated[
        int, typer.Option(help="Cross-validate first, over so many grouped folds.")
    ] = 0,
    seed: Seed = 0,
    jobs: Jobs = -1,
):
    """Train a classifier on a folder of clips and save it.

    Clips that cannot be read are named and left out. Copies, and clips of one source
    recording, are kept together wherever clips are split.

    Example: skaudio train clips/Training --cv 5 -o model.joblib
    """
    from skaudio.cli._train import run

    run(
        folder=folder,
        output=output,
        test=test,
        classifier=classifier and classifier.value,
        features=features,
        noise=noise,
        cv=cv,
        seed=seed,
        jobs=jobs,
    )


@app.command()
def ablate(
    folder: ClipFolder,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Where tables and finished fits go."
        ),
    ],
    test: Annotated[
        Path | None,
        typer.Option("--test", metavar="DIR", help="Score on these clips, too."),
    ] = None,
    noise: Noise = None,
    pretrain: Annotated[
        PretrainingName | None,
        typer.Option(
            help="Also transformer_mel started from an encoder that was trained on "
            "its clips without their labels."
        ),
    ] = None,
    cv: Annotated[
        int, typer.Option(help="Grouped folds of the cross-validation; 0 for none.")
    ] = 5,
    repeats: Annotated[
        int, typer.Option(min=1, help="Cross-validations, each of its own folds.")
    ] = 1,
    seeds: Annotated[
        int, typer.Option(min=1, help="Fits on all clips that the test clips score.")
    ] = 1,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this pipeline; may be repeated."),
    ] = None,
    features: Annotated[list[str] | None, Features] = None,
    classifier: Annotated[
        list[HeadName] | None,
        typer.Option(help="Head on --features; may be repeated, as they may."),
    ] = None,
    seed: Seed = 0,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", help="Fits at once; -1: one a core.")
    ] = -1,
):
    """Compare the five classifiers of the study, and what costs nothing.

    With --features also classifiers on pretrained networks. By grouped
    cross-validation and, with --test, on clips that nothing is chosen on.
    A run that was stopped goes on where it was, if it is given the same folder.

    Example: skaudio ablate clips/Training --test clips/Test --seeds 5 -o ablation
    """
    from skaudio.cli._ablate import run

    run(
        folder=folder,
        output=output,
        test=test,
        noise=noise,
        pretrain=pretrain and pretrain.value,
        cv=cv,
        repeats=repeats,
        seeds=seeds,
        only=only or [],
        features=features or [],
        heads=[name.value for name in classifier or [HeadName.logistic]],
        seed=seed,
        jobs=jobs,
    )


@app.command()
def report(
    folder: ClipFolder,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The page to write.")
    ],
    test: Annotated[
        Path | None,
        typer.Option("--test", metavar="DIR", help="Score on these clips, too."),
    ] = None,
    noise: Noise = None,
    test_noise: Annotated[
        Path | None,
        typer.Option(
            "--test-noise",
            metavar="DIR",
            help="Noise to test with; else a quarter of --noise, by source.",
        ),
    ] = None,
    classifier: Annotated[
        list[ClassifierName] | None,
        typer.Option(help="Which classifier; may be repeated."),
    ] = None,
    features: Annotated[list[str] | None, Features] = None,
    cv: Annotated[int, typer.Option(help="Grouped folds.")] = 5,
    repeats: Annotated[
        int, typer.Option(min=1, help="Cross-validations, each of its own folds.")
    ] = 1,
    seeds: Annotated[
        int, typer.Option(min=1, help="Fits on all clips that the test clips score.")
    ] = 1,
    seed: Seed = 0,
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Keep finished fits here: a stopped run goes on."
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", help="Fits at once; -1: one a core.")
    ] = -1,
):
    """Write a page on how good a classifier is: tables, pictures, sounds.

    By grouped cross-validation, beside a floor that costs a second; with --test on held
    out clips; with --noise or --test-noise the noisier the further down, under noise
    that training never heard.

    Example: skaudio report clips/Training --noise clips/Noise -o report.html
    """
    from skaudio.cli._report import run

    run(
        folder=folder,
        output=output,
        test=test,
        noise=noise,
        test_noise=test_noise,
        classifiers=[name.value for name in classifier or []],
        features=features or [],
        cv=cv,
        repeats=repeats,
        seeds=seeds,
        seed=seed,
        cache=cache,
        jobs=jobs,
    )


@app.command()
def evaluate(
    model: ModelFile,
    folder: ClipFolder,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the scores.")
    ] = None,
    jobs: Jobs = -1,
):
    """Score a saved model on labelled clips.

    Example: skaudio evaluate model.joblib clips/Test --json scores.json
    """
    from skaudio.cli._evaluate import run

    run(model=model, folder=folder, json=json, jobs=jobs)


@app.command()
def predict(
    model: ModelFile,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Sound files, or folders.")
    ],
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write the scores of every class."),
    ] = None,
    jobs: Jobs = -1,
):
    """Name the animal in each sound file.

    A file that cannot be read is named with its reason, the others are predicted; the
    command ends with status 1 then.

    Example: skaudio predict model.joblib recordings/*.wav --csv predictions.csv
    """
    from skaudio.cli._predict import run

    run(model=model, files=files, csv=csv, jobs=jobs)


@app.command()
def audit(
    folder: ClipFolder,
    test: Annotated[
        Path | None,
        typer.Option("--test", metavar="DIR", help="Test clips, to be held against."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write all tables as a page."),
    ] = None,
    jobs: Jobs = -1,
):
    """Tell what would make scores on these clips untrue.

    Copies, near copies and takes of one source, within the clips and across to the
    test clips; one sound under two labels; clips that are unreadable, silent, clipped
    or odd; and what the file format alone scores.

    Example: skaudio audit clips/Training --test clips/Test --html audit.html
    """
    from skaudio.cli._audit import run

    run(folder=folder, test=test, html=html, jobs=jobs)


@app.command()
def fetch(
    name: Annotated[DatasetName, typer.Argument(help="The data set.")],
    data_home: Annotated[
        Path | None,
        typer.Option(help="Where to keep it; else $SKAUDIO_DATA or ~/skaudio_data."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Mirror that is laid out as github.com is.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every file again and compare.")
    ] = False,
):
    """Download a public data set, every file checked, and tell where it is.

    Example: skaudio fetch esc10
    """
    from skaudio.cli._fetch import run

    run(name=name.value, data_home=data_home, base_url=base_url, verify=verify)


@app.command()
def demo(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Keep all of it here."),
    ] = None,
    seed: Seed = 0,
):
    """Try it all on synthetic animals: train, cross-validate, save, reload, report.

    Example: skaudio demo -o demo
    """
    from skaudio.cli._demo import run

    run(output=output, seed=seed)


def main():
    """Run the command line."""
    warnings.showwarning = say_warning
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show must not cost the results beside it.
        stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except (ValueError, OSError, ImportError, MemoryError) as error:
        say_error(error)
        sys.exit(1)
    except KeyboardInterrupt:
        say_error("stopped")
        sys.exit(130)
