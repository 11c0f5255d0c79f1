"""`skaudio segments`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio._utils.counts import count
from skaudio.cli._console import note, say
from skaudio.cli._inputs import check_output_folder
from skaudio.cli._options import number_option


def segments(
    events: Annotated[
        Path, typer.Argument(metavar="EVENTS", help="events.csv of `skaudio detect`.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write.")
    ] = Path("segments"),
    per_class: Annotated[
        int | None,
        number_option(
            least=1, most=10**9, help="How many of each class. Default: all."
        ),
    ] = None,
    random: Annotated[
        bool,
        typer.Option("--random", help="A random sample, not those of highest score."),
    ] = False,
    padding: Annotated[
        float, typer.Option(metavar="SECONDS", help="Sound before and after each.")
    ] = 0.0,
    seed: Annotated[
        int, number_option(least=0, most=2**31, help="Same seed, same sample.")
    ] = 0,
):
    """Cut events out of recordings, into one folder per class.

    Also of other tables of annotations, such as Raven's. The folders can be listened
    to, sorted by hand, and trained on.

    Example: skaudio segments found/events.csv -o segments --per-class 50
    """
    from skaudio.io import read_annotations
    from skaudio.recordings import segments as cut

    check_output_folder(output, "the segments", [events])
    table = cut(
        read_annotations(events),
        output,
        per_class=per_class,
        pick="random" if random else "best",
        padding=padding,
        random_state=seed,
    )
    counts = table["label"].value_counts(sort=False)
    for label, n in counts.items():
        say(f"{n:6d}  {label}")
    note(f"wrote {count(len(table), 'segment')} to {output}")
