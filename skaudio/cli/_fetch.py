"""`skaudio fetch`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import say

DatasetName = StrEnum("DatasetName", ["animals_sounds", "sasmaz_tek", "esc10", "esc50"])


def fetch(
    name: Annotated[DatasetName, typer.Argument(help="The data set.")],
    data_home: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where to keep it. Default: $SKAUDIO_DATA, or skaudio_data in the "
            "home folder.",
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Mirror with the layout of github.com."),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every file again and compare.")
    ] = False,
):
    """Download a public data set and check every file.

    Prints the folder where it is.

    Example: skaudio fetch esc10
    """
    from skaudio import datasets

    if data_home is not None and data_home.is_file():
        raise NotADirectoryError(f"{data_home}: is a file, expected a folder")
    # The widest choice of each, where there is one.
    everything = {"animals_sounds": {"split": "all"}, "esc50": {"classes": "all"}}
    bunch = getattr(datasets, f"fetch_{name.value}")(
        data_home=data_home,
        base_url=base_url,
        verify=verify,
        **everything.get(name.value, {}),
    )
    # The files lie at the end of their paths within the data set.
    first = bunch.frame.iloc[0]
    folder = first["file"].removesuffix(first["path"]).rstrip("/\\")
    say(f"{len(bunch.data)} clips of {len(bunch.target_names)} classes in {folder}")
