"""What the tests of this folder share."""

import pytest
from no_code import no_code

from skaudio import load_model


@pytest.fixture(scope="session")
def load_without_code():
    """`load_model`, failing where a pickle is opened or a program started."""

    def load(path, **options):
        with no_code():
            return load_model(path, **options)

    return load
