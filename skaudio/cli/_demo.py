"""`skaudio demo`."""

from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import note, say, show_scores
from skaudio.cli._inputs import check_output_folder
from skaudio.cli._options import Seed
from skaudio.cli._train import cross_validate, fit

_CV = 3
_N_PER_CLASS = 30
_EPOCHS = 12  # enough for synthetic calls, and the demo stays short


def demo(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Folder for clips, model and page. Default: skaudio-demo, or the next "
            "number that is free.",
        ),
    ] = None,
    seed: Seed = 0,
):
    """Cross-validate, train, save and score on synthetic calls.

    One to two minutes on a laptop. Leaves a folder with the clips, the model and a
    report page, and says what to type next.

    Example: skaudio demo -o demo
    """
    if output is None:
        output = _free_folder("skaudio-demo")
    check_output_folder(output, "the clips and the model")
    if output.exists() and any(output.iterdir()):
        raise FileExistsError(
            f"{output}: is not empty, expected a new folder: nothing in it is "
            "overwritten"
        )
    output.mkdir(parents=True, exist_ok=True)
    _demo(output, seed)
    say(
        f"""
Look at the page:          {output / "report.html"}
Ask the model:             skaudio info {output / "model.skaudio"}
Let it name other calls:   skaudio predict {output / "model.skaudio"} {output / "new"}
Then with your own clips:  skaudio train CLIPS --cv 5 -o model.skaudio"""
    )
    return output


def _free_folder(name):
    """Return the first of name, name-2, name-3, ... that is not there."""
    numbered = (name if n == 1 else f"{name}-{n}" for n in count(1))
    return next(path for path in map(Path, numbered) if not path.exists())


def _demo(folder, seed):
    from skaudio import load_model, save_model
    from skaudio.datasets import load_audio_folder, make_animal_sounds
    from skaudio.pipelines import audio_pipeline
    from skaudio.reports import report_on, write_html

    note("making synthetic calls")
    for split, number in (("clips", seed), ("new", seed + 1)):
        make_animal_sounds(_N_PER_CLASS, output_dir=folder / split, random_state=number)
    clips = load_audio_folder(folder / "clips" / "Training")
    # Other individuals of the same animals, as the model meets them in the field.
    test = load_audio_folder(folder / "new" / "Training")
    say(
        f"{len(clips.data)} synthetic calls of {', '.join(clips.target_names)}; "
        f"guessing scores {1 / len(clips.target_names):.3f}"
    )
    pipeline = audio_pipeline("enhanced_cnn1d", random_state=seed, n_jobs=-1)
    pipeline.set_params(clf__max_epochs=_EPOCHS)
    folds = cross_validate(pipeline, clips, _CV, seed)
    show_scores(folds, f"\n{_CV} grouped folds")
    fit(pipeline, clips)
    path = folder / "model.skaudio"
    save_model(pipeline, path, training_clips=clips, reports=[folds])
    reloaded = load_model(path)
    say(f"\nsaved and reloaded {path.name} ({path.stat().st_size / 1e6:.1f} MB)")
    others = report_on(reloaded, test.data, test.target, test.groups)
    show_scores(others, "\nother individuals of the same animals")
    write_html([folds, others], folder / "report.html", title="skaudio demo")
