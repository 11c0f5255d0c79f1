"""`skaudio ablate`, run as a user runs it."""

import json
import re

import pandas as pd
import pytest


def test_tables_on_screen_and_in_files(skaudio, clip_folder, other_clips, tmp_path):
    out = tmp_path / "out"
    arguments = (
        *("ablate", clip_folder, "--test", other_clips / "Training"),
        *("--noise", other_clips / "Noise", "--classifier", "cnn1d"),
        *("--cv", 2, "--seeds", 2, "--seed", 1, "-o", out),
    )
    run = skaudio(*arguments)
    table = pd.read_csv(out / "ablation.csv", index_col="pipeline")
    assert table.index.tolist() == ["majority", "metadata", "mfcc_svm", "cnn1d"]
    for row in table.itertuples():
        line = next(
            line for line in run.stdout.splitlines() if line.startswith(row.Index)
        )
        assert f"{row.accuracy:.3f}" in line and f"{row.test_accuracy:.3f}" in line
        assert (" *" in line) == row.below_baseline
    facts = json.loads((out / "ablation.json").read_text())
    assert facts["seed"] == 1 and facts["n_clips"] == 24
    assert [row["pipeline"] for row in facts["rows"]] == table.index.tolist()
    assert facts["rows"][3]["accuracy"] == pytest.approx(table.loc["cnn1d", "accuracy"])
    page = (out / "ablation.html").read_text("utf-8")
    (summary,) = re.findall(r'<table class="sortable summary">.*?</table>', page, re.S)
    rows = re.findall(r'<th scope="row">.*?<span class="name">(.*?)</span>', summary)
    assert rows == table.index.tolist()
    assert "Cross-validation" in summary and "Test" in summary
    # Nothing is computed again: the very times of the fits are the old ones.
    skaudio(*arguments)
    pd.testing.assert_frame_equal(
        pd.read_csv(out / "ablation.csv", index_col="pipeline"), table
    )


def test_test_column_only(skaudio, clip_folder, other_clips, tmp_path):
    run = skaudio(
        *("ablate", clip_folder, "--test", other_clips / "Training", "--cv", 0),
        # The older name of --classifier.
        *("--only", "cnn1d", "-o", tmp_path),
    )
    table = pd.read_csv(tmp_path / "ablation.csv", index_col="pipeline")
    assert "accuracy" not in table and "test_accuracy" in table
    assert "Test" in run.stdout and "Cross-validation" not in run.stdout


def test_bad_arguments(skaudio, clip_folder, tmp_path):
    for arguments, reason in [
        (("--classifier", "resnet"), "--classifier resnet: expected one of cnn1d, "),
        (("--only", "resnet"), "--classifier resnet: expected one of cnn1d, "),
        (("--cv", 0), "--cv 0 without --test"),
        (("--cv", 1), "--cv 1: expected 0"),
        (("--cv", 9), "has the most, 8"),
        (("--noise", tmp_path / "none"), "none: no such folder or file of noise"),
    ]:
        run = skaudio("ablate", clip_folder, *arguments, "-o", tmp_path, status=1)
        errors = [line for line in run.stderr.splitlines() if "error:" in line]
        assert len(errors) == 1 and reason in errors[0], run.stderr


def test_pretraining_has_a_row_beside_the_transformer(skaudio, clip_folder, tmp_path):
    rows = ["transformer_mel", "transformer_mel_simclr"]
    names = [part for name in rows for part in ("--classifier", name)]
    skaudio(
        *("ablate", clip_folder, "--pretrain", "simclr", "--cv", 2),
        *(*names, "-o", tmp_path),
    )
    table = pd.read_csv(tmp_path / "ablation.csv", index_col="pipeline")
    assert table.index.tolist()[3:] == rows
    assert (table.loc[rows, "accuracy"] > 0.5).all()
    facts = json.loads((tmp_path / "ablation.json").read_text())
    assert facts["pretrain"] == "simclr"
