"""`skaudio embed`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio._utils.counts import count
from skaudio.cli._console import note, say
from skaudio.cli._inputs import check_output_folder, check_there, stopped_run
from skaudio.cli._options import FEATURES, Channel, Jobs, Overlap, as_channel


def embed(
    recordings: Annotated[
        list[Path],
        typer.Argument(metavar="RECORDING", help="Recordings, or folders of them."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write.")
    ] = Path("index"),
    features: Annotated[
        str,
        typer.Option(
            metavar="NAME", help=f"Pretrained embeddings: {', '.join(FEATURES)}."
        ),
    ] = "efficientat",
    window: Annotated[
        float, typer.Option(metavar="SECONDS", help="Length of a window.")
    ] = 3.0,
    overlap: Overlap = None,
    channel: Channel = "mix",
    jobs: Jobs = -1,
):
    """Embed the windows of recordings, once, for a search.

    `skaudio search` then finds the windows like an example in seconds. Stopped and run
    again, it goes on where it stopped; run after new recordings have come, it embeds
    those.

    Example: skaudio embed recordings/ -o index
    """
    from skaudio.recordings import embed_recordings, read_journal

    check_there(*recordings)
    check_output_folder(output, "the embeddings", recordings)
    with stopped_run(output, "finished recordings"):
        index = embed_recordings(
            [str(path) for path in recordings],
            output,
            features,
            window,
            overlap,
            channel=as_channel(channel),
            n_jobs=jobs,
            verbose=1,
        )
    note(f"wrote {output}: {count(len(index), 'window')} of {window:g} s")
    journal = read_journal(output)
    failed = (journal["outcome"] == "failed").sum()
    if failed:
        say(f"{failed} of {count(len(journal), 'recording')} cannot be read")
        raise typer.Exit(1)
