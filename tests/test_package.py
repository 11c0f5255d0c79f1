"""What is installed is complete, and the README's Python runs with it as it is."""

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

import skaudio
from skaudio.datasets import make_animal_sounds

ROOT = Path(__file__).parents[1]


def test_every_file_of_the_checkout_is_in_the_installed_package():
    listed = {str(file) for file in distribution("skaudio").files or ()}
    if not any(file.endswith(".dist-info/RECORD") for file in listed) or (
        "skaudio/__init__.py" not in listed
    ):
        pytest.skip("skaudio is installed in place, without a wheel")
    files = [
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "skaudio").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ]
    assert [file for file in files if file not in listed] == []


def test_versions_agree():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.search(r"^version: (.+)$", citation, re.M)[1] == skaudio.__version__


def test_the_readme_example_runs_without_a_warning(tmp_path, mn04):
    make_animal_sounds(6, n_classes=2, output_dir=tmp_path / "clips", random_state=0)
    (example,) = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.S | re.M
    )
    (tmp_path / "example.py").write_text(example, "utf-8")
    # From another folder and by the file's path: what is installed is what runs.
    ended = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "example.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert "balanced accuracy" in ended.stdout and "Warning" not in ended.stderr
    assert (tmp_path / "model.skaudio").exists()
    assert (tmp_path / "report.html").exists()
