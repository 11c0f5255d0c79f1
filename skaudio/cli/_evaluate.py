"""`skaudio evaluate`."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import note, show_evaluation
from skaudio.cli._inputs import check_output, load_classifier, load_test_clips
from skaudio.cli._options import ClipFolder, Jobs, ModelFile, OtherChannel, Trust


def evaluate(
    model: ModelFile,
    folder: ClipFolder,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the scores.")
    ] = None,
    channel: OtherChannel = None,
    trust: Trust = None,
    jobs: Jobs = -1,
):
    """Score a saved model on labelled clips.

    Example: skaudio evaluate model.skaudio clips/Test --json scores.json
    """
    from skaudio import __version__
    from skaudio._utils.atomic import write_text
    from skaudio.features import set_channel
    from skaudio.reports import report_on

    check_output(json, "the scores", "json", [model, folder])
    classifier = load_classifier(model, trust)
    if channel is not None:
        set_channel(classifier, channel)
    clips = load_test_clips(folder, classifier, classifier.classes_.tolist(), jobs)
    report = report_on(
        *(classifier, clips.data, clips.target, clips.groups), n_jobs=jobs
    )
    facts = {"model": str(model), "data": str(folder), "skaudio": __version__}
    rejected = clips.rejected.to_dict("records")
    scores = facts | report.to_dict() | {"rejected": rejected}
    try:
        if json is not None:
            text = json_format.dumps(scores, indent=2) + "\n"
            write_text(json, text, "the scores", "json")
            note(f"wrote {json}")
    finally:
        show_evaluation(report, str(folder))
