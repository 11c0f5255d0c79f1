import numpy as np
import pandas as pd
import pytest
from made_up_reports import made_up_fit
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skaudio.model_selection import cross_validated_report
from skaudio.reports import Report

X = np.zeros((4, 2))
LABELS = np.array(["cat", "cow", "cat", "owl"])


def built(fits, X=X, **options):
    """Build a report of four clips in two groups."""
    model = make_pipeline(FunctionTransformer(), LogisticRegression(C=2.0))
    groups, classes = np.array([7, 7, 8, 8]), ["cat", "cow", "owl"]
    options = {"kind": "cross-validation"} | options
    return Report.from_fits(fits, model, X, LABELS, groups, classes, **options)


def test_fits_become_tables_in_the_order_of_the_clips():
    share = np.full((2, 3), 1 / 3)
    fits = [
        made_up_fit([3, 1], ["owl", "cat"], 0, 0, probabilities=share, n_epochs=2),
        made_up_fit([0, 2], ["cat", "cat"], 0, 1, probabilities=share, n_epochs=1),
        made_up_fit([2, 1], ["cow", "cow"], 1, 0, probabilities=share, n_epochs=1),
        made_up_fit([0, 3], ["cow", "owl"], 1, 1, probabilities=share, n_epochs=3),
    ]
    report = built(fits)
    table = report.predictions
    assert table["row"].tolist() == [0, 1, 2, 3] * 2
    assert table["repeat"].tolist() == [0] * 4 + [1] * 4
    assert table["fold"].tolist() == [1, 0, 1, 0, 1, 0, 0, 1]
    assert table["true"].tolist() == LABELS.tolist() * 2
    assert table["group"].tolist() == [7, 7, 8, 8] * 2
    expected = ["cat", "cat", "cat", "owl", "cow", "cow", "cow", "owl"]
    assert table["predicted"].tolist() == expected
    names = ["probability_cat", "probability_cow", "probability_owl"]
    assert table.columns[-3:].tolist() == names and "leaked" not in table
    assert report.history.groupby(["repeat", "fold"]).size().tolist() == [2, 1, 1, 3]
    assert report.times["fit_seconds"].tolist() == [1.5] * 4
    assert report.classes == ["cat", "cow", "owl"] and report.n_parameters == 10


def test_facts_follow_from_the_fits_and_can_be_added():
    fits = [made_up_fit(range(4), LABELS)]
    report = built(fits, facts={"seed": 5, "n_train": 12.0}, warnings=("first",))
    assert report.name == "LogisticRegression" and report.warnings == ["first"]
    assert report.facts["n_clips"] == 4 and report.facts["n_groups"] == 2
    assert report.facts["seed"] == 5 and report.facts["n_train"] == 12.0
    assert report.facts["classes"] == report.classes
    assert report.facts["parameters"]["logisticregression__C"] == "2.0"
    assert report.history.empty and "probability_cat" not in report.predictions
    assert built(fits, name="mine").name == "mine"


@pytest.mark.parametrize("near", [True, False])
def test_leaked_files_are_marked_and_come_first_among_the_warnings(near):
    leaks = pd.DataFrame({"test_file": ["b.wav"], "relation": ["near copy"]})
    leaks.attrs["near"] = near
    # Both spans of the leaked file are leaked.
    spans = pd.DataFrame(
        {
            "file": ["a.wav", "b.wav", "b.wav", "c.wav"],
            "start_time": [0.0, 0.0, 1.0, 0.0],
            "end_time": [1.0, 1.0, 2.0, 1.0],
        }
    )
    fits = [made_up_fit(range(4), LABELS)]
    report = built(fits, spans, kind="held-out", leaks=leaks, warnings=["last"])
    assert report.predictions["leaked"].tolist() == [False, True, True, False]
    assert report.predictions["start_time"].tolist() == [0.0, 0.0, 1.0, 0.0]
    counts, *moved, last = report.warnings
    assert "1 of 3 test clips are leaked from training (near copy: 1)" in counts
    assert last == "last" and len(moved) == (not near)
    assert near or "near copies of training clips were not looked for" in moved[0]


def test_parameters_that_are_functions_are_named(calls):
    model = make_pipeline(FunctionTransformer(np.asarray), DummyClassifier())
    report = cross_validated_report(model, calls.data, calls.target, calls.groups)
    # Without the memory address, which differs from run to run.
    assert report.facts["parameters"]["functiontransformer__func"] == "asarray"
    assert "functiontransformer__inverse_func" not in report.facts["parameters"]
