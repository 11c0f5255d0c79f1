"""run.py gives the events of skaudio, and exported models need no torch."""

import ast
import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from skaudio import load_model, save_model
from skaudio.cli._app import app
from skaudio.datasets import make_animal_sounds
from skaudio.export import _runtime, export_runtime, load_onnx
from skaudio.pipelines import audio_pipeline, window_pipeline
from skaudio.recordings import detect, find_events, predict_files, score_recordings

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
RATE = 16000
FACTS = {"classes": ["b", "cat", "noise"], "background": ["noise"], "thresholds": None}
CELLS = ["audio_file", "annotation", "start_time", "end_time", "peak_start_time"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make recordings, a model and its exported folder."""
    folder = tmp_path_factory.mktemp("runtime")
    calls = make_animal_sounds(8, n_classes=2, output_dir=folder / "clips")
    wind = 0.01 * np.random.default_rng(0).standard_normal(RATE * 20)
    net = audio_pipeline("cnn1d", random_state=0)
    net.set_params(clf__max_epochs=4, mel__n_mels=16, mel__n_frames=40)
    model = window_pipeline(net, [wind], clip_duration=1.0, random_state=0)
    model.fit(calls.data, calls.target)
    save_model(model, folder / "model.skaudio")
    export_runtime(model, folder / "device")
    shutil.rmtree(folder / "clips" / "Noise", ignore_errors=True)
    rng = np.random.default_rng(1)
    sounds = folder / "sounds"
    (sounds / "far").mkdir(parents=True)
    night = 0.01 * rng.standard_normal(RATE * 9)
    for file, second in zip(calls.data[::3], (1, 3, 6), strict=False):
        call = soundfile.read(file)[0]
        night[second * RATE :][: len(call)] += call[: len(night) - second * RATE]
    soundfile.write(sounds / "dawn.wav", night, RATE)
    stereo = np.repeat(night[: 5 * RATE], 3)[:, None] * [1, 0.5]
    soundfile.write(sounds / "far" / "loud.flac", stereo, 3 * RATE)
    soundfile.write(sounds / "short.wav", night[16000:20000], RATE)
    return folder


def run(folder, *arguments, **options):
    """Run run.py as a program."""
    return subprocess.run(
        [sys.executable, "-I", folder / "device" / "run.py", *map(str, arguments)],
        capture_output=True,
        cwd=folder,
        **options,
    )


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text.decode())))


def expected(folder, files, **options):
    scores = score_recordings(load_onnx(folder / "device" / "model.onnx"), files)
    lengths = {file: soundfile.info(file).duration for file in files}
    return find_events(scores, smoothing=3, recordings_duration=lengths, **options)


def test_program_gives_the_events_of_skaudio(folder):
    files = [str(folder / "sounds" / name) for name in ("dawn.wav", "short.wav")]
    files.insert(1, str(folder / "sounds" / "far" / "loud.flac"))
    options = ("--min-confidence", 0.4, "--merge", 0.6, "-o", folder / "events.csv")
    done = run(folder, folder / "sounds", *options)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    found = pd.read_csv(folder / "events.csv")
    events = expected(folder, files, threshold=0.4, merge_gap=0.6)
    assert len(events) >= 2
    assert list(found.columns) == [*events.columns, "datetime", "time_zone"]
    pd.testing.assert_frame_equal(found[CELLS], events[CELLS], check_dtype=False)
    np.testing.assert_allclose(found["score"], events["score"], atol=6e-5)


def test_a_table_of_the_user_stays(folder):
    own, events = folder / "labels.csv", folder / "again.csv"
    own.write_text("filename;species\n")
    file = folder / "sounds" / "short.wav"
    done = run(folder, file, "-o", own)
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    assert b"labels.csv: holds something other than a table of events" in done.stderr
    assert own.read_text() == "filename;species\n"
    for _ in range(2):
        assert run(folder, file, "-o", events).returncode == 0


def test_pipe_gives_the_events_of_the_file(folder):
    file = folder / "sounds" / "dawn.wav"
    samples = soundfile.read(file, dtype="int16")[0]
    done = run(folder, "-", "--min-confidence", "0.4", input=samples.tobytes())
    assert done.returncode == 0, done.stderr
    events = expected(folder, [str(file)], threshold=0.4)
    rows = sorted(rows_of(done.stdout), key=lambda row: float(row["start_time"]))
    assert [row["audio_file"] for row in rows] == ["-"] * len(events)
    assert [float(row["start_time"]) for row in rows] == events["start_time"].tolist()


def test_a_bad_file_does_not_cost_the_others(folder, tmp_path):
    bad, good = tmp_path / "bad.wav", folder / "sounds" / "dawn.wav"
    bad.write_bytes(b"RIFF")
    done = run(folder, bad, good, "--min-confidence", "0.4")
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"error: {bad}: ")
    assert {row["audio_file"] for row in rows_of(done.stdout)} == {str(good)}


def test_what_comes_before_damage_counts(folder, tmp_path):
    samples, _ = soundfile.read(folder / "sounds" / "dawn.wav")
    samples[8 * RATE] = np.nan
    soundfile.write(tmp_path / "damaged.wav", np.tile(samples, 4), RATE, "FLOAT")
    done = run(folder, tmp_path / "damaged.wav", "--min-confidence", "0.4")
    assert b"damaged.wav: holds NaN or infinite samples" in done.stderr
    long = np.concatenate([np.nan_to_num(samples)] * 4 + [samples])
    soundfile.write(tmp_path / "later.wav", long, RATE, "FLOAT")
    done = run(folder, tmp_path / "later.wav", "--min-confidence", "0.4")
    assert done.returncode == 1
    assert len(rows_of(done.stdout)) > 2


def test_command_writes_the_folder_and_replaces_no_other_program(folder, tmp_path):
    command = ["export", str(folder / "model.skaudio"), "--runtime", str(tmp_path)]
    done = CliRunner().invoke(app, [*command, "--window", "0.5"])
    assert done.exit_code == 0, done.output
    facts = load_onnx(tmp_path / "model.onnx").facts
    assert (facts["window"], facts["model"][:20]) == (0.5, "model.skaudio sha256")
    export = CliRunner().invoke(app, ["export", str(tmp_path / "model.onnx")])
    assert "expected the model that it was made of" in str(export.exception)
    (tmp_path / "run.py").write_text("print()")
    again = CliRunner().invoke(app, command)
    assert "is no program of skaudio" in str(again.exception)


@pytest.mark.parametrize("command", ["predict", "detect"])
def test_commands_import_neither_torch_nor_scikit_learn(folder, command, tmp_path):
    arguments = [command, "device/model.onnx", "sounds/dawn.wav", "sounds/short.wav"]
    if command == "detect":
        arguments += ["-o", str(tmp_path / "found")]
    code = (
        "import sys; sys.argv = ['skaudio', *sys.argv[1:]]\n"
        "from skaudio.cli import main\n"
        "try: main()\n"
        "except SystemExit as stop: assert not stop.code, stop.code\n"
        "heavy = {'torch', 'sklearn', 'librosa'} & {*sys.modules}\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    if command == "detect":
        assert (tmp_path / "found" / "report.html").is_file()


def test_functions_take_the_exported_model_as_the_model(folder, tmp_path):
    model = load_model(folder / "model.skaudio")
    exported = load_onnx(folder / "device" / "model.onnx")
    files = [folder / "sounds", folder / "nothing.wav"]
    for one, other in zip(
        predict_files(model, files), predict_files(exported, files), strict=True
    ):
        pd.testing.assert_frame_equal(one, other, atol=1e-4, check_dtype=False)
    found = [
        detect(one, folder / "sounds", tmp_path / name, threshold=0.4, formats=())
        for name, one in {"model": model, "exported": exported}.items()
    ]
    pd.testing.assert_frame_equal(found[0].scores, found[1].scores, atol=1e-4)
    pd.testing.assert_frame_equal(found[0].events, found[1].events, atol=1e-3)
    pd.testing.assert_frame_equal(found[0].effort, found[1].effort)


@given(
    st.lists(st.tuples(*[st.sampled_from([0.1, 0.45, 0.5, 0.9])] * 3), min_size=1),
    st.sampled_from([None, 1, 3, 5]),
    st.sampled_from([0.0, 0.5, 1.5]),
    st.sampled_from([0.0, 1.2]),
    st.integers(1, 7),
)
@settings(max_examples=20, deadline=None, derandomize=True)
def test_events_as_they_come_are_those_of_the_whole(
    scores, smoothing, merge_gap, min_duration, n_at_once
):
    values = np.array(scores, np.float32)
    starts = np.arange(len(values)) * 0.75
    duration = starts[-1] + 0.6
    index = pd.MultiIndex.from_arrays(
        [["x"] * len(values), starts, starts + 1.0],
        names=["file", "start_time", "end_time"],
    )
    whole = find_events(
        pd.DataFrame(values, index=index, columns=FACTS["classes"]),
        smoothing=smoothing,
        merge_gap=merge_gap,
        min_duration=min_duration,
        recordings_duration={"x": duration},
    )
    events = _runtime.Events(FACTS, None, smoothing, min_duration, merge_gap)
    times = np.column_stack([starts, starts + 1.0])
    came = []
    for first in range(0, len(values), n_at_once):
        part = slice(first, first + n_at_once)
        came += events.add(times[part], values[part])
    came += events.finish(duration)
    names = [*CELLS[1:], "score", "peak_end_time"]
    found = pd.DataFrame(came, columns=names).sort_values(["start_time", "annotation"])
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), whole[names], check_dtype=False
    )


def test_memory_of_a_stream_does_not_grow(monkeypatch):
    monkeypatch.setattr(_runtime, "_MOST_KEPT", 64)
    rng = np.random.default_rng(0)
    values = (rng.random((900, 3)) ** 12).astype(np.float32)
    starts = np.arange(900.0)
    times = np.column_stack([starts, starts + 2])
    events = _runtime.Events(FACTS, 0.4, merge_gap=1.0)
    came = []
    for row in range(900):
        came += events.add(times[[row]], values[[row]])
        assert len(events._times) < 300
    came += events.finish()
    unlimited = _runtime.Events(FACTS, 0.4, merge_gap=1.0)
    assert len(came) > 20
    assert sorted(map(str, came)) == sorted(
        map(str, unlimited.add(times, values) + unlimited.finish())
    )


def test_thresholds_of_the_file_are_used():
    facts = {**FACTS, "thresholds": {"cat": 0.8}}
    times = np.array([[0.0, 1.0]])
    values = np.array([[0.9, 0.85, 0.9]], np.float32)
    events = _runtime.Events(facts)
    found = events.add(times, values) + events.finish()
    assert [event["annotation"] for event in found] == ["cat"]
    given = _runtime.Events(facts, 0.5)
    assert len(given.add(times, values) + given.finish()) == 2


def test_program_needs_four_packages(folder):
    tree = ast.parse((folder / "device" / "run.py").read_text("utf-8"))
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None) or node.names[0].name]
    }
    assert names - sys.stdlib_module_names == {
        *("numpy", "onnxruntime", "soundfile", "soxr")
    }


def test_program_is_written_beside_the_model(folder):
    there = sorted(path.name for path in (folder / "device").iterdir())
    assert there == ["model.onnx", "run.py"]
    program = (folder / "device" / "run.py").read_text("utf-8")
    assert program.startswith(Path(_runtime.__file__).read_text("utf-8")[:500])
    assert "skaudio._utils.recorder_names" not in program
    # What it takes from skaudio stands in it, under names of its own.
    names = [
        name
        for node in ast.parse(program).body
        for name in (
            [node.name]
            if isinstance(node, (ast.FunctionDef, ast.ClassDef))
            else [one.id for one in getattr(node, "targets", ()) if hasattr(one, "id")]
        )
    ]
    assert len(names) == len(set(names)) > 30
