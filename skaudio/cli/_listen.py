"""`skaudio listen`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from skaudio._utils.counts import count
from skaudio.cli._console import note, say
from skaudio.cli._inputs import (
    carried_thresholds,
    check_output,
    check_share,
    check_there,
    load_classifier,
    model_id,
)
from skaudio.cli._options import (
    AnyModelFile,
    Merge,
    MinConfidence,
    OtherChannel,
    Overlap,
    Trust,
    Window,
    as_channel,
)


def listen(
    model: AnyModelFile,
    input_: Annotated[
        Path | None,
        typer.Option(
            "--input",
            "-i",
            metavar="FILE",
            help="A sound file, or - for raw samples from a pipe: one channel, 16 "
            "bits, little-endian. Default: the microphone.",
        ),
    ] = None,
    rate: Annotated[
        int | None,
        typer.Option(metavar="HZ", help="Sample rate of a pipe."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A new CSV table, written event by event.",
        ),
    ] = None,
    min_confidence: MinConfidence = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="thresholds.json of `skaudio calibrate`: only events that reach the "
            "threshold of their class.",
        ),
    ] = None,
    window: Window = None,
    overlap: Overlap = None,
    merge: Merge = 0.0,
    channel: OtherChannel = None,
    trust: Trust = None,
):
    """Find which animal calls now, from the microphone.

    Prints each event as it ends. Windows and events are those of `skaudio detect`.
    Ctrl-C ends it. The microphone needs the extra live.

    Example: skaudio listen model.skaudio -o events.csv

    Example: arecord -t raw -f S16_LE -c 1 -r 32000 | skaudio listen model.skaudio
    --input - --rate 32000
    """
    from skaudio.recordings import listen as listen_to

    check_share("--min-confidence", min_confidence)
    is_pipe = input_ is not None and str(input_) == "-"
    if is_pipe and rate is None:
        raise ValueError("--input -: expected --rate, for raw samples do not say it")
    if not is_pipe:
        check_there(input_)
    check_output(output, "the table", "events.csv", [model, input_, thresholds])
    if output is not None and output.exists():
        raise FileExistsError(
            f"{output}: is there already, and may hold events of an earlier run: move "
            "it away, or choose another name"
        )
    classifier = load_classifier(model, trust, several=True, exported=True)
    used = thresholds
    if min_confidence is used is None and carried_thresholds(classifier):
        used = model
    about = "" if used is None else f", with the thresholds of {used}"
    note(f"listening{about}: Ctrl-C ends it")
    events = listen_to(
        classifier,
        sys.stdin.buffer if is_pipe else input_,
        output,
        sample_rate=rate,
        clip_duration=window,
        clip_overlap=overlap,
        threshold=min_confidence,
        thresholds=thresholds,
        merge_gap=merge,
        model_id=model_id(model, classifier),
        channel=as_channel(channel),
        on_event=_show,
    )
    for promise in events.attrs.get("thresholds", {}).get("promises", ()):
        note(promise)
    note(count(len(events), "event") + (f", in {output}" if output is not None else ""))


def _show(event):
    import pandas as pd

    clock = "" if pd.isna(event["datetime"]) else f"{event['datetime']:%H:%M:%S}  "
    say(
        f"{clock}{event['start_time']:8.1f} to {event['end_time']:8.1f} s  "
        f"{event['score']:.2f}  {event['annotation']}"
    )
