"""Read damaged sound files: each gives samples, or one line that names it.

    python benchmarks/fuzz_sound_files.py [--n 5000] [--seed 0]

Files of twelve formats, mono and stereo, with flipped bits, other numbers in their
headers, cut, with bytes inserted, doubled, zeroed or replaced by noise. Prints by
format how many were read, read with a warning, and refused; how many raised something
else, ended the process or took longer than 10 s; and the most memory beside what is
there: the file, and the samples that came out of it.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
import tracemalloc
import warnings
from concurrent.futures import ProcessPoolExecutor, TimeoutError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "io"))

from sound_mutations import mutated

from skaudio.io import AudioFileError, read_audio

LONGEST = 10  # seconds


def main():
    """Damage, read, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=5000, help="number of files")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rows, pool = [], _pool()
    with tempfile.TemporaryDirectory() as folder:
        for number, (kind, suffix, content) in enumerate(
            mutated(options.n, options.seed)
        ):
            path = Path(folder, f"{number}{suffix}")
            path.write_bytes(content)
            try:
                result = pool.submit(outcome_of, path).result(LONGEST)
            except (BrokenProcessPool, TimeoutError) as error:
                hung = isinstance(error, TimeoutError)
                result = {"outcome": "hang" if hung else "crash", "said": path.name}
                for process in list(pool._processes.values()):
                    process.kill()
                pool = _pool()
            rows.append({"format": kind, **result})
            path.unlink()
    pool.shutdown()
    table = pd.DataFrame(rows)
    counts = table.groupby(["format", "outcome"]).size().unstack(fill_value=0)
    counts["longest s"] = table.groupby("format")["seconds"].max().round(2)
    counts["most memory ratio"] = table.groupby("format")["ratio"].max().round(2)
    print(counts.to_string())
    outcomes = table["outcome"].value_counts().to_dict()
    print(f"{len(table)} files: {outcomes}, memory ratio {table['ratio'].max():.2f}")
    wrong = table[~table["outcome"].isin(["read", "warning", "refused"])]
    print("\n".join(wrong["said"]))
    sys.exit(int(len(wrong) > 0))


def outcome_of(path):
    """Read a file and say how it ended, in which time and memory."""
    start = time.perf_counter()
    tracemalloc.start()
    n_bytes, said = 0, ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            n_bytes = read_audio(path)[0].nbytes
            outcome = "warning" if caught else "read"
        except AudioFileError as error:
            outcome, said = "refused", str(error)
            if "\n" in said or path.name not in said:
                outcome = "no single line that names the file"
        except Exception as error:
            outcome, said = "traceback", f"{path.name}: {error!r}"
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    there = path.stat().st_size + n_bytes + 2**20
    return {
        "outcome": outcome,
        "said": said,
        "seconds": time.perf_counter() - start,
        "ratio": memory / there,
    }


def _pool():
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context)


if __name__ == "__main__":
    main()
