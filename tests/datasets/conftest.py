import hashlib

import pandas as pd
import pytest
from fetch_site import ANIMALS, CLIPS, Site, packed, wav

from skaudio._utils import public_clips
from skaudio.datasets import _public_archives as archives


@pytest.fixture(scope="session")
def esc50_files():
    """The 2000 clips and the list of a small ESC-50."""
    rows, files = [], {}
    for target, category in enumerate(ANIMALS):
        for i in range(40):
            fold, source, take = i // 8 + 1, 1000 * target + i // 2, "AB"[i % 2]
            name = f"{fold}-{source}-{take}-{target}.wav"
            esc10 = target < 2
            rows.append((name, fold, target, category, esc10, source, take))
            files[f"audio/{name}"] = (category, wav(len(rows)))
    columns = ["filename", *archives._ESC50_COLUMNS]
    meta = pd.DataFrame(rows, columns=columns).to_csv(index=False)
    files["meta/esc50.csv"] = (None, meta.encode())
    return files


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data home, a registry that fits CLIPS, and no proxy in between."""
    registry = tmp_path / "registry"
    registry.mkdir()
    for name, clips in CLIPS.items():
        rows = [
            (path, label, len(content), hashlib.sha256(content).hexdigest())
            for path, (label, content) in clips.items()
        ]
        table = pd.DataFrame(rows, columns=["path", "label", "bytes", "sha256"])
        table.to_csv(registry / f"{name}.csv", index=False)
    monkeypatch.setattr(public_clips, "_REGISTRY", registry)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SKAUDIO_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def site(home):
    """A web server that serves the small data sets."""
    site = Site()
    for name in CLIPS:
        site.put(name, packed(name))
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def options(site):
    """Options with which a fetcher downloads from `site`."""
    return {"base_url": site.url, "delay": 0.01, "n_retries": 1, "timeout": 5}
