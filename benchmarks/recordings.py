"""Memory and speed of `score_recordings`, at 10 minutes, an hour and six hours.

    python benchmarks/recordings.py [--models cnn1d efficientat birdnet] [--long]
        [--clips FOLDER] [--noise FOLDER] [--jobs 1 2]

Recordings at 24 kHz of wind with a call every ten seconds, scored in windows of 3 s, a
window every 1.5 s, a process each. Without folders, calls and wind are synthetic.
`--long` adds six hours, with the first model only. The scores of ten minutes are
compared with those of the recording read and resampled as a whole. On Linux.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import joblib
import numpy as np
import soundfile

from skaudio import WavLoader
from skaudio.datasets import load_audio_folder, make_animal_sounds, make_wind
from skaudio.io import list_audio_files, read_audio, resample
from skaudio.pipelines import audio_pipeline
from skaudio.recordings import score_recordings

RATE = 24000
MODELS = ("cnn1d", "efficientat", "birdnet", "birdnet,efficientat")


def write_recording(file, minutes, calls, winds):
    """Write wind with a call every ten seconds."""
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(file, "w", RATE, 1, subtype="PCM_16") as recording:
        for _ in range(round(minutes * 6)):
            sound = np.resize(winds[rng.integers(len(winds))], 10 * RATE)
            call = calls[rng.integers(len(calls))][: 9 * RATE]
            start = rng.integers(10 * RATE - len(call))
            sound[start : start + len(call)] += call
            recording.write(0.5 * sound)


def fitted(name, clips, labels):
    """Fit a model by its name, on a few clips."""
    is_net = name == "cnn1d"
    model = audio_pipeline(
        name if is_net else "logistic", features=None if is_net else name
    )
    if is_net:
        model.set_params(clf__max_epochs=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(clips, labels)


def peak():
    """Return the largest memory of this process so far, in MiB."""
    # Not that of getrusage, which begins with the memory of the parent process.
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def measure(model, file, n_jobs):
    """Score a recording, and print speed and memory."""
    model = joblib.load(model)
    seconds = soundfile.info(file).duration
    before = peak()
    start, used = time.perf_counter(), time.process_time()
    scores = score_recordings(model, file, 3.0, 1.5, n_jobs=n_jobs)
    used = time.process_time() - used
    took = time.perf_counter() - start
    print(
        f"{seconds / 60:4.0f} min  n_jobs={n_jobs}  {len(scores):6d} windows  "
        f"{seconds / took:5.0f} times real time  {seconds / used:5.0f} per second of "
        f"processor time  peak {peak():5.0f} MiB (before: {before:.0f})"
    )


def compare(model, file):
    """Print the largest difference to the recording read as a whole."""
    model = joblib.load(model)
    scores = score_recordings(model, file, 3.0, 1.5)
    if not isinstance(model[0], WavLoader):
        return
    rate = model[0].sample_rate
    whole = resample(*read_audio(file), rate)
    windows = np.empty(len(scores), object)
    for row, (_, start, end) in enumerate(scores.index):
        windows[row] = whole[round(start * rate) : round(end * rate)]
    largest = np.abs(model[1:].predict_proba(windows) - scores.to_numpy()).max()
    print(f"  10 min  largest difference to the scores of the whole: {largest:.1e}")


def main():
    """Print a line for each model, length and number of jobs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["cnn1d", "efficientat"])
    parser.add_argument("--jobs", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--minutes", nargs="+", type=int, default=[10, 60])
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--clips")
    parser.add_argument("--noise")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        model, file, n_jobs = options.one
        compare(model, file) if n_jobs == "0" else measure(model, file, int(n_jobs))
        return
    if options.clips:
        clips = load_audio_folder(options.clips)
        clips, labels = clips.data[::8], clips.target[::8]
        calls = [resample(*read_audio(clip), RATE) for clip in clips]
    else:
        folder = tempfile.TemporaryDirectory()
        made = make_animal_sounds(12, n_classes=6, output_dir=folder.name)
        clips, labels = made.data, made.target
        calls = [resample(*read_audio(clip), RATE) for clip in clips]
    if options.noise:
        files = list_audio_files([options.noise])
        winds = [resample(*read_audio(file), RATE) for file in files]
    else:
        random_state = np.random.RandomState(0)
        winds = [0.1 * make_wind(5 * RATE, RATE, random_state) for _ in range(20)]
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for minutes in options.minutes + ([360] if options.long else []):
            files[minutes] = f"{folder}/{minutes}.wav"
            write_recording(files[minutes], minutes, calls, winds)
        for name in options.models:
            print(name, flush=True)
            model = f"{folder}/model.joblib"
            joblib.dump(fitted(name, clips, labels), model)
            lengths = [m for m in files if m != 360 or name == options.models[0]]
            runs = [(files[m], n) for m in lengths for n in options.jobs]
            for file, n_jobs in [*runs, (files[min(files)], 0)]:
                command = [sys.executable, __file__, "--one", model, file, str(n_jobs)]
                subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
