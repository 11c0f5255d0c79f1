"""Recall, precision and speed of near_copies, on real clips and on synthetic ones.

    python benchmarks/near_copies.py FOLDER [--sample 60] [--sizes 1000 10000]

All clips of FOLDER are in the index. Added are transformed versions of a sample of
them: under one transformation, then under each pair of them. The rules of the count:

- A version should be paired with its original, once. Versions that a cut leaves
  without 10 % of the original's energy are left out: the call is gone.
- A version paired with another original (or a version of one) is a false positive,
  unless the two originals are related: equal as decoded; or `near_copies` pairs them,
  and their plain samples, or those above 500 Hz where no hum is, correlate by 0.5 or
  more at the offset found; or both are related to a third one. Pairs of related ones
  count neither way. "strict" is the precision where only clips of equal sound are
  related; all pairs are listed at the end, to be judged by ear.
"""

import argparse
import os
import time
from itertools import combinations
from resource import RUSAGE_SELF, getrusage

os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import io
from pathlib import Path

import numpy as np
import soundfile
import soxr
from scipy.signal import butter, sosfilt

from skaudio._utils.related_rows import connect_rows
from skaudio.audit import inspect_clips
from skaudio.audit._near_copies import near_copies, near_copies_of_waveforms
from skaudio.datasets import make_animal_sounds
from skaudio.datasets._wind import coloured_noise
from skaudio.io import AUDIO_EXTENSIONS, read_audio

SNR_DB = 20


def trimmed(x, sample_rate, rng):
    """Lose 30 %, in part at the start and in part at the end."""
    lost = int(0.3 * len(x))
    start = rng.randint(lost + 1)
    return x[start : start + len(x) - lost], sample_rate


def shifted(x, sample_rate, rng):
    """Lose a second (half of the clips over 2 s), or start with a second of silence."""
    if len(x) > 2 * sample_rate and rng.randint(2):
        return x[sample_rate:], sample_rate
    return np.append(np.zeros(sample_rate, dtype=np.float32), x), sample_rate


def noisy(exponent):
    """Add noise at 20 dB SNR: white for an exponent of 0, pink for 1."""

    def add_noise(x, sample_rate, rng):
        noise = coloured_noise(len(x), exponent, sample_rate, rng)
        level = np.sqrt(np.mean(x**2) / 10 ** (SNR_DB / 10))
        return x + (level * noise).astype(np.float32), sample_rate

    return add_noise


def quiet(x, sample_rate, rng):
    """12 dB less."""
    return x * np.float32(10 ** (-12 / 20)), sample_rate


def telephone(x, sample_rate, rng):
    """Sampled at 8 kHz."""
    return soxr.resample(x, sample_rate, 8000), 8000


def vorbis(x, sample_rate, rng):
    """Encode as Ogg Vorbis of quality 3, and decode."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", sample_rate, 1, format="OGG", compression_level=0.7
    ) as sound:
        for start in range(0, len(x), 4096):  # longer writes crash some libsndfile
            sound.write(x[start : start + 4096])
    buffer.seek(0)
    return soundfile.read(buffer, dtype="float32")


TRANSFORMATIONS = {
    "trimmed": trimmed,
    "shifted": shifted,
    "white noise": noisy(0),
    "pink noise": noisy(1),
    "-12 dB": quiet,
    "8 kHz": telephone,
    "Vorbis q3": vorbis,
}


def versions(originals, names, rng):
    """Transform each; None where the call is cut away."""
    for x, sample_rate in originals:
        kept = 1.0
        for name in names:
            before = np.sum(x**2)
            x, sample_rate = TRANSFORMATIONS[name](x, sample_rate, rng)
            if name in ("trimmed", "shifted"):
                kept *= np.sum(x**2) / max(before, 1e-12)
        yield (x, sample_rate) if kept >= 0.1 else None


def plain_correlation(x, y, offset):
    """Correlation at 8 kHz of all or of the treble, `y` starting `offset` s later."""
    treble = butter(4, 500, "highpass", fs=8000, output="sos")
    best = 0.0
    for lag in round(offset * 8000) + np.arange(-1, 2):
        a, b = x[max(0, lag) :], y[max(0, -lag) :]
        n = min(len(a), len(b))
        pair = np.stack([a[:n], b[:n]])
        for sounds in (pair, sosfilt(treble, pair)):
            best = max(best, abs(np.corrcoef(sounds)[0, 1]))
    return best


def measure(files, sample):
    """Print recall and precision for each transformation."""
    start = time.perf_counter()
    found = near_copies(files)
    seconds = time.perf_counter() - start
    print(f"{len(files)} clips: {len(found)} pairs in {seconds:.1f} s with decoding\n")
    sounds = [read_audio(file) for file in files]
    index = [soxr.resample(x, rate, 8000) for x, rate in sounds]
    found["plain"] = [
        plain_correlation(index[i], index[j], offset)
        for i, j, offset in zip(found.i, found.j, found.offset, strict=True)
    ]
    digest = list(inspect_clips(files)["digest"])
    equal = connect_rows(digest)
    same = found[found.plain >= 0.5]
    related = connect_rows(digest, pairs=list(zip(same.i, same.j, strict=True)))

    picked = np.unique(np.linspace(0, len(files) - 1, sample).astype(int))
    names = [(name,) for name in TRANSFORMATIONS]
    names += list(combinations(TRANSFORMATIONS, 2))
    print(f"{'':26s}versions recall precision strict  seconds")
    totals, wrong = [], []
    for chain in names:
        rng = np.random.RandomState(0)
        made = list(versions([sounds[k] for k in picked], chain, rng))
        sources = [k for k, version in zip(picked, made, strict=True) if version]
        made = [version for version in made if version]
        waveforms, rates = zip(*[(x, 8000) for x in index], *made, strict=True)
        start = time.perf_counter()
        pairs = near_copies_of_waveforms(waveforms, rates)
        seconds = time.perf_counter() - start
        source = np.append(np.arange(len(files)), sources).astype(int)
        pairs = pairs[pairs.j >= len(files)]
        i, j = source[pairs.i], source[pairs.j]
        right = ((i == j) & (pairs.i < len(files))).sum()
        false = related[i] != related[j]
        count = len(made), right, false.sum(), (equal[i] != equal[j]).sum()
        wrong += [
            (chain, files[a], files[b]) for a, b in zip(i[false], j[false], strict=True)
        ]
        wrong += [
            (chain, files[k], "missed") for k in set(sources) - set(i[i == j].tolist())
        ]
        totals.append(count)
        report(" + ".join(chain), count, seconds)
    report("one", np.sum(totals[: len(TRANSFORMATIONS)], axis=0))
    report("two", np.sum(totals[len(TRANSFORMATIONS) :], axis=0))
    print("\nFalse positives and misses")
    for chain, *pair in wrong:
        print(f"{' + '.join(chain):26s}", *(Path(file).name for file in pair))
    print("\nPairs of originals that are not equal")
    for pair in found.itertuples():
        if equal[pair.i] != equal[pair.j]:
            print(
                f"{pair.similarity:.2f} plain {pair.plain:.2f} {pair.overlap:5.2f} s",
                Path(files[pair.i]).name,
                Path(files[pair.j]).name,
            )


def report(name, count, seconds=None):
    """Print one row of the table."""
    n_versions, right, false, strictly_false = count
    end = "" if seconds is None else f" {seconds:8.1f}"
    print(
        f"{name:26s}{n_versions:8d} {right / n_versions:6.3f} "
        f"{right / (right + false):9.3f} {right / (right + strictly_false):6.3f}{end}",
        flush=True,
    )


def measure_growth(sizes):
    """Print the processor time for more and more synthetic clips, none a copy."""
    print("\nclips  pairs  seconds  ms per clip  peak MB")
    sounds = make_animal_sounds(
        -(-max(sizes) // 10),
        n_classes=10,
        n_individuals=100,
        n_noise=0,
        sample_rate=8000,
        random_state=0,
    )
    order = np.random.RandomState(0).permutation(len(sounds.data))
    for size in sorted(sizes):
        waveforms = sounds.data[order[:size]]
        start = time.process_time()
        pairs = near_copies_of_waveforms(waveforms, 8000)
        seconds = time.process_time() - start
        peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{size:5d} {len(pairs):6d} {seconds:8.1f} {seconds / size * 1e3:12.1f} "
            f"{peak:8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--sample", type=int, default=60, help="clips to transform")
    parser.add_argument("--sizes", type=int, nargs="*", default=[])
    options = parser.parse_args()
    if options.folder:
        paths = sorted(map(str, Path(options.folder).rglob("*")))
        measure(
            [path for path in paths if path.lower().endswith(AUDIO_EXTENSIONS)],
            options.sample,
        )
    if options.sizes:
        measure_growth(options.sizes)
