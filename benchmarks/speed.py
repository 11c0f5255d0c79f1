"""What skaudio costs: against an earlier revision of itself, or against a peer.

    python benchmarks/speed.py FOLDER [NAME...] [--before REVISION] [--repeats 3]

FOLDER holds the clips of a study in a folder per class. NAME is a comparison; without
one all run, and `--list` lists them. `--before` is a git revision: without it only the
figures of this checkout are printed.

Each figure is taken in a process of its own, the two sides in turn, and the median of
the repeats is printed. Unless its title says otherwise a figure is processor time in
seconds, of the process and those that it starts: that hardly depends on what else the
machine does.

To add a comparison, write a function of the folder that prepares and returns what is
measured, and decorate it with `compare`.
"""

import argparse
import io
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
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


def run(*command, **options):
    """Run a command to its end, in silence."""
    subprocess.run(command, check=True, capture_output=True, **options)


def python(code):
    """Make a callable that runs Python code in a process."""
    return lambda: run(sys.executable, "-c", code)


def skaudio(*arguments):
    """Make a callable that runs a command of skaudio."""
    return lambda: run(sys.executable, "-m", "skaudio", *map(str, arguments))


@compare()
def help_text(folder):
    """`skaudio --help`."""
    return skaudio("--help")


@compare()
def import_of_classes(folder):
    """Import of all classes."""
    return python("import skaudio; [getattr(skaudio, n) for n in skaudio.__all__]")


@compare()
def open_yamnet(folder):
    """YAMNet opened, and a second of sound."""
    return python(
        "import numpy as np; from skaudio import YAMNetEmbedder;"
        "YAMNetEmbedder().transform(np.zeros((1, 16000), 'float32'))"
    )


def model_file(pipeline, folder, n_clips=26):
    """Fit a pipeline on some clips of the folder and save it."""
    from skaudio import save_model

    files = sorted(map(str, folder.glob("*/*")))
    files = files[:: max(1, len(files) // n_clips)]
    path = Path(tempfile.mkdtemp(), "model.skaudio")
    save_model(pipeline.fit(files, [Path(file).parts[-2] for file in files]), path)
    return path


def short_files(number):
    """Write short sound files; give their folder."""
    import numpy as np
    import soundfile

    folder = Path(tempfile.mkdtemp())
    sounds = np.random.default_rng(0).uniform(-0.5, 0.5, (number, 4000))
    for place, sound in enumerate(sounds):
        soundfile.write(folder / f"{place:05d}.wav", sound, 8000)
    return folder


@compare()
def predict_one_file(folder):
    """`skaudio predict` of one file with the default model."""
    from skaudio.pipelines import embedding_pipeline

    model = model_file(embedding_pipeline("efficientat"), folder)
    return skaudio("predict", model, next(folder.glob("*/*")), "-j", 1)


def peak_memory(folder, number):
    """Make a callable that gives the peak memory of `predict`, in MB."""
    from skaudio.pipelines import audio_pipeline

    pipeline = audio_pipeline("cnn1d", random_state=0).set_params(clf__max_epochs=1)
    model, files = model_file(pipeline, folder), short_files(number)
    code = (
        "import resource; from skaudio import load_model;"
        "from skaudio.recordings import predict_files;"
        f"predict_files(load_model({str(model)!r}), [{str(files)!r}]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    return lambda: float(subprocess.check_output(command))


@compare()
def predict_100(folder):
    """Peak memory of `predict`, 100 files, MB."""
    return peak_memory(folder, 100)


@compare()
def predict_1000(folder):
    """Peak memory of `predict`, 1,000 files, MB."""
    return peak_memory(folder, 1000)


@compare()
def predict_10000(folder):
    """Peak memory of `predict`, 10,000 files, MB."""
    return peak_memory(folder, 10_000)


@compare()
def fit_a_network(folder):
    """2 epochs of cnn1d on 120 log-mels, with the threads that torch takes."""
    import numpy as np

    from skaudio import CNN1DClassifier

    X = np.random.default_rng(0).standard_normal((120, 128, 500)).astype("float32")
    network = CNN1DClassifier(max_epochs=2, random_state=0)
    return lambda: network.fit(X, np.arange(120) % 4)


@compare()
def fit_a_head(folder):
    """Logistic regression on 590 embeddings, with the threads that BLAS takes."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    from skaudio.model_selection import fit_with_groups

    X, y = np.random.default_rng(0).standard_normal((590, 2800)), np.arange(590) % 13
    head = LogisticRegression(C=0.01, max_iter=1000)
    return lambda: fit_with_groups(head, X, y, np.arange(590))


@compare()
def log_mels(folder):
    """Log-mels of 300 clips of 3 s, with the threads that torch takes."""
    import numpy as np

    from skaudio import LogMelExtractor

    sounds = np.random.default_rng(0).standard_normal((300, 48000)).astype("float32")
    return lambda: LogMelExtractor().transform(sounds)


def near_copies_of(number, folder):
    """Make a callable that gives the milliseconds per clip.

    The clips are those of the folder at 8 speeds, forward and backward: hashes as of
    real sounds, which synthetic ones share far less by chance.
    """
    import numpy as np

    from skaudio.audit._near_copies import near_copies_of_waveforms
    from skaudio.io import read_audio

    sounds = [read_audio(file) for file in sorted(map(str, folder.glob("*/*")))]
    clips = [
        (sound[::step], round(rate * speed))
        for speed in (1, *np.geomspace(0.7, 1.5, 7))
        for step in (1, -1)
        for sound, rate in sounds
    ]
    if len(clips) < number:
        raise ValueError(f"{folder} gives {len(clips)} clips, expected {number}.")
    picked = np.random.RandomState(0).permutation(len(clips))[:number]
    waveforms, rates = zip(*(clips[place] for place in picked), strict=True)

    def work():
        start = time.process_time()
        near_copies_of_waveforms(waveforms, rates)
        return (time.process_time() - start) / number * 1e3

    return work


@compare(threads=1)
def near_copies_of_600(folder):
    """Near copies among 600 clips without decoding, ms per clip."""
    return near_copies_of(600, folder)


@compare(threads=1)
def near_copies_of_2400(folder):
    """Near copies among 2,400 clips without decoding, ms per clip."""
    return near_copies_of(2400, folder)


@compare(threads=1)
def near_copies_of_9400(folder):
    """Near copies among 9,400 clips without decoding, ms per clip."""
    return near_copies_of(9400, folder)


@compare(threads=1)
def audit_of_the_folder(folder):
    """`audit_dataset` of the folder without the metadata baseline, ms per file."""
    from skaudio.audit import audit_dataset

    n_files = len(list(folder.glob("*/*")))

    def work():
        start = time.process_time()
        audit_dataset(folder, cv=1)
        return (time.process_time() - start) / n_files * 1e3

    return work


@compare(threads=1)
def grid_search(folder):
    """Share of a GridSearchCV over cnn1d that is outside fits and scoring, %."""
    import numpy as np
    from sklearn.model_selection import GridSearchCV

    from skaudio import CNN1DClassifier

    X = np.random.default_rng(0).standard_normal((240, 128, 500)).astype("float32")
    network = CNN1DClassifier(max_epochs=2, random_state=0)
    search = GridSearchCV(network, {"lr": [0.001, 0.002]}, cv=3, refit=False)

    def work():
        start = time.perf_counter()
        search.fit(X, np.arange(240) % 4)
        seconds = time.perf_counter() - start
        found = search.cv_results_
        inside = 3 * (found["mean_fit_time"] + found["mean_score_time"]).sum()
        return 100 * (1 - inside / seconds)

    return work


def prepared(folder, name):
    """Load the clips as a pipeline's classifier gets them, with the classifier."""
    from skaudio.datasets import load_audio_folder
    from skaudio.pipelines import audio_pipeline

    clips = load_audio_folder(folder)
    *steps, classifier = audio_pipeline(name, random_state=0).named_steps.values()
    X = clips.data
    for step in steps:
        X = step.fit_transform(X, clips.target)
    return X, clips.target, classifier


def fit_of(folder, name, **parameters):
    """Make a callable that trains the classifier of a pipeline for 4 epochs."""
    X, y, classifier = prepared(folder, name)
    epochs = [key for key in classifier.get_params() if key.endswith("max_epochs")]
    classifier.set_params(**dict.fromkeys(epochs, 4), **parameters)
    return lambda: classifier.fit(X, y)


@compare(threads=1)
def fit_enhanced_cnn1d(folder):
    """4 epochs of `enhanced_cnn1d`."""
    return fit_of(folder, "enhanced_cnn1d")


@compare(threads=1)
def fit_mel_ensemble(folder):
    """4 epochs of `mel_ensemble`."""
    return fit_of(folder, "mel_ensemble")


@compare(threads=1)
def members_at_once(folder):
    """4 epochs of `mel_ensemble`: time on the clock in one process, by that in two."""
    one, two = (fit_of(folder, "mel_ensemble", n_jobs=n_jobs) for n_jobs in (1, 2))
    two()  # starts the processes, which import torch
    return lambda: clock(one) / clock(two)


def clock(work):
    """Give the seconds on the clock that a callable takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def waveforms(folder):
    """Load the clips at 16 kHz."""
    from skaudio import WavLoader
    from skaudio.io import list_audio_files

    return WavLoader().transform(list_audio_files([folder]))


def librosa_log_mels(folder):
    """Log-mels as a user of librosa writes them."""
    import librosa
    import numpy as np

    clips = waveforms(folder)
    options = dict(sr=16000, n_fft=1024, hop_length=512, n_mels=128)

    def work():
        for clip in clips:
            mel = librosa.feature.melspectrogram(y=clip, **options)
            librosa.power_to_db(mel, ref=np.max)

    return work


def log_mel_work(folder):
    """Log-mels of skaudio; filters and imports are paid before."""
    from skaudio import LogMelExtractor

    clips = waveforms(folder)
    extractor = LogMelExtractor()
    extractor.transform(clips[:3])
    return lambda: extractor.transform(clips)


@compare(threads=1)
def log_mel(folder):
    """Log-mels."""
    return log_mel_work(folder)


@compare(threads=1, peer=librosa_log_mels)
def log_mel_librosa(folder):
    """Log-mels, against librosa."""
    return log_mel_work(folder)


@compare(threads=1)
def log_mel_placing(folder):
    """Log-mels, normalised and in place: time by that of the decibels alone."""
    from skaudio.features._mel_decibels import mel_decibels

    transform, clips = log_mel_work(folder), waveforms(folder)

    def decibels():
        for _ in mel_decibels(clips, 16000, 1024, 512, 128, 0.0, None, False):
            pass

    decibels()
    return lambda: statistics.median(
        processor(transform) / processor(decibels) for _ in range(9)
    )


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
    command = [sys.executable, __file__, str(folder), name, "--side", side]
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


def main():
    """Print a table of the figures and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="clips, a folder per class")
    parser.add_argument("names", nargs="*", metavar="NAME", help="comparisons")
    parser.add_argument("--before", metavar="REVISION", help="of git")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--list", action="store_true", help="list the comparisons")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if arguments.list:
        for name, (title, *_) in COMPARISONS.items():
            print(f"{name:24} {title}")
        return
    names = arguments.names or list(COMPARISONS)
    for name in names:
        if name not in COMPARISONS:
            parser.error(f"{name}: no such comparison: see --list")
    if arguments.side is not None:
        _, function, peer, _ = COMPARISONS[names[0]]
        print(measured(peer if arguments.side == "peer" else function, folder))
        return
    with tempfile.TemporaryDirectory() as scratch:
        before = None
        if arguments.before is not None:
            before = checkout_of(arguments.before, scratch)
        print("| what | before, or the peer | after | ratio |\n|---|---|---|---|")
        for name in names:
            print(row_of(name, before, folder, arguments.repeats), flush=True)


if __name__ == "__main__":
    main()
