"""Options from a file, and the file beside each result that gives them again."""

import functools
import inspect
import json
from pathlib import Path
from typing import Annotated

import typer

from skaudio import __version__
from skaudio.cli._console import STDOUT, say_warning
from skaudio.cli._option_names import with_option_names

_RESULTS = ("output", "csv", "json", "html")  # the first that is given names the file


def configurable(command):
    """Let a command take --config, and write its options beside what it writes.

    Parameters
    ----------
    command : function
        May return the path of its result, where that has no default.

    Returns
    -------
    command : function
    """

    @functools.wraps(command)
    def run(context, config, **options):
        result = None
        try:
            result = command(**options)
        except typer.Exit:  # after a result with faults in it
            _write(context.command, options, result)
            raise
        except ValueError as error:
            text = with_option_names(str(error), _options(context.command))
            if text == str(error):
                raise
            raise ValueError(text) from error
        _write(context.command, options, result)

    own = inspect.signature(command, eval_str=True).parameters.values()
    kind = inspect.Parameter.KEYWORD_ONLY
    run.__signature__ = inspect.Signature(
        [
            inspect.Parameter("context", kind, annotation=typer.Context),
            *(one.replace(kind=kind) for one in own),
            inspect.Parameter("config", kind, default=None, annotation=_Config),
        ]
    )
    run.__annotations__ = {
        name: one.annotation for name, one in run.__signature__.parameters.items()
    }
    return run


def _options(command):
    """List the options of a command, such as "--min-confidence"."""
    return [name for one in command.params for name in one.opts]


def _names(command):
    """Give the parameters of a command by the names that the help has."""
    return {
        _name(one): one for one in command.params if one.name not in ("config", "help")
    }


def _name(parameter):
    if parameter.param_type_name == "argument":
        return (parameter.metavar or parameter.name).lower()
    return max(parameter.opts, key=len).lstrip("-")


def _read(context: typer.Context, path: Path | None):
    """Take the values of a file as defaults of the command line."""
    import tomllib

    if path is None:
        return
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: is no TOML file ({error})") from error
    own, other = context.command.name, values.pop("command", None)
    if other not in (None, own):
        raise ValueError(
            f"{path}: has the options of `skaudio {other}`, expected those of `skaudio "
            f"{own}`"
        )
    names = _names(context.command)
    unknown = [key for key in values if key not in names]
    if unknown:
        raise ValueError(
            f"{path}: {', '.join(unknown)}: no option of `skaudio {own}`, expected "
            f"some of {', '.join(names)}"
        )
    empty = [key for key, value in values.items() if value == ""]
    if empty:
        raise ValueError(f"{path}: {', '.join(empty)}: is empty, expected a value")
    context.default_map = {names[key].name: value for key, value in values.items()}


_Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Take options from a TOML file, such as the .run.toml beside a result. "
        "Those of the command line come first.",
        callback=_read,
        is_eager=True,
    ),
]


def _write(command, options, result):
    """Write the options of a run beside its result."""
    from datetime import date

    from skaudio._utils.atomic import write_text

    places = [result, *(options.get(name) for name in _RESULTS)]
    places = [one for one in places if isinstance(one, Path) and one != STDOUT]
    if not places or not places[0].exists():
        return
    # After the whole name: model.skaudio and model.onnx have options of their own.
    path = places[0].with_name(f"{places[0].name}.run.toml")
    if places[0].is_dir():
        path = places[0] / "run.toml"
    lines = [
        f"# skaudio {__version__}, {date.today()}, in {Path.cwd()}",
        "# Relative paths begin where the command is run. Again:",
        f"# skaudio {command.name} --config {path}",
        f'command = "{command.name}"',
    ]
    values = {
        name: options[one.name]
        for name, one in _names(command).items()
        if options.get(one.name) not in (None, [], ())
    }
    lines += [f"{name} = {_as_toml(value)}" for name, value in values.items()]
    try:
        write_text(path, "\n".join(lines) + "\n", "the options", "options")
    except OSError as error:
        say_warning(error)


def _as_toml(value):
    """Write a value as JSON, which is TOML for text, numbers and lists of them."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_as_toml, value))}]"
    if isinstance(value, Path):
        value = str(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
