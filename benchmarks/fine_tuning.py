"""Seconds per clip and peak memory of fine-tuning, network by network, a process each.

    python benchmarks/fine_tuning.py [--batch-size 4] [--steps 3]

YAMNet trains from its weights; the others from random ones of the published sizes,
which take the same time. Every network takes windows of 10 s. First all layers train,
then the last two. Seconds are of processor time, one thread.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
from embedders import write_weights

NAMES = {"YAMNet": 14, "PANNs": 7, "HTSAT": 13, "Wav2Vec2": 13, "AST": 13}


def measure(name, weights, n_frozen, batch_size, steps):
    """Fit in this process and print what it took as JSON."""
    import skaudio

    rng = np.random.default_rng(0)
    clips = 0.1 * rng.standard_normal((batch_size * steps, 160000)).astype(np.float32)
    y = np.arange(len(clips)) % 2
    options = {} if weights is None else {"model_path": weights}
    embedder = getattr(skaudio, f"{name}Embedder")(sample_rate=16000, **options)
    classifier = skaudio.FineTunedClassifier(
        embedder,
        n_frozen_layers=n_frozen,
        batch_size=batch_size,
        max_epochs=1,
        early_stopping=False,
        random_state=0,
    )
    times = []
    for epochs in (1, 1, 3):  # the first opens the network
        start = time.process_time()
        classifier.set_params(max_epochs=epochs).fit(clips, y)
        times.append(time.process_time() - start)
    # The difference leaves out what every fit does once, such as the log-mels.
    row = {
        "seconds": (times[2] - times[1]) / (2 * len(clips)),
        "peak GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }
    print(json.dumps(row))


def main():
    """Print a table with a row per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--only", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--weights", help=argparse.SUPPRESS)
    parser.add_argument("--frozen", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        measure(
            *(options.only, options.weights, options.frozen),
            *(options.batch_size, options.steps),
        )
        return
    print(f"batches of {options.batch_size} clips of 10 s, one thread")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    for name, n_layers in NAMES.items():
        with tempfile.TemporaryDirectory() as scratch:
            weights = write_weights(name, scratch)
            for trained, n_frozen in (("all", 0), ("last two", n_layers - 2)):
                command = [sys.executable, __file__, *sys.argv[1:], "--only", name]
                command += ["--frozen", str(n_frozen)]
                command += [] if weights is None else ["--weights", str(weights)]
                run = subprocess.run(
                    command, capture_output=True, text=True, check=True, env=environment
                )
                row = json.loads(run.stdout.splitlines()[-1])
                print(
                    f"{name:<9} {trained:<9} {row['seconds']:6.2f} s per clip "
                    f"{row['peak GB']:6.1f} GB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
