"""What the commands print, and in which order."""

import io
import json
import shutil

import joblib
import numpy as np
import pandas as pd
import pytest
from made_up_reports import report_of_labels
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from skaudio.cli._console import show_scores
from skaudio.datasets import make_animal_sounds


@pytest.fixture(scope="module")
def made(tmp_path_factory, quick_model):
    folder = tmp_path_factory.mktemp("made")
    make_animal_sounds(4, n_classes=2, output_dir=folder, random_state=0)
    quick_model(folder / "Training", folder / "m.skaudio")
    return folder


@pytest.fixture
def place(made, monkeypatch):
    monkeypatch.chdir(made)
    return made


def test_scores_in_a_terminal_of_twenty_columns(command, place, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    status, out, _ = command("evaluate", "m.skaudio", "Training", "-j", 1)
    assert status == 0 and "…" not in out
    rows = [line.split() for line in out.splitlines()]
    assert ["class", "precision", "recall", "F1", "support"] in rows
    assert ["cat", "1.00", "1.00", "1.00", "4"] in rows


def test_wide_names_of_classes_keep_their_columns(command, quick_model, made, tmp_path):
    folder = tmp_path / "clips"
    shutil.copytree(made / "Training" / "cat", folder / "イエネコ科の猫")
    shutil.copytree(made / "Training" / "cow", folder / ("cow" * 30))
    quick_model(folder, tmp_path / "m.skaudio")
    _, out, _ = command("evaluate", tmp_path / "m.skaudio", folder, "-j", 1)
    wide = next(line for line in out.splitlines() if line.startswith("イエネコ科の猫"))
    long = next(line for line in out.splitlines() if line.startswith("cow" * 30))
    # Each of the seven characters takes two columns.
    assert len(wide) + 7 == len(long)


def test_background_that_no_clip_is_of_is_no_row_of_zeros(capsys):
    classes = ["background", "cat", "cow"]
    labels = ["cat", "cow"] * 4
    report = report_of_labels(labels, labels, classes)
    report.facts["n_background"] = 0  # as of a model that knows background
    show_scores(report, "Test")
    out = capsys.readouterr().out
    assert "background         0 clips are labelled so (0%)\n" in out
    assert out.endswith("no clip is of background, or predicted as it\n")
    assert not any(line.startswith("background ") for line in out.splitlines())
    # What is taken for background counts against it.
    show_scores(report_of_labels(labels, ["background", *labels[1:]], classes), "Test")
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["background", "0.00", "0.00", "0.00", "0"] in rows


def test_the_warning_of_leaks_comes_before_the_scores(command, place):
    _, out, _ = command("evaluate", "m.skaudio", "Training", "-j", 1)
    assert out.startswith("warning: 8 of 8 test clips are leaked from training")
    assert out.index("warning: ") < out.index("accuracy")
    assert "no clip is left to score without the leaked ones" in out


def test_a_class_with_the_name_of_a_column(command, quick_model, made, tmp_path):
    folder = tmp_path / "clips"
    shutil.copytree(made / "Training" / "cat", folder / "file")
    shutil.copytree(made / "Training" / "cow", folder / "label")
    quick_model(folder, tmp_path / "m.skaudio")
    csv, json = tmp_path / "p.csv", tmp_path / "s.json"
    predict = ("predict", tmp_path / "m.skaudio", folder, "--csv", csv, "-j", 1)
    status, out, err = command(*predict)
    assert status == 0 and err == f"wrote {csv}\n"
    assert sum(line.startswith("file ") for line in out.splitlines()) == 4
    table = pd.read_csv(csv)
    assert table.columns.tolist()[4:] == ["file (class)", "label"]
    assert table["file"].str.endswith(".wav").all()
    evaluate = ("evaluate", tmp_path / "m.skaudio", folder, "--json", json, "-j", 1)
    assert command(*evaluate)[0] == 0
    for command_name in (
        ("audit", folder),
        ("predict", tmp_path / "m.skaudio", folder),
    ):
        assert command(*command_name, "-j", 1)[0] == 0


def test_what_is_no_model_is_told_with_what_to_do(command, place, tmp_path):
    X, y = np.arange(8.0).reshape(4, 2), ["cat", "cow"] * 2
    joblib.dump(LogisticRegression().fit(X, y), tmp_path / "rows.joblib")
    joblib.dump(LinearSVC().fit(X, y), tmp_path / "margin.joblib")
    joblib.dump(LogisticRegression(), tmp_path / "unfitted.joblib")
    wav = next((place / "Training").rglob("*.wav"))
    for path, reason in [
        ("none.skaudio", "no such model: expected a file that `skaudio train`"),
        (place / "Training", "is a folder: expected a file that `skaudio train`"),
        (wav, "name the model first, then the sound files"),
        (tmp_path / "rows.joblib", "takes 2 numbers for each clip, expected one that"),
        (tmp_path / "margin.joblib", "gives no probabilities of classes"),
        (tmp_path / "unfitted.joblib", "`skaudio train` makes one"),
    ]:
        for arguments in (("predict", path, wav), ("evaluate", path, "Training")):
            status, out, err = command(*arguments, "-j", 1)
            assert status == 1 and not out
            line = err.splitlines()[-1]
            assert line.startswith(f"error: {path}: ") and reason in line, line


def test_noise_that_is_not_used_is_named(command, place):
    train = ("train", "Training", "--noise", "Noise", "-o", "n.skaudio", "--cv", 9)
    for classifier, is_used in (("cnn1d", False), ("enhanced_cnn1d", True)):
        _, _, err = command(*train, "--classifier", classifier, "-j", 1)
        assert ("warning: --noise Noise is not used" in err) != is_used


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [
        (("--classifier", "cnn1d"), ["cnn1d"]),
        (("--only", "cnn1d"), ["cnn1d"]),
        (
            ("--classifier", "cnn1d", "--features", "yamnet"),
            ["cnn1d", "yamnet logistic"],
        ),
        (
            ("--classifier", "prototypes", "--features", "yamnet,efficientat"),
            ["yamnet+efficientat prototypes"],
        ),
        (
            ("--only", "cnn1d", "--classifier", "prototypes", "--features", "yamnet"),
            ["cnn1d", "yamnet prototypes"],
        ),
    ],
)
def test_one_name_for_the_classifiers_of_ablate(
    command, place, monkeypatch, tmp_path, arguments, rows
):
    chosen = []

    def ablate(pipelines, *_, **__):
        chosen.extend(pipelines)
        raise ValueError("enough")

    monkeypatch.setattr("skaudio.model_selection.ablate", ablate)
    command(
        "ablate", "Training", *arguments, "--cv", 2, "-j", 1, "-o", tmp_path / "out"
    )
    assert chosen == rows


def test_the_older_name_is_not_in_the_help(command):
    _, out, _ = command("ablate", "--help")
    assert "--classifier" in out and "--only" not in out


def test_tables_on_standard_output_are_all_that_is_there(command, place):
    status, csv, _ = command("predict", "m.skaudio", "Training", "--csv", "-", "-j", 1)
    table = pd.read_csv(io.StringIO(csv))
    assert status == 0 and len(table) == 8
    _, out, _ = command("predict", "m.skaudio", "Training", "--json", "-", "-j", 1)
    rows = json.loads(out)
    assert [row["file"] for row in rows] == table["file"].tolist()
    assert [row["prediction"] for row in rows] == table["prediction"].tolist()
    assert rows[0]["probabilities"] == table.iloc[0, 4:].to_dict()
    _, out, _ = command("evaluate", "m.skaudio", "Training", "--json", "-", "-j", 1)
    assert json.loads(out)["n_clips"] == 8
    both = ("--csv", "-", "--json", "-")
    status, out, err = command("predict", "m.skaudio", "Training", *both)
    assert status == 1 and not out and "expected one on standard output" in err
