"""A disk that fills up, and a data home that cannot be one, under `skaudio fetch`."""

import os
import sys

import pytest

from skaudio.cli import main
from skaudio.datasets import fetch_esc10

resource = pytest.importorskip("resource", reason="Windows has no such limits")


@pytest.fixture
def fetch(monkeypatch, capsys, site, home):
    def run(*arguments):
        argv = ["skaudio", "fetch", "esc10", "--base-url", site.url, *arguments]
        monkeypatch.setattr(sys, "argv", list(map(str, argv)))
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code, *capsys.readouterr()

    return run


def test_fault_of_a_disk_that_fills_up(fetch, home):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        status, out, err = fetch()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert status == 1 and not out and "Traceback" not in err
    assert err.splitlines()[-1] == (
        f"error: {home / 'esc10'}: the data set cannot be written (File too large)"
    )
    assert os.listdir(home) == []
    # A second run goes on.
    status, out, _ = fetch()
    assert status == 0 and out.startswith("4 clips of 2 classes")
    assert os.listdir(home) == ["esc10"]


def test_fault_of_a_data_home_that_is_a_file(fetch, home, tmp_path):
    (tmp_path / "file").write_text("notes")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        status, out, err = fetch("--data-home", path)
        assert status == 1 and not out and f"error: {path}" in err
    assert (tmp_path / "file").read_text() == "notes"


def test_fault_of_a_disk_does_not_reach_what_is_there(fetch, home, site):
    assert fetch()[0] == 0
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    lost = next(path for path in before if path.suffix == ".ogg")
    lost.unlink()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        assert fetch()[0] == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    kept = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert kept == {path: old for path, old in before.items() if path != lost}
    assert fetch()[0] == 0 and len(fetch_esc10(verify=True).data) == 4
