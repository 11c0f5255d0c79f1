"""An ablation that is killed goes on where it stopped."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from skaudio.model_selection import ablate

# Kills itself when a third result is about to get its final name.
KILLED = """
import os, signal, sys
from test_ablate_faults import run

def hook(event, args, count=[3]):
    if event == "os.rename" and os.fsdecode(args[1]).endswith(".json"):
        count[0] -= 1
        if not count[0]:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
run(sys.argv[1])
"""


def run(folder):
    rng = np.random.default_rng(0)
    trees = {
        f"depth {depth}": DecisionTreeClassifier(max_depth=depth) for depth in (1, 2)
    }
    X, y = rng.normal(size=(24, 3)), np.repeat(["cat", "cow"], 12)
    groups = np.arange(24)
    return ablate(trees, X, y, groups, cv=2, random_state=0, cache_dir=folder)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_fault_of_a_killed_ablation(tmp_path):
    expected = run(tmp_path / "whole")
    results = tmp_path / "results"
    path = os.pathsep.join([os.path.dirname(__file__), *filter(None, sys.path)])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, results],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = {path: path.stat().st_mtime_ns for path in results.glob("[!.]*")}
    drafts = list(results.glob(".*"))
    assert len(finished) == 2 and len(drafts) == 1
    # A result without its content, as after a power cut, is computed again.
    lost = min(finished)
    lost.write_bytes(b"")
    del finished[lost]
    table = run(results)
    assert {path.name for path in results.glob("[!.]*")} == {
        path.name for path in (tmp_path / "whole").iterdir()
    }
    assert all(path.stat().st_mtime_ns == time for path, time in finished.items())
    for column in ("accuracy", "accuracy_low", "macro_f1"):
        assert table[column].tolist() == expected[column].tolist()


def test_fault_of_a_cache_that_is_a_file(tmp_path):
    (tmp_path / "cache").touch()
    with pytest.raises(OSError, match="cache: is a file, expected a folder"):
        run(tmp_path / "cache")
