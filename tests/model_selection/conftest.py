import pytest

from skaudio.datasets import load_audio_folder
from skaudio.model_selection import _runs


@pytest.fixture(scope="session")
def clips(clip_folder):
    return load_audio_folder(clip_folder)


@pytest.fixture
def fits(monkeypatch):
    """Count the fits of this process."""
    done = []
    real = _runs.fit_with_groups
    monkeypatch.setattr(
        _runs, "fit_with_groups", lambda *args: done.append(args) or real(*args)
    )
    return done
