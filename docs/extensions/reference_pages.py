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
COMMANDS = [
    "train",
    "evaluate",
    "predict",
    "info",
    "audit",
    "ablate",
    "report",
    "fetch",
]


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
    """Write what ``skaudio --help`` and the help of each command print."""
    from typer.testing import CliRunner

    from skaudio.cli._app import app

    known = [
        command.name or command.callback.__name__ for command in app.registered_commands
    ]
    order = [name for name in COMMANDS if name in known]
    order += [name for name in known if name not in order]
    title = "Command line"
    lines = [title, "=" * len(title), "", "What ``--help`` prints."]
    runner = CliRunner(env={"TERMINAL_WIDTH": "80", "COLUMNS": "80", "NO_COLOR": "1"})
    for command in [None, *order]:
        heading = "skaudio" if command is None else f"skaudio {command}"
        result = runner.invoke(
            app, [*([command] if command else []), "--help"], prog_name="skaudio"
        )
        if result.exit_code:
            raise RuntimeError(f"{heading} --help ended with {result.exit_code}")
        lines += ["", heading, "-" * len(heading), "", ".. code-block:: text", ""]
        lines += [f"   {line}".rstrip() for line in result.output.strip().splitlines()]
    return "\n".join(lines) + "\n"


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
