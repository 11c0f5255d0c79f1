"""The options of a run, written beside its result, and taken from there again."""

import tomllib

import pandas as pd
import pytest

from skaudio.datasets import make_animal_sounds

FIRST = ("--classifier", "logistic", "--features", "efficientat", "--cv", 2)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    make_animal_sounds(4, n_classes=2, output_dir=folder, random_state=5)
    return folder


def test_a_run_again_from_its_file(command, made, tmp_path, monkeypatch, mn04):
    monkeypatch.chdir(made)
    model, again = tmp_path / "a model.skaudio", tmp_path / "again.skaudio"
    pattern = r'^([^"]*_\d+)_'  # quotes and backslashes
    arguments = (*FIRST, "--group-pattern", pattern, "--seed", 3, "-j", 1)
    status, first, err = command("train", "Training", *arguments, "-o", model)
    assert status == 0, err
    file = tmp_path / "a model.skaudio.run.toml"
    values = tomllib.loads(file.read_text("utf-8"))
    assert values == {
        "command": "train",
        "dir": "Training",
        "output": str(model),
        "classifier": "logistic",
        "features": "efficientat",
        "channel": "mix",
        "group-pattern": pattern,
        "cv": 2,
        "seed": 3,
        "jobs": 1,
    }
    # The command line comes first.
    status, second, err = command("train", "--config", file, "-o", again)
    assert status == 0 and second == first, err
    values_again = tomllib.loads(
        (tmp_path / "again.skaudio.run.toml").read_text("utf-8")
    )
    assert values_again == values | {"output": str(again)}
    tables = []
    for path in (model, again):
        csv = path.with_suffix(".csv")
        assert command("predict", path, "Training", "--csv", csv, "-j", 1)[0] == 0
        tables.append(pd.read_csv(csv))
        options = tomllib.loads((tmp_path / f"{csv.name}.run.toml").read_text("utf-8"))
        assert options["command"] == "predict" and options["file"] == ["Training"]
    pd.testing.assert_frame_equal(*tables)
    # Results of one stem have options of their own, so that this still holds.
    status, third, err = command("train", "--config", file)
    assert status == 0 and third == first, err


def test_a_file_of_somebody_stays(command, made, tmp_path):
    """One that has the name, and was not written by skaudio."""
    own = tmp_path / "audit.html.run.toml"
    own.write_text("cv = 5  # mine")
    folder, page = made / "Training", tmp_path / "audit.html"
    status, _, err = command("audit", folder, "--html", page, "-j", 1)
    assert status == 0 and page.exists()
    assert f"warning: {own}: holds something other than the options of a run" in err
    assert own.read_text() == "cv = 5  # mine"


def test_a_folder_has_it_inside(command, made, tmp_path):
    events = tmp_path / "events.csv"
    wav = next((made / "Training").rglob("*.wav"))
    events.write_text(
        "audio_file,annotation_file,annotation,start_time,end_time,low_f,high_f,score\n"
        f"{wav},,cat,0.0,0.2,,,0.9\n"
    )
    out = tmp_path / "cut"
    status, _, err = command("segments", events, "-o", out, "--random")
    assert status == 0, err
    values = tomllib.loads((out / "run.toml").read_text("utf-8"))
    assert values["random"] is True and values["padding"] == 0.0
    assert values["events"] == str(events)


@pytest.mark.parametrize(
    "text, reason",
    [
        (
            "folds = 5\ncv = 2\n",
            "folds: no option of `skaudio train`, expected some of",
        ),
        (
            'command = "report"',
            "has the options of `skaudio report`, expected those of",
        ),
        ("cv 5", "is no TOML file (Expected '='"),
        ('noise = ""', "noise: is empty, expected a value"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_that_is_wrong(command, tmp_path, text, reason):
    file = tmp_path / "run.toml"
    if text is not None:
        file.write_text(text)
    status, out, err = command("train", "clips", "--config", file)
    (line,) = err.splitlines()
    assert status == 1 and not out and line.startswith(f"error: {file}: {reason}")


def test_a_value_that_is_wrong(command, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('cv = "many"')
    status, _, err = command("train", "clips", "--config", file)
    assert status == 2 and "'many': expected a whole number from 0" in err
