"""WavLoader in two threads against librosa.load in a loop, over the same files.

python benchmarks/load_audio.py FOLDER
"""

import argparse
import time
import warnings

import librosa
import numpy as np

from skaudio import WavLoader
from skaudio.io import list_audio_files

REPEATS = 3


def librosa_waveforms(files):
    """What a user would write."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [librosa.load(file, sr=16000)[0] for file in files]


def seconds(function, files):
    """Best of the repeats, after a few files to warm up."""
    function(files[:3])
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        result = function(files)
        times.append(time.perf_counter() - start)
    return min(times), result


def main():
    """Print times, their ratio and the largest difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="sound files in it and below are read")
    parser.add_argument("--jobs", type=int, default=2, help="threads of WavLoader")
    arguments = parser.parse_args()
    files = list_audio_files([arguments.folder])
    theirs, references = seconds(librosa_waveforms, files)
    loader = WavLoader(n_jobs=arguments.jobs)
    ours, waveforms = seconds(loader.transform, files)
    difference, unequal = 0.0, 0
    for waveform, reference in zip(waveforms, references, strict=True):
        common = min(len(waveform), len(reference))
        unequal = max(unequal, abs(len(waveform) - len(reference)))
        error = np.abs(waveform[:common] - reference[:common]).max()
        difference = max(difference, float(error))
    print(f"{len(files)} files")
    print(f"librosa.load in a loop     {theirs:7.2f} s")
    print(f"WavLoader(n_jobs={arguments.jobs})        {ours:7.2f} s")
    print(f"ratio                      {theirs / ours:7.1f}")
    print(f"largest difference {difference:.1e}; lengths differ by {unequal} at most")


if __name__ == "__main__":
    main()
