import os
import signal
import sys
import warnings
from contextlib import contextmanager

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import MFCCStatistics, WavLoader, save_model
from skaudio.cli import _progress, main
from skaudio.datasets import load_audio_folder, make_animal_sounds


@pytest.fixture(scope="session")
def other_clips(tmp_path_factory):
    """A folder with clips of other individuals of the same animals, and noise."""
    folder = tmp_path_factory.mktemp("other-clips")
    make_animal_sounds(3, n_classes=3, output_dir=folder, random_state=7)
    return folder


@pytest.fixture(scope="session")
def quick_model():
    """A function that trains a small model on a folder, in a fraction of a second."""

    def train(folder, path):
        clips = load_audio_folder(folder, n_jobs=1)
        model = make_pipeline(
            *(WavLoader(), MFCCStatistics(n_mels=32)),
            *(StandardScaler(), LogisticRegression()),
        )
        model.fit(clips.data, clips.target)
        save_model(model, path, training_clips=clips)
        return path

    return train


@pytest.fixture(autouse=True)
def no_cache_of_commands():
    """A command in this process leaves no folder of embeddings to the next test."""
    yield
    os.environ.pop("SKAUDIO_CACHE", None)


@pytest.fixture
def bars(monkeypatch):
    """The bars of training that are shown."""
    shown, real = [], _progress.progress_bar

    @contextmanager
    def progress_bar(*arguments, **options):
        with real(*arguments, **options) as bar:
            shown.append(bar)
            yield bar

    monkeypatch.setattr(_progress, "progress_bar", progress_bar)
    return shown


@pytest.fixture
def command(monkeypatch, capsys):
    """The command through its entry point, in this process.

    Gives the exit status and what went to standard output and standard error.
    """
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    handlers = {name: signal.getsignal(getattr(signal, name)) for name in names}

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["skaudio", *map(str, arguments)])
        capsys.readouterr()
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = stop.code
        return status, *capsys.readouterr()

    yield run
    for name, handler in handlers.items():
        signal.signal(getattr(signal, name), handler)
