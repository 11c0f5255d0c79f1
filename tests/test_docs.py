"""The documentation keeps up with the code; `tox -e docs` builds it."""

import ast
import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import skaudio
from skaudio.datasets import make_animal_sounds

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if "_build" not in page.parts]
EXAMPLES = sorted((ROOT / "examples").glob("plot_*.py"))


@pytest.fixture(scope="module")
def reference_pages():
    """The extension that writes the pages of the API; it does not need Sphinx."""
    sys.path.insert(0, str(ROOT / "docs" / "extensions"))
    yield importlib.import_module("reference_pages")
    sys.path.pop(0)


def python_blocks(page):
    return re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.S | re.M)


def check_imports(code):
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module)
            for alias in node.names:
                assert hasattr(module, alias.name), f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                importlib.import_module(alias.name)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def test_the_api_lists_every_public_name(reference_pages):
    names = reference_pages.public_names()
    folders = [
        path.parent.name for path in (ROOT / "skaudio").glob("[!_]*/__init__.py")
    ]
    assert {*folders} == {*reference_pages.subpackages(), "cli"}
    index = reference_pages.index_page(names)
    for folder in reference_pages.subpackages():
        module = f"skaudio.{folder}"
        page = reference_pages.module_page(module, names[module])
        for name in importlib.import_module(module).__all__:
            assert f"\n   {name}\n" in page, f"{module}.{name}"
            assert f"\n   {name}\n" in index, f"{module}.{name}"
    listed = {name for own in names.values() for name in own}
    assert {*skaudio.__all__} <= {*listed, *folders, "__version__"}


def test_public_names_are_unique(reference_pages):
    # Links from the text go by the short name.
    listed = [name for own in reference_pages.public_names().values() for name in own]
    assert len(listed) == len(set(listed))


def test_the_command_line_page_has_every_command(reference_pages):
    from skaudio.cli._app import app

    page = reference_pages.command_page()
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert f"\nskaudio {name}\n---" in page


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_in_pages_compiles_and_imports_what_there_is(page):
    for block in python_blocks(page):
        compile(block, name_of(page), "exec")
        check_imports(block)


@pytest.mark.parametrize(
    "name", ["annotations", "loading", "bad_files", "features", "several_labels"]
)
def test_code_of_guide_pages_runs(name, tmp_path, monkeypatch):
    # Not of the pages that train larger networks: they would take minutes.
    monkeypatch.chdir(tmp_path)
    make_animal_sounds(12, n_classes=2, output_dir="clips", random_state=0)
    Path("clips/Test/cow").mkdir(parents=True)
    Path("recordings").mkdir()
    noise = np.random.RandomState(0).normal(0, 0.1, 16000 * 5)
    soundfile.write("recordings/dawn.wav", noise, 16000)
    soundfile.write("clips/Test/cow/1.wav", noise[:16000], 16000)
    names = {}
    for block in python_blocks(ROOT / "docs" / "guide" / f"{name}.md"):
        if "fetch_" not in block:  # no network in tests
            exec(compile(block, name, "exec"), names)


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_examples_compile_and_import_what_there_is(example):
    pytest.importorskip("matplotlib", reason="the examples draw")
    check_imports(example.read_text("utf-8"))


def test_figure_shows_the_table_of_the_results():
    path = ROOT / "docs" / "figures" / "how_good.py"
    spec = importlib.util.spec_from_file_location("how_good", path)
    how_good = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(how_good)
    rows = how_good.read_table(how_good.RESULTS.read_text("utf-8"))
    assert len(rows) == 15 and sum(row.study is not None for row in rows) == 5
    drawn = how_good.FIGURE.read_text("utf-8")
    assert drawn == how_good.draw(rows), "run python docs/figures/how_good.py"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_to_files_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.S | re.M)
    for target in re.findall(r"\]\((?!\w+:|#)([^)#]+)", text):
        # Pages that the build writes:
        if target.endswith(".rst"):
            continue
        assert (page.parent / target).is_file(), target
