"""Memory of an encoder that is fitted on 1, 2 and 4 hours, a process each.

    python benchmarks/hours.py [--hours 1 2 4]

Synthetic noise with calls in it, in files of a quarter of an hour. Memory should not
grow with the hours: `fit_on_recordings` holds one chunk of windows at a time.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import soundfile
from sklearn.pipeline import make_pipeline

from skaudio import COLAEncoder, LogMelExtractor, WavLoader
from skaudio.datasets import make_animal_sounds
from skaudio.io import clip_windows
from skaudio.self_supervised import fit_on_recordings

RATE, MINUTES = 16000, 15


def write_recordings(folder, hours):
    """Write quarters of an hour of calls over faint noise."""
    calls = make_animal_sounds(20, n_classes=6, random_state=0)
    rng = np.random.default_rng(0)
    for number in range(round(hours * 60 / MINUTES)):
        sound = 0.01 * rng.standard_normal(MINUTES * 60 * RATE).astype(np.float32)
        for start in range(0, len(sound) - 5 * RATE, 5 * RATE):
            call = calls.data[rng.integers(len(calls.data))][: 4 * RATE]
            sound[start : start + len(call)] += call
        soundfile.write(f"{folder}/{number:02d}.wav", sound, RATE)


def measure(folder, hours):
    """Fit on the first so many hours, and print memory and time."""
    windows = clip_windows(folder, 3.0)[: round(hours * 1200)]
    features = make_pipeline(WavLoader(), LogMelExtractor(n_mels=64, n_frames=94))
    start = time.process_time()
    encoder = COLAEncoder("alexnet_mel", random_state=0)
    fit_on_recordings(encoder, windows, features, chunk_size=500)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    loss = encoder.history_[-1]["loss"]
    print(
        f"{hours:4g} h  {len(windows):5d} windows  {seconds:5.0f} s of processor time  "
        f"peak {peak:5.0f} MiB  {loss=:.2f}"
    )


def main():
    """Print a line for each number of hours."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", nargs="+", type=float, default=[1, 2, 4])
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        measure(options.folder, *options.hours)
        return
    with tempfile.TemporaryDirectory() as folder:
        write_recordings(folder, max(options.hours))
        for hours in options.hours:
            command = [sys.executable, __file__, "--hours", str(hours)]
            subprocess.run([*command, "--folder", folder], check=True)


if __name__ == "__main__":
    main()
