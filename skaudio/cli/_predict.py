"""`skaudio predict`."""

import typer

from skaudio.cli._console import note, say_error, show_predictions


def run(model, files, csv, jobs):
    """Set unreadable files aside, predict the others, print, write."""
    import numpy as np
    import pandas as pd

    from skaudio import load_model
    from skaudio.datasets import inspect_clips, list_audio_files

    pipeline = load_model(model)
    if csv is not None and not csv.parent.is_dir():
        raise FileNotFoundError(f"{csv.parent}: no such folder to write predictions in")
    facts = inspect_clips(list_audio_files(files), n_jobs=jobs)
    readable = facts["error"].isna().to_numpy()
    classes = pipeline.classes_
    scores = np.full((len(facts), len(classes)), np.nan)
    if readable.any():
        scores[readable] = pipeline.predict_proba(facts["file"][readable].to_numpy())
    best = np.where(readable, classes[np.nan_to_num(scores).argmax(axis=1)], "")
    if readable.any():
        show_predictions(
            zip(
                facts["file"][readable],
                best[readable],
                scores[readable].max(axis=1),
                strict=True,
            )
        )
    if csv is not None:
        table = facts[["file"]].assign(
            start_time=np.where(readable, 0.0, np.nan),
            end_time=facts["duration"],
            prediction=best,
        )
        table = pd.concat([table, pd.DataFrame(scores, columns=classes)], axis=1)
        table.to_csv(csv, index=False, float_format="%.6g")
        note(f"wrote {csv}")
    for row in facts[~readable].itertuples():
        say_error(f"{row.file}: {row.error}")
    if not readable.all():
        raise typer.Exit(1)
