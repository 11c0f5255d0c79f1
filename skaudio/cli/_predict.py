"""`skaudio predict`."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import (
    STDOUT,
    say_error,
    say_warning,
    show_predictions,
    write_output,
)
from skaudio.cli._inputs import (
    check_output,
    journal_beside,
    load_classifier,
    stopped_run,
)
from skaudio.cli._options import AnyModelFile, Jobs, OtherChannel, Trust


def predict(
    model: AnyModelFile,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Sound files, or folders.")
    ],
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the probabilities of all classes; - is standard output.",
        ),
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write them as JSON; - is standard output."),
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
    Example: skaudio predict model.skaudio clips --json - > predictions.json
    """
    from skaudio.features import set_channel
    from skaudio.recordings import predict_files

    if csv == json == STDOUT:
        raise ValueError("--csv - and --json -: expected one on standard output")
    check_output(csv, "the predictions", "predictions.csv", [model, *files])
    check_output(json, "the predictions", "predictions.json", [model, *files])
    classifier = load_classifier(model, trust, several=True, exported=True)
    if channel is not None:
        set_channel(classifier, channel)
    journal = journal_beside(csv, json)
    with stopped_run(journal, "the predictions"):
        predictions, problems = predict_files(
            classifier, files, n_jobs=jobs, journal=journal, verbose=1
        )
    try:
        if csv is not None:
            text = predictions.to_csv(index=False, float_format="%.6g")
            write_output(csv, text, "the predictions", "predictions.csv")
        if json is not None:
            write_output(
                json, _as_json(predictions), "the predictions", "predictions.json"
            )
        if journal is not None:
            journal.unlink(missing_ok=True)
    finally:
        if STDOUT not in (csv, json):
            show_predictions(predictions)
    for row in problems.itertuples():
        (say_error if row.fatal else say_warning)(f"{row.file}: {row.problem}")
    if problems["fatal"].any():
        raise typer.Exit(1)


def _as_json(predictions):
    """Write a list of objects, each with its probabilities; NaN is null."""
    about = ["file", "start_time", "end_time", "prediction"]
    rows = predictions[about].to_dict("records")
    scores = predictions.drop(columns=about).to_dict("records")
    for row, probabilities in zip(rows, scores, strict=True):
        row["probabilities"] = probabilities
    plain = [{key: _plain(value) for key, value in row.items()} for row in rows]
    return json_format.dumps(plain, indent=2) + "\n"


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, float):
        return None if value != value else float(f"{value:.6g}")
    return value
