"""Thresholds and the unknown are the same in the model, model.onnx and run.py."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tiny_weights import write_mobilenet
from typer.testing import CliRunner

from skaudio import (
    EfficientATEmbedder,
    UnknownRejector,
    WavLoader,
    WindowClassifier,
    save_model,
)
from skaudio._utils.hashing import sha256_of
from skaudio.cli._app import app
from skaudio.datasets import make_animal_sounds
from skaudio.export import export_onnx, export_runtime, export_web, load_onnx
from skaudio.recordings import (
    calibrate,
    detect,
    draw_for_review,
    listen,
    predict_files,
    score_recordings,
)

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("pyarrow")
RATE = 16000
CELLS = ["annotation", "start_time", "end_time", "peak_start_time", "peak_end_time"]


def dawn(path, calls, seed, seconds=40):
    """A recording of calls in hiss."""
    rng = np.random.default_rng(seed)
    sound = rng.normal(0, 0.005, seconds * RATE)
    for row in rng.permutation(len(calls.data))[: seconds // 3]:
        call = calls.data[row][: 2 * RATE]
        sound[rng.integers(len(sound) - len(call)) :][: len(call)] += call
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, sound, RATE, "FLOAT")
    return path


def small(folder, calls, kind):
    """A model on a small EfficientAT, of windows of a second."""
    path = write_mobilenet(str(folder / "tiny.pt"))
    embedder = EfficientATEmbedder(
        model_path=path, sample_rate=RATE, window=1.0, speeds=(1,)
    )
    head = make_pipeline(embedder, StandardScaler(), LogisticRegression(max_iter=1000))
    model = make_pipeline(WavLoader(sample_rate=RATE), kind(head))
    files = []
    for row, sound in enumerate(calls.data):
        files.append(str(folder / f"{row}.wav"))
        soundfile.write(files[-1], sound, RATE, "FLOAT")
    return model.fit(files, calls.target)


@pytest.fixture(scope="module")
def calls():
    return make_animal_sounds(8, n_classes=3, random_state=0)


@pytest.fixture(scope="module")
def field(calls, tmp_path_factory):
    """A model, its calibration, and what was exported with it."""
    folder = tmp_path_factory.mktemp("field")

    def windows(head):
        hiss = np.random.default_rng(0).normal(0, 0.005, 5 * RATE)
        return WindowClassifier(head, [hiss], clip_duration=1.0, random_state=0)

    model = small(folder, calls, windows)
    save_model(model, folder / "model.skaudio")
    model_id = f"model.skaudio sha256:{sha256_of(folder / 'model.skaudio')}"
    dawn(folder / "recordings" / "first.wav", calls, 1)
    found = detect(
        *(model, folder / "recordings", folder / "found"),
        **{"threshold": 0.1, "clip_overlap": 0.25, "model_id": model_id},
        formats=(),
    )
    verdicts = draw_for_review(found.events, 1000, random_state=0)
    high = verdicts["score"] > verdicts["score"].median()
    is_right = high & (verdicts["label"] != "dog")
    verdicts["verdict"] = np.where(is_right, "yes", "no")
    thresholds = calibrate(folder / "found", verdicts).thresholds.thresholds_
    assert {"cat", "cow"} >= set(thresholds) > set()
    export_runtime(
        *(model, folder / "device"),
        thresholds=folder / "found" / "thresholds.json",
        model_id=model_id,
    )
    export_runtime(model, folder / "plain", model_id=model_id)
    dawn(folder / "later" / "MARSH_20240514_053000.wav", calls, 2)
    return folder


def run(folder, device, *arguments):
    return subprocess.run(
        [sys.executable, "-I", folder / device / "run.py", *map(str, arguments)],
        capture_output=True,
        text=True,
    )


def rows_of(text):
    return pd.DataFrame(csv.DictReader(io.StringIO(text)))


def same(found, expected):
    """Events are the same, scores but for the rounding of 32 bits."""
    assert len(expected) > 1
    found = found.astype(dict.fromkeys([*CELLS[1:], "score"], float))
    found, expected = (
        one.sort_values(["start_time", "annotation"]).reset_index(drop=True)
        for one in (found, expected)
    )
    pd.testing.assert_frame_equal(
        found[CELLS], expected[CELLS], check_dtype=False, atol=1e-9
    )
    np.testing.assert_allclose(found["score"], expected["score"], atol=2e-4)
    for one in (found, expected):
        one["datetime"] = pd.to_datetime(one["datetime"]).astype("datetime64[us]")
    pd.testing.assert_series_equal(found["datetime"], expected["datetime"])


def test_thresholds_in_the_file_are_those_of_detect_everywhere(field, tmp_path):
    later, kept = field / "later", field / "found" / "thresholds.json"
    exported = load_onnx(field / "device" / "model.onnx")
    # The first is the model itself, with the file of thresholds.
    detect(
        *(load_onnx(field / "plain" / "model.onnx"), later, tmp_path / "a"),
        thresholds=kept,
        formats=(),
    )
    expected = pd.read_csv(tmp_path / "a" / "events_checked.csv")
    found = detect(exported, later, tmp_path / "b", formats=())
    assert len(found.events) > len(expected)
    same(pd.read_csv(tmp_path / "b" / "events_checked.csv"), expected)
    assert found.run["thresholds"]["file"] == str(field / "device" / "model.onnx")
    assert found.run["thresholds"]["promises"]
    (file,) = later.iterdir()
    live = listen(exported, file)
    same(live, expected)
    assert live.attrs["thresholds"]["promises"] == found.run["thresholds"]["promises"]
    for device, options in (("device", ()), ("plain", ("--thresholds", kept))):
        done = run(field, device, later, *options)
        assert done.returncode == 0, done.stderr
        assert done.stderr.startswith("thresholds of ")
        table = rows_of(done.stdout)
        assert list(table.columns) == list(expected.columns)
        same(table, expected)


def test_one_threshold_sets_them_aside(field, tmp_path):
    (file,) = (field / "later").iterdir()
    options = {"clip_duration": 1.0, "clip_overlap": 0.5, "threshold": 0.4}
    tables = []
    for device in ("plain", "device"):
        model = load_onnx(field / device / "model.onnx")
        found = detect(model, file, tmp_path / device, formats=(), **options)
        assert "thresholds" not in found.run
        assert not (tmp_path / device / "events_checked.csv").exists()
        tables.append(found.events)
    tables.append(listen(model, file, **options))
    wanted = ("--min-confidence", 0.4, "--window", 1, "--overlap", 0.5)
    done = run(field, "device", file, *wanted)
    assert done.stderr == ""
    tables.append(rows_of(done.stdout))
    for table in tables[1:]:
        same(table, tables[0])


def test_other_windows_are_refused_everywhere(field, tmp_path):
    (file,) = (field / "later").iterdir()
    exported = load_onnx(field / "device" / "model.onnx")
    message = r"model\.onnx was calibrated with 1\.0, .*--min-confidence"
    with pytest.raises(ValueError, match="clip_duration=0.5: " + ".*" + message):
        detect(exported, file, tmp_path / "found", clip_duration=0.5)
    with pytest.raises(ValueError, match="clip_duration=0.5: " + ".*" + message):
        listen(exported, file, clip_duration=0.5)
    done = run(field, "device", file, "--window", 0.5)
    assert done.returncode == 1 and done.stdout == ""
    assert "clip_duration=0.5: model.onnx was calibrated with 1.0" in done.stderr
    done = run(field, "device", file, "--merge", 1)
    assert "merge_gap=1.0: model.onnx was calibrated with 0.0" in done.stderr


def test_thresholds_of_others_are_refused(field, calls, tmp_path):
    kept = field / "found" / "thresholds.json"
    path = tmp_path / "model.onnx"
    model = small(tmp_path, calls, lambda head: head)
    with pytest.raises(ValueError, match=r"is of the model model\.skaudio sha256:"):
        export_onnx(model, path, thresholds=kept)
    written = json.loads(kept.read_text())
    other = tmp_path / "thresholds.json"
    for part, name, value in (
        ("parameters", "continue_threshold", 0.05),
        ("parameters", "threshold", {"cat": 0.1}),
        ("scoring", "final_clip", "full"),
    ):
        changed = written | {part: written[part] | {name: value}}
        other.write_text(json.dumps(changed))
        with pytest.raises(ValueError, match=f"was calibrated with {name}="):
            export_onnx(model, path, thresholds=other, model_id=written["model"])
    changed = written | {"parameters": written["parameters"] | {"merge_gap": 1.0}}
    other.write_text(json.dumps(changed))
    with pytest.raises(ValueError, match=r"merge_gap=1\.0, and the page knows 0\.0"):
        export_web(model, tmp_path / "page", thresholds=other)
    assert not path.exists() and not (tmp_path / "page").exists()
    done = run(field, "plain", field / "later", "--thresholds", other)
    assert done.returncode == 0  # of the same model, with merging


def test_thresholds_by_class_without_a_calibration(field, calls, tmp_path):
    (file,) = (field / "later").iterdir()
    model = small(tmp_path, calls, lambda head: head)
    export_runtime(model, tmp_path / "device", 1.0, thresholds={"cow": 0.7})
    exported = load_onnx(tmp_path / "device" / "model.onnx")
    with pytest.warns(UserWarning, match="no class of background"):
        found = detect(exported, file, tmp_path / "found", formats=())
    assert set(found.events["annotation"]) == {"cow"}
    assert found.run["parameters"]["threshold"] == {"cow": 0.7}
    same(listen(exported, file), found.events)
    same(rows_of(run(tmp_path, "device", file).stdout), found.events)


@pytest.mark.parametrize("as_class", [False, True], ids=["", "as a class"])
def test_the_unknown_is_the_same(calls, tmp_path, as_class):
    def rejecting(head):
        return UnknownRejector(head, alpha=0.3, as_class=as_class, random_state=0)

    model = small(tmp_path, calls, rejecting)
    export_runtime(model, tmp_path / "device", 1.0)
    exported = load_onnx(tmp_path / "device" / "model.onnx")
    noise = np.random.default_rng(0).normal(0, 0.1, RATE)
    soundfile.write(tmp_path / "noise.wav", noise, RATE)
    clips = sorted(map(str, tmp_path.glob("*.wav")))
    labels = [predict_files(one, clips)[0] for one in (model, exported)]
    assert 0 < (labels[0]["prediction"] == "unknown").sum() < len(clips)
    pd.testing.assert_frame_equal(*labels, check_dtype=False, atol=1e-4)
    file = dawn(tmp_path / "later" / "20240514_053000.WAV", calls, 2)
    scores = [score_recordings(one, file, 1.0) for one in (model, exported)]
    pd.testing.assert_frame_equal(*scores, atol=1e-4)
    nothing = (scores[0] == 0).all(axis=1).mean()
    assert nothing == 0 if as_class else 0 < nothing < 1
    with pytest.warns(UserWarning, match="no class of background"):
        events = detect(model, file, tmp_path / "found", clip_duration=1.0).events
    assert ("unknown" in set(events["annotation"])) == as_class
    same(rows_of(run(tmp_path, "device", file).stdout), events)


def test_times_are_those_of_detect(field, calls, tmp_path):
    """Of names and of AudioMoth's comment; a zone is that of the recorder."""
    folder = tmp_path / "times"
    for name in ("20240514_053000.WAV", "site 2024-05-14T053000+0530.wav", "a.wav"):
        dawn(folder / name, calls, 3, 12)
    sound, _ = soundfile.read(folder / "a.wav")
    with soundfile.SoundFile(folder / "20240514_060000.wav", "w", RATE, 1) as file:
        file.comment = "Recorded at 06:00:00 14/05/2024 (UTC+2) by AudioMoth 24F3"
        file.write(sound)
    model = load_onnx(field / "plain" / "model.onnx")
    expected = detect(model, folder, tmp_path / "found", formats=()).events
    assert set(expected["time_zone"].fillna("")) == {
        *("UTC+00:00", "UTC+05:30", "UTC+02:00", "")
    }
    found = rows_of(run(field, "plain", folder).stdout)
    expected = pd.read_csv(tmp_path / "found" / "events.csv", keep_default_na=False)
    assert list(found.columns) == list(expected.columns)
    for name in ("audio_file", "annotation", "time_zone", "low_f", "annotation_file"):
        assert found[name].tolist() == expected[name].tolist()
    times = [pd.to_datetime(one["datetime"]) for one in (found, expected)]
    assert times[0].tolist() == times[1].tolist()


def test_a_pipe_has_the_time_at_which_it_began(field):
    (file,) = (field / "later").iterdir()
    sound, _ = soundfile.read(file)
    samples = (32767 * sound.clip(-1, 1)).astype("<i2")
    program = [sys.executable, field / "plain" / "run.py", "-"]
    before = pd.Timestamp.now()
    done = subprocess.run(program, input=samples.tobytes(), capture_output=True)
    assert done.returncode == 0, done.stderr
    found = rows_of(done.stdout.decode())
    began = pd.to_datetime(found["datetime"]) - pd.to_timedelta(
        found["start_time"].astype(float), unit="s"
    )
    assert len(found) and before <= began[0] <= pd.Timestamp.now()
    assert found["time_zone"].str.startswith("UTC").all()


@pytest.mark.parametrize("name", ["listen", "detect"])
def test_commands_say_which_thresholds_they_take(field, tmp_path, name):
    (file,) = (field / "later").iterdir()
    kept = field / "found" / "thresholds.json"
    exported, model = field / "device" / "model.onnx", field / "model.skaudio"
    counts = []
    for arguments, source in (
        ((exported,), exported),
        ((model, "--thresholds", kept), kept),
        # Those of the model hold for the graph that was made of it.
        ((field / "plain" / "model.onnx", "--thresholds", kept), kept),
    ):
        output = tmp_path / str(len(counts))
        table = output / "events_checked.csv"
        sound = [file, "-o", output]
        if name == "listen":
            table = output.with_suffix(".csv")
            sound = ["--input", file, "-o", table]
        done = CliRunner().invoke(app, list(map(str, [name, *arguments, *sound])))
        assert done.exit_code == 0, done.output
        said = done.output.replace("\n", "")
        assert f"thresholds of {source}" in said
        assert "nothing can be promised for dog" in said
        counts.append(len(pd.read_csv(table)))
    assert len(set(counts)) == 1 and counts[0] > 1
