"""The files of `skaudio ablate`, and what is refused before an audit; in-process."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier
from typer.testing import CliRunner

from skaudio import MFCCStatistics, WavLoader
from skaudio.cli._app import app

SCORES = ("accuracy", "weighted_f1", "macro_f1", "balanced_accuracy")


def run(*arguments):
    arguments = [str(argument) for argument in arguments]
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


@pytest.fixture
def quick(monkeypatch):
    """A pipeline whose scores depend on its seed, in the place of the study's."""
    tree = make_pipeline(
        WavLoader(),
        MFCCStatistics(n_mels=32),
        DecisionTreeClassifier(max_depth=2, max_features=2),
    )
    monkeypatch.setattr(
        "skaudio.pipelines.reference_pipelines", lambda *_, **__: {"tree": tree}
    )
    monkeypatch.setattr(
        "skaudio.pipelines.named_pipelines", lambda *_, **__: {"tree": tree}
    )
    monkeypatch.setattr(
        "skaudio.model_selection._ablate.baseline_pipelines",
        lambda: {"majority": DummyClassifier()},
    )


def page_rows(page):
    """Read the summary of the page: by report, the value and interval of each score."""
    table = re.search(r'<table class="sortable summary">.*?</table>', page, re.S)[0]
    rows = {}
    for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", table, re.S):
        name = re.search(r'<span class="name">(.*?)</span>', row)[1]
        values = [float(value) for value in re.findall(r'<td data-v="(.*?)"', row)]
        ends = re.findall(r'<span class="interval">(.*?)\u2013(.*?)</span>', row)
        rows[name] = {
            score: (value, float(low), float(high))
            for score, value, (low, high) in zip(SCORES, values, ends, strict=True)
        }
    return rows


def test_csv_json_and_page_agree(quick, clip_folder, other_clips, tmp_path):
    """Three repeats and three seeds: medians of the same fits in every file."""
    run(
        *("ablate", clip_folder, "--test", other_clips / "Training", "--cv", 2),
        *("--repeats", 3, "--seeds", 3, "--jobs", 1, "-o", tmp_path),
    )
    csv = pd.read_csv(tmp_path / "ablation.csv", index_col="pipeline")
    facts = json.loads((tmp_path / "ablation.json").read_text("utf-8"))
    rows = pd.DataFrame(facts["rows"]).set_index("pipeline")
    assert csv.index.tolist() == ["majority", "tree"]
    assert rows.columns.tolist() == csv.columns.tolist()
    numbers = csv.columns.drop("n_parameters")
    np.testing.assert_allclose(
        csv[numbers].astype(float), rows[numbers].astype(float), rtol=1e-5
    )
    page = page_rows((tmp_path / "ablation.html").read_text("utf-8"))
    assert len(page) == 4
    for name, row in rows.iterrows():
        folds, test = page[f"{name}, cross-validation"], page[f"{name}, held-out"]
        for score in SCORES:
            value, low, high = folds[score]
            assert value == pytest.approx(row[score])
            assert low == pytest.approx(row[f"{score}_low"], abs=0.0051)
            assert high == pytest.approx(row[f"{score}_high"], abs=0.0051)
            assert test[score][0] == pytest.approx(row[f"test_{score}"])
    # The seeds differ, so that their median is not just any of them.
    assert rows.loc["tree", "test_accuracy_min"] < rows.loc["tree", "test_accuracy_max"]
    assert (facts["repeats"], facts["seeds"]) == (3, 3)


def test_too_many_folds_are_refused_before_the_audit(
    quick, clip_folder, tmp_path, monkeypatch
):
    def audit(*_, **__):
        raise AssertionError("audited")

    monkeypatch.setattr("skaudio.audit.audit_dataset", audit)
    for arguments in (
        ("ablate", clip_folder, "-o", tmp_path / "out"),
        ("report", clip_folder, "-o", tmp_path / "report.html"),
        ("train", clip_folder, "-o", tmp_path / "model.skaudio"),
    ):
        with pytest.raises(ValueError, match=r"cv=9: .* has the most, 8"):
            run(*arguments, "--cv", 9)
    with pytest.raises(AssertionError, match="audited"):
        run("ablate", clip_folder, "--cv", 8, "-o", tmp_path / "out")
