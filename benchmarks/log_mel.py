"""LogMelExtractor against librosa, one thread each, over the same waveforms.

    python benchmarks/log_mel.py [FOLDER]

Without a folder of clips it measures on synthetic calls.
"""

import argparse
import os
import time

os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import librosa
import numpy as np
import torch

from skaudio import LogMelExtractor, WavLoader
from skaudio.datasets import make_animal_sounds
from skaudio.io import list_audio_files

REPEATS = 5


def librosa_log_mels(waveforms):
    """What a user would write: one call per clip."""
    return [
        librosa.power_to_db(
            librosa.feature.melspectrogram(
                y=waveform, sr=16000, n_fft=1024, hop_length=512, n_mels=128
            ),
            ref=np.max,
        )
        for waveform in waveforms
    ]


def seconds(function, waveforms):
    """Best of the repeats, after one call to warm up."""
    function(waveforms[:3])
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        result = function(waveforms)
        times.append(time.perf_counter() - start)
    return min(times), result


def main():
    """Print times, their ratio and the largest difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", help="sound files in it are read")
    folder = parser.parse_args().folder
    torch.set_num_threads(1)
    if folder is None:
        waveforms = make_animal_sounds(50, random_state=0).data
    else:
        waveforms = WavLoader(n_jobs=-1).transform(list_audio_files([folder]))
    extractor = LogMelExtractor(normalize=None)
    theirs, references = seconds(librosa_log_mels, waveforms)
    ours, log_mels = seconds(extractor.transform, waveforms)
    difference = max(
        abs(log_mel[:, : reference.shape[1]] - reference[:, :500]).max()
        for log_mel, reference in zip(log_mels, references, strict=True)
    )
    minutes = sum(map(len, waveforms)) / 16000 / 60
    print(f"{len(waveforms)} clips, {minutes:.1f} minutes, one thread each")
    print(f"librosa          {theirs:8.3f} s")
    print(f"LogMelExtractor  {ours:8.3f} s")
    print(f"ratio            {theirs / ours:8.1f}")
    print(f"largest difference {difference:.1e} dB")


if __name__ == "__main__":
    main()
