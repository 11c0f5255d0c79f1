"""Recordings spread over a cluster: as in one process, whatever happens to it."""

import os
import signal
import threading
import time

import joblib
import numpy as np
import pandas as pd
import pytest
import soundfile
from scoring_models import levels_model
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skaudio.recordings import read_journal, score_recordings

distributed = pytest.importorskip("distributed")
pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def client():
    """A cluster of two workers, each a process."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def recordings(tmp_path):
    rng = np.random.default_rng(0)
    files = [str(tmp_path / f"{number}.flac") for number in range(6)]
    for number, file in enumerate(files):
        soundfile.write(file, 0.1 * rng.standard_normal(8000 * (4 + number)), 8000)
    return files


def dawdle(waveforms):
    time.sleep(0.1)
    return waveforms


def slow_model():
    model = levels_model()
    return make_pipeline(model[0], FunctionTransformer(dawdle), *model[1:])


def test_a_cluster_gives_the_same(client, recordings, tmp_path):
    (tmp_path / "empty.wav").touch()
    files = [*recordings, str(tmp_path / "empty.wav")]
    with pytest.warns(UserWarning, match=r"empty\.wav: the file is empty"):
        serial = score_recordings(levels_model(), files, 1.0)
    for output in (None, tmp_path / "out"):
        with (
            joblib.parallel_config(backend="dask"),
            pytest.warns(UserWarning, match=r"empty\.wav: the file is empty"),
        ):
            scores = score_recordings(levels_model(), files, 1.0, output=output)
        pd.testing.assert_frame_equal(scores, serial)
    assert len(read_journal(tmp_path / "out")) == len(files)


def test_fault_of_a_worker_that_is_killed(client, recordings, tmp_path):
    out = tmp_path / "out"
    workers = client.run(os.getpid)

    def kill():
        while not list(out.glob("*.parquet")):
            time.sleep(0.02)
        os.kill(next(iter(workers.values())), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with joblib.parallel_config(backend="dask"):
        scores = score_recordings(
            slow_model(), recordings, 1.0, batch_size=2, output=out
        )
    killer.join()
    assert set(client.run(os.getpid).values()) != set(workers.values())
    pd.testing.assert_frame_equal(
        scores, score_recordings(levels_model(), recordings, 1.0)
    )
    journal = read_journal(out)
    assert journal["file"].tolist() == recordings
    assert (journal["outcome"] == "scored").all()


def test_relative_names_reach_workers_in_another_folder(
    client, recordings, tmp_path, monkeypatch
):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    client.run(os.chdir, str(elsewhere))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.wav").touch()
    names = [os.path.basename(file) for file in recordings]
    with (
        joblib.parallel_config("dask", client=client),
        pytest.warns(UserWarning, match=r"  empty\.wav: the file is empty"),
    ):
        scores = score_recordings(
            levels_model(), [*names, "empty.wav"], 1.0, output="out"
        )
    assert not any(elsewhere.iterdir())
    serial = score_recordings(levels_model(), names, 1.0)
    pd.testing.assert_frame_equal(scores, serial)
