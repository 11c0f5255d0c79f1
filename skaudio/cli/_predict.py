"""`skaudio predict`."""

import typer

from skaudio.cli._console import note, say_error, say_warning, show_predictions
from skaudio.cli._evaluate import load_classifier


def run(model, files, csv, jobs):
    """Set unreadable files aside, predict the others, print, write."""
    import numpy as np
    import pandas as pd

    from skaudio.datasets import inspect_clips
    from skaudio.datasets._inspect import SILENT

    pipeline = load_classifier(model)
    if csv is not None and not csv.parent.is_dir():
        raise FileNotFoundError(f"{csv.parent}: no such folder to write predictions in")
    files, empty = _list(files)
    facts = inspect_clips(files, n_jobs=jobs)
    readable = facts["error"].isna().to_numpy()
    classes = pipeline.classes_
    scores = np.full((len(facts), len(classes)), np.nan)
    if readable.any():
        scores[readable] = pipeline.predict_proba(facts["file"][readable].to_numpy())
    best = np.where(readable, classes[np.nan_to_num(scores).argmax(axis=1)], "")
    if csv is not None:
        table = facts[["file"]].assign(
            start_time=np.where(readable, 0.0, np.nan),
            end_time=facts["duration"],
            prediction=best,
        )
        table = pd.concat([table, pd.DataFrame(scores, columns=classes)], axis=1)
        table.to_csv(csv, index=False, float_format="%.6g")
        note(f"wrote {csv}")
    if readable.any():
        show_predictions(
            zip(
                facts["file"][readable],
                best[readable],
                scores[readable].max(axis=1),
                strict=True,
            )
        )
    for row in facts[readable & (facts["peak"] < SILENT)].itertuples():
        say_warning(f"{row.file}: is silent, its prediction says nothing")
    for row in facts[~readable].itertuples():
        say_error(f"{row.file}: {row.error}")
    for error in empty:
        say_error(error)
    if empty or not readable.all():
        raise typer.Exit(1)


def _list(paths):
    """List the sound files, and the errors of the folders that hold none."""
    from skaudio.datasets import list_audio_files

    files, errors = [], []
    for path in paths:
        try:
            files += list_audio_files([path])
        except ValueError as error:
            errors.append(error)
    return list(dict.fromkeys(files)), errors
