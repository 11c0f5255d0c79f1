"""`skaudio search`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio._utils.counts import count
from skaudio.cli._console import note, say
from skaudio.cli._inputs import check_output, check_seconds
from skaudio.cli._options import HIGHEST_AUDIBLE, Jobs, number_option

_SHOWN = 10


def search(
    index: Annotated[
        Path,
        typer.Argument(metavar="INDEX", help="Folder that `skaudio embed` wrote."),
    ],
    examples: Annotated[
        list[Path],
        typer.Argument(metavar="EXAMPLE", help="Sound files of one kind of call."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Table of the hits.")
    ] = Path("hits.csv"),
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Page to say of each hit whether it is one."),
    ] = None,
    top: Annotated[
        int, number_option(least=1, most=10**6, help="How many windows at most.")
    ] = 100,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What the examples are, as your folders of clips name it: verdicts "
            "become clips of this class. Default: the name of the first file.",
        ),
    ] = None,
    start: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Where the example begins in its file."),
    ] = None,
    end: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Where the example ends in its file."),
    ] = None,
    exclude_own: Annotated[
        bool,
        typer.Option(
            "--exclude-own", help="Leave the recordings out that the examples are of."
        ),
    ] = False,
    padding: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="Sound before and after, on a page."),
    ] = 1.0,
    jobs: Jobs = -1,
):
    """Find the windows of recordings that sound most like an example.

    Writes a table, and with --html the page of `skaudio review`, which gives
    verdicts.csv. Run it in the folder in which `skaudio embed` ran.

    Example: skaudio search index frog.wav --label Frog --top 100 --html frogs.html
    """
    import pandas as pd

    from skaudio._utils.atomic import write_text
    from skaudio.recordings import EmbeddingIndex, write_review

    check_output(output, "the table", "hits.csv", [index, *examples])
    check_output(html, "the page", "html", [index, *examples])
    check_seconds("--padding", padding)
    if (start is not None or end is not None) and len(examples) > 1:
        raise ValueError(
            f"--start and --end: expected one example, got {len(examples)}"
        )
    clips = pd.DataFrame(
        {"file": list(map(str, examples)), "start_time": start, "end_time": end}
    )
    found = EmbeddingIndex(index)
    hits = found.search(clips, top, label=label, exclude_own=exclude_own)
    write_text(output, hits.to_csv(index=False), "the table", "hits.csv")
    say(" score  window")
    for hit in hits.head(_SHOWN).itertuples():
        say(f"{hit.score:6.3f}  {hit.file}  {hit.start_time:g} to {hit.end_time:g} s")
    note(
        f"{min(_SHOWN, len(hits))} of {len(hits)} shown, best first; the score is the "
        "similarity to the examples, from -1 to 1"
    )
    if label is None and len(hits):
        note(
            f"the hits are called {hits['label'].iloc[0]}, as the file is: --label "
            "gives the name that your clips have, else verdicts make a class of its own"
        )
    note(f"wrote {output}: {len(hits)} of {count(len(found), 'window')}")
    if html is None:
        return
    note(f"reading and encoding {count(len(hits), 'window')}")
    write_review(
        hits,
        html,
        padding=padding,
        sample_rate=max(HIGHEST_AUDIBLE, found.embedder.sample_rate),
        channel=found.channel,
        title=f"{count(len(hits), 'window')} like {hits['label'].iloc[0]}, best first",
        shuffle=False,
        n_jobs=jobs,
        verbose=1,
    )
    note(f"wrote {html}, {html.stat().st_size / 1e6:.1f} MB: open it in a browser")
