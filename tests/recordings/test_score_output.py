"""The folder of scores: what is kept, found again and made anew."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from scoring_models import LABELS, file_names, levels_model

from skaudio.io import AudioStream
from skaudio.recordings import read_journal, read_scores, score_recordings

pytest.importorskip("pyarrow")


def write(file, seconds=4.0, seed=0, rate=8000):
    rng = np.random.default_rng(seed)
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, 0.1 * rng.standard_normal(round(seconds * rate)), rate)
    return str(file)


@pytest.fixture
def recordings(tmp_path):
    """Three, two of them of one name."""
    return [
        write(tmp_path / "recordings" / name, 4 + seed, seed)
        for seed, name in enumerate(["north/dawn.wav", "south/dawn.wav", "dusk.flac"])
    ]


@pytest.fixture
def decoded(monkeypatch):
    """The recordings that are decoded, as they are."""
    names, real = [], AudioStream.__iter__

    def iterate(stream):
        names.append(os.path.relpath(stream.file).rsplit("recordings/", 1)[-1])
        return real(stream)

    monkeypatch.setattr(AudioStream, "__iter__", iterate)
    return names


def test_scores_are_read_back(recordings, tmp_path):
    expected = score_recordings(levels_model(), recordings, 1.0)
    scores = score_recordings(levels_model(), recordings, 1.0, output=tmp_path / "out")
    pd.testing.assert_frame_equal(scores, expected)
    assert file_names(scores) == recordings
    read = read_scores(tmp_path / "out")
    assert file_names(read) == sorted(recordings)
    pd.testing.assert_frame_equal(read.loc[recordings], expected)
    # As other programs read them.
    tables = [pd.read_parquet(path) for path in (tmp_path / "out").glob("*.parquet")]
    tables = pd.concat(tables).set_index(["file", "start_time", "end_time"])
    assert tables.columns.tolist() == LABELS
    np.testing.assert_array_equal(tables.sort_index(), read.sort_index())


@pytest.mark.parametrize("labels", [["file", "end_time", "cow"], [1, 2, 30]])
def test_classes_of_any_name(recordings, tmp_path, labels):
    model = levels_model()
    model[-1].classes_ = np.array(labels)
    scores = score_recordings(model, recordings, 1.0, output=tmp_path)
    pd.testing.assert_frame_equal(scores, score_recordings(model, recordings, 1.0))
    table = pd.read_parquet(next(tmp_path.glob("*.parquet")))
    assert table.columns.is_unique and table.shape[1] == 6


def test_the_journal(recordings, tmp_path):
    gone = str(tmp_path / "gone.wav")
    with pytest.warns(UserWarning, match="gone.wav: no such file"):
        score_recordings(
            levels_model(), [*recordings, gone], 1.0, output=tmp_path, model_id="mine"
        )
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    assert [json.loads(line)["file"] for line in lines] == sorted([gone, *recordings])
    journal = read_journal(tmp_path).set_index("file")
    assert journal.loc[gone, ["outcome", "reason"]].tolist() == [
        "failed",
        "no such file",
    ]
    rows = journal.loc[recordings]
    assert (rows["outcome"] == "scored").all() and (rows["model"] == "mine").all()
    assert rows["duration"].tolist() == rows["seconds_scored"].tolist() == [4, 5, 6]
    assert rows["source_rate"].tolist() == [8000] * 3
    assert rows["size"].tolist() == [os.path.getsize(file) for file in recordings]
    assert rows["parameters"].iloc[0]["clip_duration"] == 1.0
    assert all((tmp_path / name).is_file() for name in rows["scores"])
    # A recording that is there again loses its failure.
    write(Path(gone))
    score_recordings(levels_model(), gone, 1.0, output=tmp_path, model_id="mine")
    assert (read_journal(tmp_path)["outcome"] == "scored").all()


def test_a_second_run_does_what_is_missing(recordings, tmp_path, decoded):
    out = tmp_path / "out"
    first = score_recordings(levels_model(), recordings[:2], 1.0, output=out)
    assert decoded == ["north/dawn.wav", "south/dawn.wav"]
    decoded.clear()
    both = score_recordings(levels_model(), recordings, 1.0, output=out, n_jobs=2)
    assert decoded == ["dusk.flac"]
    pd.testing.assert_frame_equal(both.loc[recordings[:2]], first)
    decoded.clear()
    again = score_recordings(levels_model(n_jobs=2), recordings, 1.0, output=out)
    assert not decoded and again.equals(both)


def test_names_are_those_of_the_call(recordings, tmp_path, decoded, monkeypatch):
    score_recordings(levels_model(), recordings, 1.0, output=tmp_path / "out")
    decoded.clear()
    monkeypatch.chdir(tmp_path)
    scores = score_recordings(levels_model(), "recordings", 1.0, output="out")
    assert not decoded
    assert file_names(scores)[0] == "recordings/dusk.flac"


CHANGES = {
    "duration": ("parameters", lambda call, files: call.update(clip_duration=2.0)),
    "start": ("parameters", lambda call, files: call.update(start=0.5)),
    "channel": ("parameters", lambda call, files: call.update(channel=0)),
    "penalty": ("model", lambda call, files: call["model"][-1].set_params(C=2)),
    "id": ("model", lambda call, files: call.update(model_id="mine")),
    "content": ("file", lambda call, files: write(Path(files[0]), 4, seed=9)),
    "time": ("file", lambda call, files: os.utime(files[1], (1, 1))),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_has_changed_is_scored_again(recordings, tmp_path, decoded, name):
    what, change = CHANGES[name]
    n_changed = 1 if what == "file" else 3
    options = {"model": levels_model(), "clip_duration": 1.0}
    score_recordings(recordings=recordings, output=tmp_path, **options)
    change(options, recordings)
    decoded.clear()
    with pytest.warns(UserWarning, match=rf"{n_changed} of 3 .*\({what}: {n_changed}"):
        scores = score_recordings(recordings=recordings, output=tmp_path, **options)
    assert len(decoded) == n_changed
    expected = score_recordings(recordings=recordings, **options)
    pd.testing.assert_frame_equal(scores, expected)
    decoded.clear()
    score_recordings(recordings=recordings, output=tmp_path, **options)
    assert not decoded


def test_scores_of_two_models_are_not_mixed(recordings, tmp_path):
    for model_id, some in (("one", recordings[:1]), ("two", recordings[1:])):
        score_recordings(levels_model(), some, 1.0, output=tmp_path, model_id=model_id)
    with pytest.raises(ValueError, match=r"scores of 2 models or parameters \(2 and 1"):
        read_scores(tmp_path)


def test_fault_of_a_file_of_scores_that_is_damaged(recordings, tmp_path, decoded):
    expected = score_recordings(levels_model(), recordings, 1.0, output=tmp_path)
    one, two, _ = sorted(tmp_path.glob("*.parquet"))
    one.write_bytes(one.read_bytes()[:100])
    two.write_bytes(b"")
    decoded.clear()
    scores = score_recordings(levels_model(), recordings, 1.0, output=tmp_path)
    assert len(decoded) == 2
    pd.testing.assert_frame_equal(scores, expected)


def test_fault_of_an_interruption(recordings, tmp_path, decoded, monkeypatch):
    """By Ctrl-C, in the second recording."""
    model, calls = levels_model(), []
    predict = type(model[-1]).predict_proba

    def interrupted(head, X):
        calls.append(len(X))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return predict(head, X)

    options = {"clip_duration": 1.0, "batch_size": 5, "output": tmp_path / "out"}
    with monkeypatch.context() as patch:
        patch.setattr(type(model[-1]), "predict_proba", interrupted)
        with pytest.raises(KeyboardInterrupt):
            score_recordings(model, recordings, **options)
    assert read_journal(tmp_path / "out")["file"].tolist() == recordings[:1]
    assert (tmp_path / "out" / "journal.jsonl").is_file()
    decoded.clear()
    scores = score_recordings(model, recordings, **options)
    assert decoded == ["south/dawn.wav", "dusk.flac"]
    pd.testing.assert_frame_equal(scores, score_recordings(model, recordings, 1.0))


KILLED = """
import os, sys, time
sys.path[:0] = {path!r}
from scoring_models import Levels, levels_model
from skaudio.recordings import score_recordings

real = Levels.transform
def slow(self, X):
    time.sleep(0.2)
    return real(self, X)
Levels.transform = slow
score_recordings(levels_model(), {files!r}, 1.0, batch_size=4, output={out!r})
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_fault_of_a_killed_process(recordings, tmp_path, decoded):
    out = tmp_path / "out"
    path = [str(Path(__file__).parent), *filter(None, sys.path)]
    code = KILLED.format(path=path, files=recordings, out=str(out))
    process = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 60
    while not list(out.glob("*.parquet")) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    finished = {path: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    assert 1 <= len(finished) < 3
    scores = score_recordings(levels_model(), recordings, 1.0, output=out)
    assert len(decoded) == 3 - len(finished)
    assert all(path.stat().st_mtime_ns == then for path, then in finished.items())
    pd.testing.assert_frame_equal(
        scores, score_recordings(levels_model(), recordings, 1.0)
    )


FULL_DISK = """
import os, sys
sys.path[:0] = {path!r}
from scoring_models import levels_model
from skaudio.recordings import read_journal, score_recordings

files, filler = {files!r}, b"x" * 10**6
score_recordings(levels_model(), files[:1], 1.0, output="out")
try:
    open("filler", "wb", 0).write(filler)
    open("filler", "ab", 0).write(filler)
except OSError:
    pass
with open("filler", "r+b") as file:
    file.truncate(os.path.getsize("filler") - 70000)
try:
    score_recordings(levels_model(), files, 0.002, clip_step=0.001, output="out")
except OSError as error:
    print(error)
print(len(read_journal("out")), sorted(os.listdir("out"))[-1])
os.unlink("filler")
print(len(score_recordings(levels_model(), files, 1.0, output="out")))
"""


def test_fault_of_a_full_disk(recordings, tmp_path):
    """On a file system of 600 kB, in a name space of its own."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare to mount a small disk with")
    path = [str(Path(__file__).parent), *filter(None, sys.path)]
    code = FULL_DISK.format(path=path, files=recordings)
    (tmp_path / "disk").mkdir()
    script = (
        f"mount -t tmpfs -o size=600k none '{tmp_path}/disk' && cd '{tmp_path}/disk' "
        '&& echo mounted && "$@"'
    )
    spaces = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script)
    run = subprocess.run(
        [*spaces, "sh", sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
    )
    if not run.stdout.startswith("mounted"):
        pytest.skip(f"no small disk can be mounted here: {run.stderr.strip()}")
    reason, kept, n_windows = run.stdout.splitlines()[1:]
    assert "the scores cannot be written (No space left on device)" in reason
    assert kept == "1 journal.jsonl" and n_windows == "30", run.stderr


def test_fault_of_the_place(recordings, tmp_path, decoded):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file: is a file, expected a folder"):
        score_recordings(levels_model(), recordings, 1.0, output=tmp_path / "file")
    assert not decoded


def test_fault_of_a_model_that_cannot_be_hashed(recordings, tmp_path):
    model = levels_model()
    model[-1].note = lambda: None
    with pytest.raises(ValueError, match=r"cannot be hashed .* pass model_id"):
        score_recordings(model, recordings, 1.0, output=tmp_path)
    scores = score_recordings(model, recordings, 1.0, output=tmp_path, model_id="mine")
    assert file_names(scores) == recordings
