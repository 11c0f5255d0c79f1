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
from skaudio._utils.file_types import is_replaceable
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
        lambda **_: {"majority": DummyClassifier()},
    )


def page_rows(page):
    """Read the two tables of the summary: by model, split and score, with intervals."""
    first = ("accuracy", "macro_f1"), '<table class="sortable summary">.*?</table>'
    more = (
        ("weighted_f1", "balanced_accuracy"),
        '<table class="sortable summary more">.*?</table>',
    )
    rows = {}
    for scores, pattern in (first, more):
        table = re.search(pattern, page, re.S)[0]
        for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", table, re.S):
            name = re.search(r'<span class="name">(.*?)</span>', row)[1]
            values = [float(value) for value in re.findall(r'<td data-v="(.*?)"', row)]
            ends = re.findall(r'<span class="interval">(.*?)\u2013(.*?)</span>', row)
            keys = [(split, score) for split in ("folds", "test") for score in scores]
            for key, value, (low, high) in zip(keys, values, ends, strict=True):
                rows.setdefault(name, {})[key] = value, float(low), float(high)
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
    assert len(page) == 2  # one row per model
    for name, row in rows.iterrows():
        for score in SCORES:
            value, low, high = page[name]["folds", score]
            assert value == pytest.approx(row[score])
            assert low == pytest.approx(row[f"{score}_low"], abs=0.0051)
            assert high == pytest.approx(row[f"{score}_high"], abs=0.0051)
            assert page[name]["test", score][0] == pytest.approx(row[f"test_{score}"])
    # The seeds differ, so that their median is not just any of them.
    assert rows.loc["tree", "test_accuracy_min"] < rows.loc["tree", "test_accuracy_max"]
    assert (facts["repeats"], facts["seeds"]) == (3, 3)
    # The next run into the folder may replace them.
    for kind in ("csv", "json"):
        assert is_replaceable(tmp_path / f"ablation.{kind}", f"ablation.{kind}")


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
        with pytest.raises(ValueError, match=r"--cv 9: .* has the most, 8"):
            run(*arguments, "--cv", 9)
    with pytest.raises(AssertionError, match="audited"):
        run("ablate", clip_folder, "--cv", 8, "-o", tmp_path / "out")
