"""Sphinx extension: the pages of the API and of the command line, from the code.

Every subpackage of skaudio gets a page that lists what its ``__all__`` names, so that a
new name is in the reference at once.
"""

import importlib
import inspect
import pkgutil
import tomllib
from pathlib import Path

import skaudio

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
_FOR_THE_COMMAND_LINE = (
    "For everybody who works in a terminal: each command with an example and all "
    "options.*\n\n``skaudio COMMAND --help`` prints the same."
)


def subpackages():
    """List the public subpackages, in the order of imports: `skaudio.io` first.

    `skaudio.cli` is for the command line.
    """
    contracts = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["importlinter"]
    layers = next(
        contract["layers"]
        for contract in contracts["contracts"]
        if contract["type"] == "layers"
    )
    names = {
        module.name
        for module in pkgutil.iter_modules(skaudio.__path__)
        if module.ispkg and not module.name.startswith("_") and module.name != "cli"
    }
    return [name for name in reversed(layers) if name in names]


def public_names():
    """Return the public names of each subpackage: ``{"skaudio.io": [...], ...}``."""
    names = {}
    for package in subpackages():
        module = importlib.import_module(f"skaudio.{package}")
        names[module.__name__] = sorted(module.__all__)
    return names


def module_page(module, names):
    """Write the page of a module: its docstring and tables of what it exports."""
    doc = inspect.getdoc(importlib.import_module(module)) or ""
    lines = [module, "=" * len(module), "", doc, "", f".. module:: {module}"]
    for title, kind in (("Classes", "class"), ("Functions", "function"), ("Data", "")):
        chosen = [name for name in names if _kind(module, name) == kind]
        if chosen:
            lines += ["", f".. rubric:: {title}", *_table(chosen, toctree=True)]
    return "\n".join(lines) + "\n"


def index_page(names):
    """Write the page that lists every public name."""
    title = "API reference"
    lines = [title, "=" * len(title), ""]
    lines += ["Estimators, errors, ``save_model`` and ``load_model`` can be imported"]
    lines += ["from ``skaudio`` too: ``from skaudio import WavLoader``.", ""]
    lines += [".. toctree::", "   :hidden:", ""]
    lines += [f"   {module}" for module in names]
    for module, own in names.items():
        lines += ["", module, "-" * len(module), "", f".. currentmodule:: {module}"]
        lines += _table(own, toctree=False)
    return "\n".join(lines) + "\n"


def command_page():
    """Write the reference of the command line, from what ``--help`` is made of."""
    import typer

    from skaudio.cli._app import app

    commands = typer.main.get_command(app).commands
    title = "Command line"
    lines = [title, "=" * len(title), "", f"*{_FOR_THE_COMMAND_LINE}", ""]
    for name in commands:
        short = commands[name].get_short_help_str(limit=200)
        lines += [f":ref:`skaudio {name} <command-{name}>`", f"   {short}", ""]
    for name in commands:
        lines += _command(name, commands[name])
    return "\n".join(lines).rstrip() + "\n"


def _command(name, command):
    context = command.make_context(name, [], resilient_parsing=True)
    heading = f"skaudio {name}"
    lines = [f".. _command-{name}:", "", heading, "-" * len(heading), ""]
    paragraphs = inspect.cleandoc(command.help).split("\n\n")
    text = "\n\n".join(one for one in paragraphs if not one.startswith("Example: "))
    examples = [
        " ".join(example.split())
        for one in paragraphs
        if one.startswith("Example: ")
        for example in one.split("Example: ")[1:]
    ]
    pieces = " ".join(command.collect_usage_pieces(context))
    pieces = pieces.replace("{", "").replace("}", "")
    lines += [text.strip().replace("`", "``"), ""]
    lines += [".. code-block:: text", "", f"   {heading} {pieces}", ""]
    lines += ["Example:", "", ".. code-block:: console", ""]
    lines += [f"   {one}" for one in examples]
    lines += ["", f".. program:: {heading}"]
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None:  # it is not hidden
            names, text = record
            # A list of choices is a line of its own, or it would not fit a phone.
            names, _, choices = names.partition(" <")
            if "|" in choices:
                options = ", ".join(f"``{one}``" for one in choices[:-1].split("|"))
                names, text = f"{names} NAME", f"{text} One of {options}."
            elif choices:
                names += f" <{choices}"
            text = _plain(" ".join(text.split()))
            lines += ["", f".. option:: {names}", "", f"   {text}"]
    return [*lines, ""]


def _plain(text):
    # Stars and bars of a help text are no markup.
    text = text.replace("`", "``").replace("````", "``")
    return text.replace("*", r"\*").replace("|", r"\|")


def _table(names, toctree):
    options = ["   :toctree: objects", "   :nosignatures:"] if toctree else []
    options = options or ["   :nosignatures:"]
    return ["", ".. autosummary::", *options, "", *(f"   {name}" for name in names)]


def _kind(module, name):
    item = getattr(importlib.import_module(module), name)
    return "class" if inspect.isclass(item) else "function" if callable(item) else ""


def _write_pages(app, config):
    folder = Path(app.srcdir) / "api"
    (folder / "objects").mkdir(parents=True, exist_ok=True)
    names = public_names()
    objects = {f"{module}.{name}.rst" for module in names for name in names[module]}
    for page in [*folder.glob("skaudio*.rst"), *folder.glob("objects/*.rst")]:
        if page.name not in objects and page.stem not in names:  # it is gone
            page.unlink()
    _write(folder / "index.rst", index_page(names))
    for module, own in names.items():
        _write(folder / f"{module}.rst", module_page(module, own))
    _write(Path(app.srcdir) / "command_line.rst", command_page())


def _write(path, text):
    # What has not changed is left alone, so that Sphinx need not read it again.
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def _skip_member(app, what, name, item, skip, options):
    # What every estimator inherits is documented in scikit-learn's own pages.
    if what != "class" or skip:
        return None
    item = item.fget if isinstance(item, property) else item
    module = getattr(item, "__module__", None)
    return True if module and not module.startswith("skaudio") else None


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", _write_pages)
    app.connect("autodoc-skip-member", _skip_member)
    return {"parallel_read_safe": True}
