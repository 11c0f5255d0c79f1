import pytest

from skaudio.datasets import load_audio_folder


@pytest.fixture(scope="module")
def clips(clip_folder):
    """The clips of `clip_folder`, with labels and groups."""
    return load_audio_folder(clip_folder)
