"""Open mutations of model files: none may run code, or end otherwise than in a line.

    python benchmarks/fuzz_model_files.py [--n 200] [--seed 0]

Each mutation of a fitted `mel_ensemble`, `cnn1d` and head on embeddings is opened in a
process of its own in which pickle, numpy's pickles and torch.load raise, and an audit
hook watches for programs. Prints, by kind of mutation: how many were refused with one
line, how many opened (where a value was replaced by another that is allowed), how many
ended otherwise or ran code; the most memory that one took beyond what opening the sound
file takes (which is measured for a file of 100 MB, too), and the longest time.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

TESTS = Path(__file__).parents[1] / "tests" / "export"
sys.path.insert(0, str(TESTS))

import every_model  # noqa: E402
from mutations import mutated  # noqa: E402
from no_code import CodeRunError, no_code  # noqa: E402

from skaudio import LogMelExtractor, ModelFileError, load_model, save_model  # noqa: E402


def main():
    """Mutate, open, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=200, help="mutations per model")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    pipelines = every_model.named_pipelines()
    models = {name: pipelines[name] for name in ("mel_ensemble", "cnn1d")}
    models["yamnet logistic"] = every_model.heads()["yamnet logistic"]
    rows = []
    for name, model in models.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.skaudio")
            save_model(model, path)
            load_model(path)  # imports what opening needs
            content = path.read_bytes()
            sound = opened_apart(path)["megabytes"]
            print(f"{name}: {len(content) / 1e6:.2f} MB, opening takes {sound:.1f} MB")
            for kind, damaged in mutated(content, options.n, options.seed):
                path.write_bytes(damaged)
                result = opened_apart(path)
                result["megabytes"] -= sound
                rows.append({"model": name, "kind": kind, **result})
    large_file()
    table = pd.DataFrame(rows)
    counts = table.groupby(["kind", "outcome"]).size().unstack(fill_value=0)
    grouped = table.groupby("kind")
    counts["most MB beyond the sound file's"] = grouped["megabytes"].max().round(1)
    counts["longest s"] = grouped["seconds"].max().round(2)
    print(counts.to_string())
    outcomes = table["outcome"].value_counts().to_dict()
    print(f"{len(table)} files: {outcomes}")
    for line in table.loc[~table["outcome"].isin(["refused", "opened"]), "reason"]:
        print(line)
    sys.exit(int(set(table["outcome"]) - {"refused", "opened"} != set()))


def large_file():
    """Print what opening a sound file of 100 MB takes."""
    model = LogMelExtractor()
    model.array_ = np.random.default_rng(0).normal(size=(50, 250_000))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.skaudio")
        save_model(model, path)
        size = path.stat().st_size / 1e6
        del model
        taken = opened_apart(path)["megabytes"]
        print(f"an array of {size:.0f} MB: opening takes {taken / size:.2f} times that")


def opened_apart(path):
    """Open a file in a child process, and report how it ended."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(
        target=_open, args=(path, sender)
    )
    child.start()
    sender.close()
    try:
        result = receiver.recv()
    except EOFError:
        result = {"outcome": "other", "reason": "the process died"}
    child.join()
    return result


def _open(path, sender):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    reason = ""
    try:
        with no_code():
            load_model(path)
        outcome = "opened"
    except ModelFileError as error:
        reason = str(error)
        one_line = "\n" not in reason and reason.isprintable()
        outcome = "refused" if one_line and path.name in reason else "other"
    except CodeRunError as error:
        outcome, reason = "code ran", repr(error)
    except BaseException as error:
        outcome, reason = "other", repr(error)
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    seconds = time.perf_counter() - start
    sender.send(
        dict(outcome=outcome, reason=reason, megabytes=grown / 1e6, seconds=seconds)
    )


if __name__ == "__main__":
    main()
