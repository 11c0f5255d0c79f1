"""Events of a sound while it is being made."""

import io
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile
from scoring_models import RATE, levels_model

from skaudio import save_model
from skaudio.recordings import detect, find_events, listen
from skaudio.recordings._live import sources
from skaudio.recordings._live.events import LiveEvents
from skaudio.recordings._live.sound import LiveSound

WINDOW = {"clip_duration": 1.0}


@pytest.fixture(scope="module")
def model():
    return levels_model()


def changing(seconds, seed=0, rate=RATE):
    """A sound of several levels, in 16 bits, so that the classes change."""
    rng = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < seconds * rate:
        n = round(rng.uniform(0.3, 3) * rate)
        parts.append(rng.choice([0.02, 0.2, 0.9]) * rng.uniform(-1, 1, n))
    sound = np.concatenate(parts)[: round(seconds * rate)]
    return np.round(32767 * sound).astype("<i2")


class Trickle(io.RawIOBase):
    """A pipe that gives as few bytes as it likes, also half a sample."""

    def __init__(self, data):
        self._data, self._rng = data, np.random.default_rng(0)

    def read(self, n_bytes):
        n = int(self._rng.integers(1, n_bytes))
        part, self._data = self._data[:n], self._data[n:]
        return part


@pytest.mark.filterwarnings("ignore:The model has no class of background")
@pytest.mark.parametrize("rate", [RATE, 11025])
@pytest.mark.parametrize("seconds", [0.4, 22.123])
def test_a_pipe_and_a_file_give_the_events_of_detect(model, rate, seconds, tmp_path):
    samples, path = changing(seconds, rate=rate), tmp_path / "dawn.wav"
    soundfile.write(path, samples, rate, "PCM_16")
    options = {**WINDOW, "merge_gap": 0.7, "min_duration": 0.6, "threshold": 0.4}
    expected = detect(model, path, tmp_path / "found", formats=(), **options).events
    if seconds > 1:
        assert expected["annotation"].nunique() > 1
    pipe = Trickle(samples.tobytes())
    for found in (
        listen(model, pipe, sample_rate=rate, **options),
        listen(model, path, tmp_path / "events.csv", **options),
    ):
        found = found.sort_values(["start_time", "annotation"], ignore_index=True)
        same = [*expected.columns[2:-2]]
        pd.testing.assert_frame_equal(found[same], expected[same], check_dtype=False)
    written = pd.read_csv(tmp_path / "events.csv")
    assert [*written] == [*pd.read_csv(tmp_path / "found" / "events.csv")]
    assert len(written) == len(expected)


@pytest.mark.parametrize("seed", range(8))
def test_events_window_by_window_are_those_of_all_windows(seed):
    rng = np.random.default_rng(seed)
    n, step = int(rng.integers(1, 150)), rng.choice([0.25, 0.5, 1.0])
    options = {
        "smoothing": [None, 1, 3, 5][rng.integers(4)],
        "merge_gap": rng.choice([0.0, 0.5, 2.0]),
        "min_duration": rng.choice([0.0, 0.7]),
        "threshold": 0.6,
        "continue_threshold": [None, 0.4][rng.integers(2)],
    }
    starts = (np.arange(n) * step).round(10)
    times = np.column_stack([starts, starts + 1.0])
    length = float(starts[-1] + rng.uniform(0, 1))
    scores = np.repeat(rng.random((n, 2)), 3, axis=0)[:n].astype(np.float32)
    scores[rng.random(n) < 0.05] = np.nan
    index = pd.MultiIndex.from_arrays(
        [["x"] * n, *times.T], names=["file", "start_time", "end_time"]
    )
    table = pd.DataFrame(scores, index=index, columns=["cat", "dog"])
    expected = find_events(table, recordings_duration={"x": length}, **options)
    finder = LiveEvents("x", ["cat", "dog"], **options)
    finder.most_kept = 10
    found, first = [], 0
    while first < n:
        last = min(n, first + int(rng.integers(1, 5)))
        known = length if times[last - 1, 1] > length else None
        found.append(finder.add(times[first:last], scores[first:last], known))
        first = last
    if n > 100:
        assert len(finder) < n  # what is over is forgotten
    found = pd.concat([*found, finder.finish(length)], ignore_index=True)
    found = found.sort_values(["start_time", "annotation"], ignore_index=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_an_event_is_given_as_it_ends(model):
    quiet, loud = np.zeros(8 * RATE, "<i2"), changing(3, seed=1)
    said = []

    class Pipe(io.RawIOBase):
        parts = [quiet, loud, quiet, quiet]

        def read(self, n_bytes):
            if not self.parts:
                return b""
            if len(self.parts) == 1:  # it waits with the rest until something is said
                deadline = time.monotonic() + 60
                while not said and time.monotonic() < deadline:
                    time.sleep(0.01)
                assert said
            return self.parts.pop(0).tobytes()

    listen(model, Pipe(), sample_rate=RATE, on_event=said.append, **WINDOW)
    assert said[0]["audio_file"] == "-"
    assert said[0]["datetime"].tzinfo is None


def test_ctrl_c_leaves_a_whole_table(model, tmp_path):
    save_model(model, tmp_path / "model.joblib")
    command = [sys.executable, "-m", "skaudio", "listen", tmp_path / "model.joblib"]
    command += ["--input", "-", "--rate", RATE, "--window", 1]
    command += ["-o", tmp_path / "events.csv", "--min-confidence", 0.4]
    samples = changing(20)
    run = subprocess.Popen(
        [*map(str, command)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    run.stdin.write(samples.tobytes())
    run.stdin.flush()  # and it stays open
    assert run.stdout.readline()
    run.send_signal(signal.SIGINT)
    printed = run.stdout.read().decode()
    errors = run.stderr.read().decode()
    assert run.wait(60) == 0, errors
    run.stdin.close()
    found = pd.read_csv(tmp_path / "events.csv")
    n_printed = printed.count("\n") + 1
    assert len(found) == n_printed > 1
    assert f"{n_printed} events, in {tmp_path / 'events.csv'}" in errors.replace(
        "\n", ""
    )
    assert found["end_time"].max() <= 20


def test_what_does_not_fit_is_named(model, tmp_path):
    path, table = tmp_path / "dawn.wav", tmp_path / "events.csv"
    soundfile.write(path, changing(2), RATE)
    with pytest.raises(ValueError, match="sample_rate=None: expected the rate of"):
        listen(model, io.BytesIO(b"xx"))
    with pytest.raises(ValueError, match="sample_rate=8000: expected None"):
        listen(model, path, sample_rate=RATE)
    with pytest.raises(ValueError, match="channel=1: expected None"):
        listen(model, io.BytesIO(b"xx"), sample_rate=RATE, channel=1)
    with pytest.raises(ValueError, match="before its first sample"):
        listen(model, io.BytesIO(b""), sample_rate=RATE, **WINDOW)
    with pytest.raises(ValueError, match="begins as a sound file: expected raw"):
        listen(model, path.open("rb"), table, sample_rate=RATE, **WINDOW)
    assert not table.exists()  # or it would be in the way of the next run
    with pytest.raises(ValueError, match="threshold=2"):
        listen(model, path, table, threshold=2, **WINDOW)
    table.write_text("of yesterday")
    with pytest.raises(FileExistsError, match="may hold events of an earlier run"):
        listen(model, path, table, **WINDOW)
    assert table.read_text() == "of yesterday"


def test_sound_that_must_be_dropped_is_counted_and_keeps_its_time(monkeypatch):
    monkeypatch.setattr(sources, "MOST_WAITING", 1.0)
    microphone = object.__new__(sources.Microphone)  # there is no sound card
    sources._Source.__init__(microphone, "microphone", RATE)
    microphone._n_lost = microphone._n_overflows = 0
    microphone._device = SimpleNamespace(close=lambda: None)
    n, fine = RATE // 4, SimpleNamespace(input_overflow=False)

    def take(number):
        microphone.take(np.full((n, 1), number, np.float32), n, None, fine)

    key = (RATE, "mix")
    sound = LiveSound(microphone, [key])
    blocks = iter(sound.streams[key])
    for number in range(1, 7):  # the last two find no place
        take(number)
    heard = [next(blocks)]
    take(7)  # nor does this one, as long as more than half of the places are taken
    heard += [next(blocks), next(blocks)]
    with pytest.warns(UserWarning, match=r"0\.8 s of sound were dropped"):
        take(8)
    microphone.stop()
    heard += blocks
    expected = np.repeat([1, 2, 3, 4, 0, 0, 0, 8], n)
    np.testing.assert_array_equal(np.concatenate(heard), expected)
    assert sound.streams[key].failed == [(1.0, 1.75, "was dropped")]


def test_without_a_sound_card_the_error_says_what_to_do(model):
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sounddevice as s; s.query_devices(kind='input')",
        ],
        capture_output=True,
        check=False,
    )
    if not run.returncode:
        pytest.skip("this machine has a microphone")
    with pytest.raises((ImportError, OSError), match=r"skaudio\[live\]|portaudio2|one"):
        listen(model, **WINDOW)
