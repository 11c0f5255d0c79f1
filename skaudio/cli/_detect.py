"""`skaudio detect`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio._utils.counts import count
from skaudio.cli._console import note, say, show_events, show_promises
from skaudio.cli._inputs import (
    check_output_folder,
    check_share,
    check_there,
    load_classifier,
    model_id,
    stopped_run,
)
from skaudio.cli._options import (
    AnyModelFile,
    Jobs,
    Merge,
    MinConfidence,
    OtherChannel,
    Overlap,
    Trust,
    Window,
    as_channel,
)


def detect(
    model: AnyModelFile,
    recordings: Annotated[
        list[Path],
        typer.Argument(metavar="RECORDING", help="Recordings, or folders of them."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write.")
    ] = Path("found"),
    min_confidence: MinConfidence = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="thresholds.json of `skaudio calibrate`: also writes the events that "
            "reach the threshold of their class, with what is promised of them.",
        ),
    ] = None,
    window: Window = None,
    overlap: Overlap = None,
    merge: Merge = 0.0,
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME,...",
            help="Annotations beside events.csv: raven, audacity, or none.",
        ),
    ] = "raven,audacity",
    sites: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="Site of each recording: what the first parentheses match in its "
            "path. Default: a Song Meter's prefix, else the folder.",
        ),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of the recorders, such as Europe/Berlin."),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Replace the results of other recordings that DIR holds.",
        ),
    ] = False,
    channel: OtherChannel = None,
    trust: Trust = None,
    jobs: Jobs = -1,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Scheduler of a Dask cluster that scores."
        ),
    ] = None,
):
    """Find which animal calls when in recordings.

    Writes events.csv, effort.csv, the scores of all windows, and files for Raven and
    Audacity. Stopped and run again, it goes on where it stopped. Results of other
    recordings are not replaced: give each run its own folder. Train the model with
    background, or it takes every window for an animal.

    With --thresholds, or with an .onnx file that carries thresholds, events and windows
    are made as they were for the calibration, and events_checked.csv has the events
    above the thresholds. --min-confidence sets those of the .onnx file aside.

    Example: skaudio detect model.skaudio recordings/ -o found
    """
    from contextlib import nullcontext

    from joblib import parallel_config

    from skaudio._utils.optional import import_optional
    from skaudio.recordings import detect as detect_in

    check_share("--min-confidence", min_confidence)
    check_there(*recordings, thresholds)
    names = [] if formats == "none" else [name.strip() for name in formats.split(",")]
    check_output_folder(output, "the results", [model, *recordings])
    classifier = load_classifier(model, trust, several=True, exported=True)
    cluster = nullcontext()
    if dask is not None:
        distributed = import_optional("distributed", "dask[distributed]", "dask")
        client = distributed.Client(dask)
        cluster = parallel_config("dask", client=client)
    with cluster, stopped_run(output, "finished recordings"):
        found = detect_in(
            classifier,
            [str(path) for path in recordings],
            output,
            threshold=min_confidence,
            thresholds=thresholds,
            merge_gap=merge,
            formats=names,
            sites=sites,
            time_zone=time_zone,
            model_id=model_id(model, classifier),
            n_jobs=jobs,
            replace=replace,
            verbose=1,
            clip_duration=window,
            clip_overlap=overlap,
            channel=as_channel(channel),
        )
    show_events(found.events, found.run)
    if isinstance(least := found.run["parameters"]["threshold"], dict):
        listed = ", ".join(f"{label} {value:g}" for label, value in least.items())
        say(f"thresholds of {model}: {listed}; other classes are not reported")
    if "thresholds" in found.run:
        show_promises(found.run["thresholds"])
    note(f"wrote {output}")
    failed = found.effort["seconds_recorded"].isna().sum()
    if failed:
        say(f"{failed} of {count(len(found.effort), 'recording')} cannot be read")
        raise typer.Exit(1)
