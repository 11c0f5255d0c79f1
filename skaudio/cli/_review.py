"""`skaudio review`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from skaudio._utils.counts import count
from skaudio.cli._console import note, say
from skaudio.cli._inputs import check_output
from skaudio.cli._options import HIGHEST_AUDIBLE, Jobs, Seed, Strategy, number_option

_COLUMNS = [
    *("audio_file", "annotation", "start_time", "end_time", "score"),
    *("peak_start_time", "peak_end_time"),
]


def review(
    found: Annotated[
        Path,
        typer.Argument(metavar="FOUND", help="Folder that `skaudio detect` wrote."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The page to write.")
    ] = Path("review.html"),
    number: Annotated[
        int,
        number_option(
            *("--number", "-n"),
            least=1,
            most=10**6,
            help="How many windows, divided evenly among the classes.",
        ),
    ] = 200,
    per_class: Annotated[
        int | None,
        number_option(
            least=1, most=10**6, help="How many of each class, instead of --number."
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--class", metavar="NAME", help="Only this class; may be repeated."
        ),
    ] = None,
    checked: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Table of verdicts so far, to check more: only what lacks is drawn; "
            "may be repeated.",
        ),
    ] = None,
    strategy: Annotated[
        Strategy | None,
        typer.Option(
            help="Which windows, to train on: those that teach most, instead of a "
            "draw of events that makes thresholds. Default: such a draw.",
        ),
    ] = None,
    index: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="What `skaudio embed` wrote of these recordings, for diverse.",
        ),
    ] = None,
    padding: Annotated[
        float, typer.Option(metavar="SECONDS", help="Sound before and after each.")
    ] = 1.0,
    seed: Seed = 0,
    jobs: Jobs = -1,
):
    """Write a page to check detections by eye and ear.

    One window at a time. The windows are drawn by chance among the scores of each
    class, so that the verdicts hold for all that was found; with --strategy they are
    chosen among all that were scored, to train on. The page works offline, by keys and
    on a phone, and gives verdicts.csv. Run it in the folder in which `skaudio detect`
    ran.

    Example: skaudio review found -o review.html -n 200
    """
    from skaudio.recordings import read_verdicts, write_review

    check_output(output, "the page", "html", [found, index, *(checked or ())])
    if index is not None and strategy != "diverse":
        raise ValueError(f"--index {index}: expected --strategy diverse with it")
    if strategy == "diverse" and index is None:
        raise ValueError("--strategy diverse: expected --index with it")
    events, run = _read(found)
    verdicts = read_verdicts(checked) if checked else None
    if strategy is not None:
        windows = _suggested(
            *(found, strategy.value, number, per_class, only, index, verdicts, seed)
        )
    else:
        windows = _drawn(found, events, number, per_class, only, verdicts, seed)
    note(f"reading and encoding {count(len(windows), 'window')}")
    streams = run.get("scoring", {}).get("streams") or [[None, "mix"]]
    rate, channel = max(streams, key=lambda one: one[0] or 0)
    write_review(
        windows,
        output,
        classes=run.get("classes"),
        padding=padding,
        sample_rate=max(HIGHEST_AUDIBLE, rate or 0),
        channel=channel,
        n_jobs=jobs,
        verbose=1,
    )
    for label, n in windows["label"].value_counts().sort_index().items():
        say(f"{n:6d}  {label}")
    note(f"wrote {output}, {output.stat().st_size / 1e6:.1f} MB: open it in a browser")


def _drawn(found, events, number, per_class, only, checked, seed):
    """Draw events by a design."""
    from skaudio.recordings import draw_for_review

    labels = sorted(events["annotation"].unique())
    unknown = sorted({*(only or ())} - {*labels})
    if unknown:
        raise ValueError(
            f"--class {unknown[0]}: none was found, expected some of "
            f"{', '.join(labels) or 'the classes of events'}"
        )
    if only:
        events = events[events["annotation"].isin(only)]
    if events.empty:
        raise ValueError(f"{found}: has no events, so there is nothing to check")
    how_many = {"n": number} if per_class is None else {"n_per_class": per_class}
    if checked is not None:
        own = checked["label"].isin(events["annotation"]) | (not only)
        how_many["checked"] = checked[own].reset_index(drop=True)
    return draw_for_review(events, **how_many, random_state=seed)


def _suggested(found, strategy, number, per_class, only, index, checked, seed):
    """Choose windows to train on, among all that were scored."""
    from skaudio._utils.background import is_background
    from skaudio.recordings import EmbeddingIndex, read_scores, suggest_windows

    scores = read_scores(found / "scores")
    classes = only or [name for name in scores.columns if not is_background(name)]
    return suggest_windows(
        scores,
        strategy,
        number if per_class is None else per_class * len(classes),
        classes=classes,
        index=None if index is None else EmbeddingIndex(index),
        checked=checked,
        random_state=seed,
    )


def _read(found):
    """Read the events of a folder of `skaudio detect`, and the facts of its run."""
    import pandas as pd

    from skaudio._utils.table_text import read_table_text

    paths = [found / "events.csv", found / "run.json"]
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(
                f"{path}: no such file: expected a folder that `skaudio detect` wrote"
            )
    events = read_table_text(paths[0])
    lacking = [name for name in _COLUMNS if name not in events]
    if lacking:
        raise ValueError(
            f"{paths[0]}: no column {', '.join(lacking)}, expected the events that "
            "`skaudio detect` wrote"
        )
    if events["annotation"].isna().any():
        raise ValueError(
            f"{paths[0]}: an event has no class, or one that reads as none, such as NA"
        )
    try:
        for name in _COLUMNS[2:]:
            events[name] = pd.to_numeric(events[name])
        return events, json.loads(paths[1].read_text("utf-8"))
    except ValueError as error:  # of either, also where the text is no UTF-8
        raise ValueError(f"{found}: cannot be read as detections ({error})") from error
