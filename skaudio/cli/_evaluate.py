"""`skaudio evaluate`."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import (
    STDOUT,
    show_evaluation,
    show_event_scores,
    write_output,
)
from skaudio.cli._inputs import (
    check_output,
    check_share,
    check_there,
    journal_beside,
    load_classifier,
    load_test_clips,
    stopped_run,
    use_cache,
)
from skaudio.cli._options import (
    Cache,
    ClipFolder,
    Jobs,
    ModelFile,
    OtherChannel,
    Trust,
    as_channel,
)

_RECORDINGS = "; if these are recordings, pass what calls in them as --annotations"


def evaluate(
    model: ModelFile,
    folder: ClipFolder,
    json: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the scores; - is standard output."),
    ] = None,
    annotations: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Annotations of all that calls in DIR, which then holds recordings: "
            "files of Raven, Audacity and others, or a folder of them.",
        ),
    ] = None,
    min_confidence: Annotated[
        float,
        typer.Option(
            metavar="SCORE", help="With --annotations, the threshold of events."
        ),
    ] = 0.5,
    channel: OtherChannel = None,
    trust: Trust = None,
    cache: Cache = None,
    jobs: Jobs = -1,
):
    """Score a saved model on clips or on annotated recordings.

    Stopped while it predicts clips and run again with the same --json, it goes on
    where it stopped.

    Example: skaudio evaluate model.skaudio clips/Test --json scores.json
    Example: skaudio evaluate model.skaudio recordings --annotations raven
    """
    from skaudio import __version__
    from skaudio.features import set_channel
    from skaudio.reports import report_on

    check_there(folder, annotations)
    check_share("--min-confidence", min_confidence)
    check_output(json, "the scores", "scores.json", [model, folder])
    classifier = load_classifier(model, trust, several=annotations is not None)
    if annotations is not None:
        _evaluate_recordings(
            classifier, model, folder, annotations, min_confidence, channel, json, jobs
        )
        return
    if channel is not None:
        set_channel(classifier, channel)
    use_cache(cache, [model, folder])
    if folder.is_dir() and not any(one.is_dir() for one in folder.iterdir()):
        raise ValueError(
            f"{folder}: has no class folders: put the clips of each class into a "
            f"sub-folder named after it{_RECORDINGS}"
        )
    clips = load_test_clips(
        *(folder, classifier, classifier.classes_.tolist(), jobs), otherwise=_RECORDINGS
    )
    journal = journal_beside(json)
    with stopped_run(journal, "the predictions"):
        report = report_on(
            *(classifier, clips.data, clips.target, clips.groups),
            n_jobs=jobs,
            journal=journal,
            verbose=1,
        )
    facts = {"model": str(model), "data": str(folder), "skaudio": __version__}
    rejected = clips.rejected.to_dict("records")
    scores = facts | report.to_dict() | {"rejected": rejected}
    try:
        if json is not None:
            text = json_format.dumps(scores, indent=2) + "\n"
            write_output(json, text, "the scores", "scores.json")
        if journal is not None:
            journal.unlink(missing_ok=True)
    finally:
        if json != STDOUT:
            show_evaluation(report, str(folder))


def _evaluate_recordings(
    classifier, model, folder, annotations, min_confidence, channel, json, jobs
):
    from skaudio import __version__
    from skaudio.recordings import evaluate_recordings

    found = evaluate_recordings(
        classifier,
        folder,
        annotations,
        threshold=min_confidence,
        channel=as_channel(channel),
        n_jobs=jobs,
        verbose=1,
    )
    if json is not None:
        tables = {
            name: json_format.loads(found[name].to_json(orient="index"))
            for name in ("event_scores", "average_precision")
        }
        facts = {
            "model": str(model),
            "data": str(folder),
            "skaudio": __version__,
            "annotations": str(annotations),
            "threshold": min_confidence,
            **found.average_precision.attrs,
        }
        text = json_format.dumps(facts | tables, indent=2) + "\n"
        write_output(json, text, "the scores", "scores.json")
    if json != STDOUT:
        show_event_scores(found, str(folder))
