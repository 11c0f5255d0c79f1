"""Bars are shown where somebody watches, and never in a log."""

import subprocess
import sys

import pytest

from skaudio._utils import progress
from skaudio._utils.progress import progress_bar

CODE = """
from skaudio._utils.progress import progress_bar
with progress_bar("clips", 3, unit="clip") as bar:
    for _ in range(3):
        bar.update(1)
        bar.refresh()
"""


def test_a_log_gets_no_bar(capfd):
    with progress_bar("clips", 3) as bar:
        bar.update(3)
    assert capfd.readouterr() == ("", "")


def test_a_log_gets_a_line_now_and_then(capfd, monkeypatch):
    monkeypatch.setattr(progress, "_LOGGED", 0.001)
    with progress_bar("clips", 3) as bar:
        bar.update(2)
        err = ""
        while "67%" not in err:
            err += capfd.readouterr().err
    assert err.splitlines()[-1].startswith("clips:  67% 2/3 [")
    assert "\r" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty on Windows")
def test_a_terminal_gets_a_bar_that_counts_and_vanishes():
    import os
    import pty
    import termios

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    subprocess.run([sys.executable, "-c", CODE], stderr=theirs, check=True)
    shown = os.read(ours, 100_000).decode()
    os.close(theirs)
    os.close(ours)
    assert "clips: 100%" in shown and "3/3" in shown
    assert shown.rpartition("3/3")[2].rpartition("\r")[2].strip() == ""
