import pytest

from skaudio.datasets import make_animal_sounds


@pytest.fixture(scope="session")
def other_clips(tmp_path_factory):
    """A folder with clips of other individuals of the same animals, and noise."""
    folder = tmp_path_factory.mktemp("other-clips")
    make_animal_sounds(3, n_classes=3, output_dir=folder, random_state=7)
    return folder
