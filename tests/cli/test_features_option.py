"""`--features` of train, ablate and report, run as a user runs them."""

import re

import pandas as pd

from skaudio import load_model


def test_train_saves_what_predicts(skaudio, clip_folder, tmp_path):
    path, scores = tmp_path / "model.skaudio", tmp_path / "scores.csv"
    arguments = ("train", clip_folder, "--features", "birdnet", "-o", path)
    run = skaudio(*arguments, "--cv", 2, "--classifier", "prototypes")
    assert float(re.search(r"accuracy +([\d.]+)", run.stdout)[1]) > 0.7
    assert load_model(path)["embed"].speeds == (1, 2, 4)
    skaudio("predict", path, clip_folder, "--csv", scores)
    table = pd.read_csv(scores)
    assert (table["prediction"] == table["file"].str.split("/").str[-2]).mean() > 0.9


def test_ablate_has_a_row_for_each_set_of_features(skaudio, clip_folder, tmp_path):
    skaudio(
        *("ablate", clip_folder, "--features", "birdnet", "--cv", 2),
        *(
            "--classifier",
            "cnn1d",
            "--classifier",
            "logistic",
            "--classifier",
            "prototypes",
            "-o",
            tmp_path,
        ),
    )
    table = pd.read_csv(tmp_path / "ablation.csv", index_col="pipeline")
    assert table.index.tolist()[3:] == [
        "cnn1d",
        "birdnet logistic",
        "birdnet prototypes",
    ]
    assert table.loc["birdnet logistic", "accuracy"] > 0.7


def test_bad_combinations_are_one_line(skaudio, clip_folder, tmp_path):
    outputs = {"train": "m.skaudio", "report": "page.html", "ablate": "tables"}
    for arguments, reason in [
        (
            ("train", "--classifier", "prototypes"),
            "'prototypes' is a head without features: add features",
        ),
        (
            ("train", "--classifier", "cnn1d", "--features", "birdnet"),
            "--features 'birdnet' with cnn1d, which takes none: expected a head",
        ),
        (
            ("report", "--classifier", "fine_tuned"),
            "'fine_tuned' is a head without features: add features, such as 'yamnet'",
        ),
        (("train", "--features", "owlnet"), "expected some of efficientat, birdnet"),
        (("ablate", "--features", "birdnet,"), "expected some of efficientat, birdnet"),
        (("ablate", "--classifier", "logistic"), "is a head without features"),
        (
            ("report", "--classifier", "prototypes"),
            "'prototypes' is a head without features",
        ),
        (
            ("report", "--classifier", "cnn1d", "--features", "birdnet"),
            "--features 'birdnet' with cnn1d, which takes none: expected a head",
        ),
    ]:
        out = ("-o", tmp_path / outputs[arguments[0]])
        run = skaudio(arguments[0], clip_folder, *arguments[1:], *out, status=1)
        errors = [line for line in run.stderr.splitlines() if "error:" in line]
        assert len(errors) == 1 and reason in errors[0], run.stderr


def test_a_damaged_network_is_found_before_the_clips_are_read(
    command, clip_folder, tmp_path, monkeypatch
):
    (tmp_path / "mn04_as_mAP_432.pt").write_bytes(b"cut short")
    monkeypatch.setenv("SKAUDIO_WEIGHTS", str(tmp_path))
    train = ("train", clip_folder, "--features", "efficientat")
    status, _, err = command(*train, "-o", tmp_path / "model.skaudio")
    assert status == 1 and "mn04_as_mAP_432.pt" in err
    assert "clips of" not in err


def test_a_missing_folder_is_found_before_the_clips_are_read(
    command, clip_folder, tmp_path
):
    for option in ("--test", "--background"):
        train = ("train", clip_folder, option, tmp_path / "none")
        status, _, err = command(*train, "-o", tmp_path / "model.skaudio")
        assert status == 1 and "none: no such folder" in err
        assert "clips of" not in err
