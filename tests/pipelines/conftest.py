import pytest

from skaudio.datasets import load_audio_folder


@pytest.fixture(scope="session")
def clips(clip_folder):
    return load_audio_folder(clip_folder)
