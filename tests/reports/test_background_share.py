import json

import numpy as np
import pandas as pd
import pytest
from made_up_reports import report_of_labels
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from skaudio.metrics import accuracy_interval
from skaudio.model_selection import cross_validated_report, held_out_report
from skaudio.reports import report_on

RNG = np.random.default_rng(0)
LABELS = np.repeat(["cat", "cow", "Noise"], 20)
X = np.unique(LABELS, return_inverse=True)[1][:, None] + RNG.normal(0, 0.6, (60, 1))


def test_the_share_of_background_and_the_accuracy_without_it():
    model = LogisticRegression()
    folds = cross_validated_report(model, X, LABELS, np.arange(60), random_state=0)
    test = held_out_report(model, X, LABELS, X[:50], LABELS[:50])
    fitted = report_on(model.fit(X, LABELS), X[:40], LABELS[:40])
    counts = [
        (report.facts["n_background"], report.facts["n_train_background"])
        for report in (folds, test, fitted)
    ]
    assert counts == [(20, 20), (10, 20), (0, None)]
    assert "60 groups, 20 of them background (33%)" in str(folds)
    assert json.loads(json.dumps(test.to_dict()))["n_background"] == 10
    animals = folds.predictions[folds.predictions["true"] != "Noise"]
    row = folds.summary.loc["accuracy_animals"]
    assert row["value"] == (animals["true"] == animals["predicted"]).mean()
    assert folds.per_repeat["accuracy_animals"].tolist() == [row["value"]]
    expected = accuracy_interval(animals["true"], animals["predicted"])
    assert (row["low"], row["high"]) == pytest.approx(expected)
    # All clips are of animals: the accuracy is said once.
    assert "accuracy_animals" not in fitted.summary.index
    assert "0 of them background" in str(fitted)


def test_a_model_without_background_says_nothing_of_it():
    report = report_of_labels(["cat", "cow"] * 4, ["cat"] * 8, ["cat", "cow"])
    assert report.facts.get("n_background") is None
    assert "background" not in str(report)
    assert "accuracy_animals" not in report.summary.index


def test_clips_of_no_class_are_background_where_clips_have_several():
    y = pd.DataFrame(
        {"cat": LABELS == "cat", "cow": LABELS == "cow", "noise": LABELS == "Noise"}
    ).astype(int)
    y.loc[0] = 0
    report = cross_validated_report(
        OneVsRestClassifier(LogisticRegression()), X, y, np.arange(60), random_state=0
    )
    assert report.facts["n_background"] == 21
