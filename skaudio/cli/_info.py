"""`skaudio info`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import say


def info(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="A .skaudio file, or .onnx file of `skaudio export`."
        ),
    ],
):
    """Print what a saved model says of itself, without opening it.

    Its classes, training clips, scores, limits and the licences of the networks
    inside, as the README of a model on the hub of Hugging Face. An .onnx file says
    what it was made of, and a .joblib file nothing.

    Example: skaudio info model.skaudio
    """
    from skaudio.export import read_model_card

    say(read_model_card(model).rstrip())
