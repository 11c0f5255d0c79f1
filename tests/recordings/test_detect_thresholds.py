"""Thresholds of a calibration, used and quoted by a later run."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import soundfile
from scoring_models import RATE, levels_model

from skaudio.recordings import calibrate, detect, draw_for_review

pytest.importorskip("pyarrow")
pytestmark = pytest.mark.filterwarnings("ignore:.*no class of background")
WINDOWS = {"clip_duration": 1.0, "clip_overlap": 0.5}
EVENTS = {"threshold": 0.1, "smoothing": None, "merge_gap": 0.25}


def record(folder, names, seed=0):
    """Recordings of which each second has another level."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    for name in names:
        levels = np.repeat(rng.choice([0.01, 0.1, 0.5], 60), RATE)
        sound = levels * rng.uniform(-1, 1, len(levels))
        soundfile.write(folder / f"{name}.wav", sound, RATE)
    return folder


@pytest.fixture(scope="module")
def model():
    return levels_model()


@pytest.fixture(scope="module")
def calibrated(model, tmp_path_factory):
    """A folder of detections, checked and calibrated: cats are right, dogs are few."""
    folder = tmp_path_factory.mktemp("calibrated")
    record(folder / "recordings", "abc")
    found = detect(
        model,
        folder / "recordings",
        folder / "found",
        model_id="m",
        **EVENTS,
        **WINDOWS,
    )
    verdicts = draw_for_review(found.events, 40, random_state=0)
    said = np.where(verdicts["label"] == "cat", "yes", "no")
    verdicts["verdict"] = np.where(verdicts["label"] == "cow", None, said)
    calibrate(folder / "found", verdicts)
    return folder


def again(model, calibrated, output, recordings=None, **options):
    return detect(
        model,
        calibrated / "recordings" if recordings is None else recordings,
        output,
        thresholds=calibrated / "found" / "thresholds.json",
        **{"model_id": "m", **options},
    )


def test_the_same_recordings_keep_the_promise(model, calibrated, tmp_path):
    found = again(model, calibrated, tmp_path / "found")
    # Windows, boundaries and low threshold are those of the calibration.
    first = json.loads((calibrated / "found" / "run.json").read_text())
    assert found.run["parameters"] == first["parameters"]
    assert found.run["scoring"] == first["scoring"]
    for name in ("events.csv", "events_checked.csv"):
        expected = (calibrated / "found" / name).read_text()
        assert (tmp_path / "found" / name).read_text() == expected
    checked = pd.read_csv(tmp_path / "found" / "events_checked.csv")
    assert set(checked["annotation"]) == {"cat"}
    assert 0 < len(checked) < len(found.events)
    facts = found.run["thresholds"]
    assert facts["same_recordings"] and facts["events"] == len(checked)
    cat, cow, dog = facts["promises"]
    assert re.fullmatch(
        r"of the events called cat at or above 0\.\d+, at least 90 % are cat \(95 % "
        r"confidence, \d+ events checked on 3 recordings\)",
        cat,
    )
    assert cow == "too few checked to promise anything for cow: check 29 more"
    assert dog.startswith("nothing can be promised for dog: 0 of 40 checked are right")
    page = (tmp_path / "found" / "report.html").read_text("utf-8")
    assert cat in page and "The promises are for these recordings." in page


def test_other_recordings_are_told_that_the_promise_is_not_theirs(
    model, calibrated, tmp_path
):
    other = record(tmp_path / "other", "xy", seed=1)
    found = again(model, calibrated, tmp_path / "found", other)
    facts = found.run["thresholds"]
    assert not facts["same_recordings"]
    assert facts["promises"][0].endswith(
        "for other recordings, such as these, nothing is known: an estimate needs "
        "checks on 20 recordings"
    )
    assert len(pd.read_csv(tmp_path / "found" / "events_checked.csv"))
    page = (tmp_path / "found" / "report.html").read_text("utf-8")
    assert "and not for these." in page


def test_the_estimate_for_other_recordings_is_quoted(model, calibrated, tmp_path):
    path = tmp_path / "thresholds.json"
    kept = json.loads((calibrated / "found" / "thresholds.json").read_text())
    kept["promises"][0]["new_recordings_low"] = 0.8312
    kept["promises"] = [row for row in kept["promises"] if row["label"] != "dog"]
    path.write_text(json.dumps(kept))
    other = record(tmp_path / "other", "x", seed=1)
    found = detect(model, other, tmp_path / "found", thresholds=path, model_id="m")
    cat, _, dog = found.run["thresholds"]["promises"]
    assert cat.endswith("for other recordings like those, an estimate: at least 83 %")
    assert dog == "nothing can be promised for dog: none was checked"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model_id": "other"}, "is of the model m, and this one is other"),
        ({"model_id": None}, "is of the model m, and this one is"),
        ({"clip_duration": 2.0}, r"clip_duration=2\.0: .* was calibrated with 1\.0"),
        ({"clip_overlap": 0.25}, r"clip_overlap=0\.25: .* every 0\.5 s"),
        ({"clip_step": 1.0}, r"clip_step=1\.0: .* every 0\.5 s"),
        ({"channel": 0}, "channel=0: .* was calibrated with None"),
        ({"final_clip": "full"}, "final_clip=full: .* with extend"),
        ({"threshold": 0.5}, r"threshold=0\.5: .* with 0\.1"),
        ({"smoothing": 5}, "smoothing=5: .* with None"),
        ({"merge_gap": 1.0}, r"merge_gap=1\.0: .* with 0\.25"),
    ],
)
def test_another_model_or_other_options_are_refused_before_any_work(
    options, message, model, calibrated, tmp_path
):
    with pytest.raises(ValueError, match=message) as error:
        again(model, calibrated, tmp_path / "found", **options)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "found").exists()


def test_what_is_as_in_the_calibration_may_be_given(model, calibrated, tmp_path):
    found = again(model, calibrated, tmp_path / "found", **EVENTS, **WINDOWS)
    assert found.run["thresholds"]["same_recordings"]


def test_a_model_of_another_file_name_is_the_same_model(model, calibrated, tmp_path):
    kept = json.loads((calibrated / "found" / "thresholds.json").read_text())
    path = tmp_path / "thresholds.json"
    path.write_text(json.dumps(kept | {"model": "m.skaudio sha256:abc"}))
    found = detect(
        *(model, calibrated / "recordings", tmp_path / "found"),
        thresholds=path,
        model_id="copy of m.skaudio sha256:abc",
    )
    assert found.run["thresholds"]["promises"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("thresholds", "is no JSON"),
        ("[]", "holds a list"),
        ("{}", "lacks model, parameters, scoring"),
        (None, r"thresholds=\{'cat': 'high'\}, expected a number for each class"),
    ],
)
def test_files_of_another_kind_are_refused(text, message, model, calibrated, tmp_path):
    path = tmp_path / "thresholds.json"
    kept = json.loads((calibrated / "found" / "thresholds.json").read_text())
    path.write_text(text or json.dumps(kept | {"thresholds": {"cat": "high"}}))
    with pytest.raises(ValueError, match=message):
        detect(model, calibrated / "recordings", tmp_path / "found", thresholds=path)


def test_in_one_folder_calibration_and_runs_replace_each_other(
    model, calibrated, tmp_path
):
    """The checked events stay as long as the events are those that were checked."""
    folder = tmp_path / "found"
    found = again(model, calibrated, folder)
    verdicts = draw_for_review(found.events, 40, random_state=1)
    verdicts["verdict"] = "yes"
    calibrate(folder, verdicts)
    assert set(pd.read_csv(folder / "events_checked.csv")["annotation"]) > {"cat"}
    detect(
        *(model, calibrated / "recordings", folder),
        thresholds=folder / "thresholds.json",
        model_id="m",
    )
    assert set(pd.read_csv(folder / "events_checked.csv")["annotation"]) > {"cat"}
    checked = (folder / "events_checked.csv").read_text()
    for _ in range(2):
        run = {**EVENTS, **WINDOWS, "model_id": "m"}
        detect(model, calibrated / "recordings", folder, **run)
        assert (folder / "events_checked.csv").read_text() == checked
    with pytest.warns(UserWarning, match=r"thresholds.json: is a calibration of other"):
        detect(model, calibrated / "recordings", folder, **run | {"threshold": 0.3})
    assert not (folder / "events_checked.csv").exists()
    assert (folder / "thresholds.json").exists()
