"""What a run has kept is found again by the next one."""

import os

import pandas as pd
import pytest

from skaudio._utils import cache_folder
from skaudio.datasets import make_animal_sounds
from skaudio.model_selection import _runs
from skaudio.pretrained import WaveformEmbedder
from skaudio.pretrained._cache import CACHE

HEAD = ("--classifier", "logistic", "--features", "efficientat", "--jobs", 1)


@pytest.fixture(scope="module")
def few_clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few-clips")
    make_animal_sounds(6, n_classes=2, output_dir=folder, random_state=5)
    return folder / "Training"


@pytest.fixture
def embedded(monkeypatch):
    """Count the clips that are embedded; each run begins with nothing in memory."""
    real, counts = WaveformEmbedder._embed, []

    def embed(embedder, weights, waveforms, speed):
        counts.append(len(waveforms))
        return real(embedder, weights, waveforms, speed)

    monkeypatch.setattr(WaveformEmbedder, "_embed", embed)
    return counts


@pytest.fixture
def train(few_clips, tmp_path, command, monkeypatch, embedded, mn04):
    def run(*arguments, name="model.skaudio"):
        CACHE.clear()
        embedded.clear()
        status, out, err = command(
            "train", few_clips, *HEAD, *arguments, "-o", tmp_path / name
        )
        return status, out, err

    monkeypatch.setenv("SKAUDIO_DATA", str(tmp_path / "data"))
    return run


def probabilities(command, model, folder):
    table = model.with_suffix(".csv")
    assert command("predict", model, folder, "--csv", table, "-j", 1)[0] == 0
    return pd.read_csv(table)


def test_a_second_run_embeds_nothing(train, command, tmp_path, few_clips, embedded):
    assert train()[0] == 0
    assert sum(embedded) == 2 * 12  # at two speeds
    kept = tmp_path / "data" / "cache" / "embeddings"
    assert len(list(kept.rglob("*.npy"))) == 2 * 12
    status, _, err = train(name="again.skaudio")
    assert status == 0 and sum(embedded) == 0
    assert "EfficientATEmbedder: 0 clips embedded, 12 found in the cache" in err
    one, other = (
        probabilities(command, tmp_path / f"{name}.skaudio", few_clips)
        for name in ("model", "again")
    )
    pd.testing.assert_frame_equal(one, other)
    # Kept elsewhere, or not at all.
    train("--cache", tmp_path / "own")
    assert sum(embedded) == 24 and len(list((tmp_path / "own").rglob("*.npy"))) == 24
    train("--cache", "none")
    assert sum(embedded) == 24 and "SKAUDIO_CACHE" not in os.environ


def test_a_stopped_cross_validation_goes_on(train, tmp_path, monkeypatch):
    real, fitted = _runs.fit_with_groups, []

    def stopped_in_the_third(*arguments):
        fitted.append(arguments)
        if len(fitted) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(_runs, "fit_with_groups", stopped_in_the_third)
    status, out, err = train("--cv", 4)
    kept = tmp_path / "data" / "cache" / "fits"
    assert status == 130 and not out
    assert err.splitlines()[-2:] == [
        f"embeddings and finished folds are kept in {kept.parent}: the same command "
        "goes on from there",
        "error: stopped",
    ]
    assert len(list(kept.iterdir())) == 2
    assert train("--cv", 4)[0] == 0
    assert len(fitted) == 3 + 2


def test_a_place_that_cannot_be_written_costs_nothing(train, tmp_path, embedded):
    (tmp_path / "data").write_text("a file")
    status, _, err = train()
    assert status == 0 and sum(embedded) == 24
    assert "nothing is kept for the next run" in err
    status, _, err = train("--cache", tmp_path / "data")
    assert status == 1 and f"error: {tmp_path / 'data'}: " in err


def test_what_is_oldest_makes_room(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_folder, "LIMIT", 2 * 2500)
    for number in range(4):
        path = tmp_path / "embeddings" / f"{number % 2}" / f"{number}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(1000))
        os.utime(path, (number, number))
    assert cache_folder.use_cache_folder(tmp_path) == tmp_path / "fits"
    left = (tmp_path / "embeddings").rglob("*.npy")
    assert sorted(path.name for path in left) == ["2.npy", "3.npy"]
