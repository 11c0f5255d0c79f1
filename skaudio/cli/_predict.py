"""`skaudio predict`."""

import typer

from skaudio.cli._console import note, say_error, say_warning, show_predictions
from skaudio.cli._evaluate import load_classifier
from skaudio.cli._inputs import check_output


def run(*, model, files, csv, jobs):
    """Predict, print, write; name the files that cannot be read."""
    from skaudio._utils.atomic import write_text
    from skaudio.recordings import predict_files

    classifier = load_classifier(model)
    check_output(csv, "predictions")
    predictions, problems = predict_files(classifier, files, n_jobs=jobs)
    if csv is not None:
        text = predictions.to_csv(index=False, float_format="%.6g")
        write_text(csv, text, "the predictions")
        note(f"wrote {csv}")
    show_predictions(predictions, classifier.classes_)
    for row in problems.itertuples():
        (say_error if row.fatal else say_warning)(f"{row.file}: {row.problem}")
    if problems["fatal"].any():
        raise typer.Exit(1)
