"""The command and its sub-commands; errors end in one line."""

import sys
import warnings
from typing import Annotated

import typer

from skaudio import __version__
from skaudio.cli._ablate import ablate
from skaudio.cli._audit import audit
from skaudio.cli._console import say, say_error, say_warning
from skaudio.cli._demo import demo
from skaudio.cli._evaluate import evaluate
from skaudio.cli._fetch import fetch
from skaudio.cli._predict import predict
from skaudio.cli._report import report
from skaudio.cli._train import train

app = typer.Typer(
    help="Animal-sound recognition from small, imbalanced sets of clips.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# The docstring of a command is its help.
for command in (train, ablate, report, evaluate, predict, audit, fetch, demo):
    app.command()(command)


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.")
    ] = False,
):
    if version:
        say(f"skaudio {__version__}")
        raise typer.Exit()


def main():
    """Run the command line."""
    warnings.showwarning = say_warning
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show must not cost the results beside it.
        stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except (ValueError, OSError, ImportError, MemoryError) as error:
        say_error(error)
        sys.exit(1)
    except KeyboardInterrupt:
        say_error("stopped")
        sys.exit(130)
