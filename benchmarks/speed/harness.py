"""How a figure is taken: in a process of its own, the two sides in turn."""

import io
import os
import statistics
import subprocess
import sys
import tarfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
COMPARISONS = {}


def compare(*, peer=None, threads=None):
    """Register a function as a comparison; its docstring is the title.

    It takes the folder of clips and returns a callable, which is measured: the
    processor time of a call, or the number that it returns. Where it is run for a
    revision, it sees that revision's skaudio.

    Parameters
    ----------
    peer : function or None
        Does the same with another package. None compares with ``--before``.
    threads : int or None
        Threads of OpenMP and BLAS in both processes. None is the libraries' own choice.
    """

    def register(function):
        title = function.__doc__.splitlines()[0].removesuffix(".")
        COMPARISONS[function.__name__] = (title, function, peer, threads)
        return function

    return register


def clock(work):
    """Give the seconds on the clock that a callable takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def processor(work):
    """Give the seconds of processor time that a callable takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measured(function, folder):
    """Give the figure of one side of a comparison."""
    work = function(folder)
    before = os.times()[:4]  # of this process and of those it has waited for
    figure = work()
    after = os.times()[:4]
    is_figure = isinstance(figure, float)  # and not what the work returns
    return figure if is_figure else sum(after) - sum(before)


def figure_of(name, side, checkout, folder):
    """Take a figure in a process that imports skaudio from a checkout."""
    threads = COMPARISONS[name][3]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    for library in ("OMP", "MKL", "OPENBLAS"):
        environment.pop(f"{library}_NUM_THREADS", None)
        if threads is not None:
            environment[f"{library}_NUM_THREADS"] = str(threads)
    here = str(Path(__file__).parent)
    command = [sys.executable, here, str(folder), name, "--side", side]
    done = subprocess.run(
        command, env=environment, cwd=checkout, capture_output=True, text=True
    )
    if done.returncode:
        return f"{done.stderr.strip().splitlines()[-1]}"
    return float(done.stdout.split()[-1])


def checkout_of(revision, folder):
    """Write the files of a revision into a folder."""
    archive = subprocess.run(
        ["git", "archive", revision], cwd=HERE, check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder


def row_of(name, before, folder, repeats):
    """Measure a comparison and write its row of the table."""
    title, _, peer, _ = COMPARISONS[name]
    sides = {"after": HERE}
    if peer is not None:
        sides = {"peer": HERE, **sides}
    elif before is not None:
        sides = {"before": before, **sides}
    figures = {side: [] for side in sides}
    for _ in range(repeats):
        for side, checkout in sides.items():
            figures[side].append(figure_of(name, side, checkout, folder))
    cells = [title]
    medians = []
    for side in ("peer" if peer is not None else "before", "after"):
        found = figures.get(side, [])
        errors = [figure for figure in found if isinstance(figure, str)]
        if errors or not found:
            cells.append(errors[0] if errors else "")
            continue
        medians.append(statistics.median(found))
        cells.append(f"{medians[-1]:.3g} ({min(found):.3g}-{max(found):.3g})")
    is_ratio = len(medians) == 2 and medians[1]
    cells.append(f"{medians[0] / medians[1]:.2f}" if is_ratio else "")
    return f"| {' | '.join(cells)} |"
