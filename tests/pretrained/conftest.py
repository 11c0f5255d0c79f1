import numpy as np
import pytest

from skaudio.pretrained._cache import CACHE


@pytest.fixture(autouse=True)
def empty_cache():
    """Start every test with an empty cache."""
    CACHE.clear()


@pytest.fixture(scope="session")
def chirps():
    """Three seconds at 16 kHz of whistles that fall from 5 to 4 kHz."""
    time = np.arange(48000) / 16000 % 0.3
    whistle = 0.3 * np.sin(2 * np.pi * (5000 - 3000 * time) * time) * (time < 0.15)
    return whistle.astype(np.float32)
