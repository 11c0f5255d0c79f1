"""The command and its sub-commands; errors end in one line."""

import atexit
import gc
import signal
import sys
import warnings
from typing import Annotated

import typer

from skaudio import __version__
from skaudio.cli._ablate import ablate
from skaudio.cli._audit import audit
from skaudio.cli._calibrate import calibrate
from skaudio.cli._config import configurable
from skaudio.cli._console import say, say_error, say_warning
from skaudio.cli._demo import demo
from skaudio.cli._detect import detect
from skaudio.cli._embed import embed
from skaudio.cli._evaluate import evaluate
from skaudio.cli._export import export
from skaudio.cli._fetch import fetch
from skaudio.cli._info import info
from skaudio.cli._listen import listen
from skaudio.cli._predict import predict
from skaudio.cli._report import report
from skaudio.cli._review import review
from skaudio.cli._search import search
from skaudio.cli._segments import segments
from skaudio.cli._train import train

_STOPPED = 130

app = typer.Typer(
    help="Animal-sound recognition from small, imbalanced sets of clips.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich's frames take longer than all the rest.
    context_settings={"help_option_names": ["-h", "--help"]},
)
# The docstring of a command is its help.
COMMANDS = (
    *(train, ablate, report, evaluate, predict, detect, listen, segments, review),
    *(calibrate, embed, search, export, info, audit, fetch, demo),
)
for command in COMMANDS:
    app.command()(configurable(command))


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.")
    ] = False,
):
    if version:
        say(f"skaudio {__version__}")
        raise typer.Exit()


def _refuse_empty(arguments):
    """Raise for an empty value, such as "$UNSET" gives: as a path, it is "."."""
    for argument in arguments:
        name, is_set, value = argument.partition("=")
        if not argument or (name.startswith("--") and is_set and not value):
            raise ValueError(f"'{argument}': is empty, expected a value")


def _broken_pool():
    """Import the error of a killed process, for which no help should wait."""
    from concurrent.futures.process import BrokenProcessPool

    return BrokenProcessPool


def _look_for_less_garbage():
    """Spend no second on looking for garbage among the modules, which stay in use."""
    gc.set_threshold(20_000)
    atexit.register(gc.freeze)


def main():
    """Run the command line."""
    _look_for_less_garbage()
    warnings.showwarning = say_warning
    # A closed terminal or a job's end by its scheduler stops the work as Ctrl-C does,
    # so that it leaves no drafts of files and no processes behind.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show must not cost the results beside it.
        stream.reconfigure(errors="backslashreplace")
    try:
        _refuse_empty(sys.argv[1:])
        app()
    except (ValueError, OSError, ImportError, MemoryError) as error:
        say_error(error)
        sys.exit(1)
    except (SystemExit, KeyboardInterrupt) as stop:
        # Typer turns Ctrl-C into the exit status, without a word.
        if isinstance(stop, SystemExit) and stop.code != _STOPPED:
            raise
        say_error("stopped")
        sys.exit(_STOPPED)
    except _broken_pool():
        say_error(
            "a process that fitted was killed, most often because memory ran out: pass "
            "fewer --jobs"
        )
        sys.exit(1)
