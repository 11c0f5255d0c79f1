"""`skaudio predict`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import (
    files_progress,
    note,
    say_error,
    say_warning,
    show_predictions,
)
from skaudio.cli._inputs import check_output, load_classifier
from skaudio.cli._options import Jobs, ModelFile, OtherChannel, Trust


def predict(
    model: ModelFile,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Sound files, or folders.")
    ],
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the probabilities of all classes."),
    ] = None,
    channel: OtherChannel = None,
    trust: Trust = None,
    jobs: Jobs = -1,
):
    """Predict the class of each sound file.

    A file that cannot be read is named with the reason, and the others are
    predicted; the exit status is then 1. Stopped and run again with the same --csv,
    it goes on where it stopped.

    Example: skaudio predict model.skaudio clips/*.wav --csv predictions.csv
    """
    from skaudio._utils.atomic import write_text
    from skaudio.features import set_channel
    from skaudio.recordings import predict_files

    check_output(csv, "the predictions", "csv", [model, *files])
    classifier = load_classifier(model, trust, several=True)
    if channel is not None:
        set_channel(classifier, channel)
    # Kept where the run is stopped, for the next one.
    journal = csv and csv.with_name(f"{csv.name}.part")
    with files_progress("files") as on_files:
        predictions, problems = predict_files(
            classifier, files, n_jobs=jobs, journal=journal, on_files=on_files
        )
    try:
        if csv is not None:
            text = predictions.to_csv(index=False, float_format="%.6g")
            write_text(csv, text, "the predictions", "csv")
            journal.unlink(missing_ok=True)
            note(f"wrote {csv}")
    finally:
        show_predictions(predictions)
    for row in problems.itertuples():
        (say_error if row.fatal else say_warning)(f"{row.file}: {row.problem}")
    if problems["fatal"].any():
        raise typer.Exit(1)
