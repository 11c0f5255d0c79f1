import json
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skaudio import GroupedCalibrator
from skaudio._utils.calibration_errors import uncalibrated_confidence
from skaudio.metrics import reliability_curve
from skaudio.model_selection import cross_validated_report
from skaudio.reports import report_on

RNG = np.random.default_rng(0)
Y = np.repeat(["cat", "cow", "dog"], 40)
X = np.eye(3)[np.unique(Y, return_inverse=True)[1]] + RNG.normal(0, 0.5, (120, 3))


def calibrated():
    # A penalty so strong that probabilities are far too low.
    head = LogisticRegression(C=0.01)
    return make_pipeline(StandardScaler(), GroupedCalibrator(head, random_state=0))


def test_the_calibration_error_is_given_before_and_after():
    model = calibrated().fit(X[::2], Y[::2])
    report = report_on(model, X[1::2], Y[1::2])
    before = model[-1].estimator_.predict_proba(model[0].transform(X[1::2]))
    kept = report.predictions["uncalibrated_confidence"]
    assert kept.to_numpy() == pytest.approx(before.max(axis=1))
    errors = {name: bins.attrs["error"] for name, bins in report.reliability.items()}
    assert list(errors) == ["calibrated", "uncalibrated"]
    correct = model.predict(X[1::2]) == Y[1::2]
    for name, confidence in (
        ("calibrated", model.predict_proba(X[1::2])),
        ("uncalibrated", before),
    ):
        expected = reliability_curve(correct, confidence.max(axis=1))[1]
        assert errors[name] == pytest.approx(expected)
    assert errors["calibrated"] < errors["uncalibrated"] / 2
    after, uncalibrated = errors.values()
    line = f"calibration error {after:.3f} (before calibration {uncalibrated:.3f})"
    assert line in str(report)
    assert json.loads(json.dumps(report.to_dict()))["calibration_error"] == errors


def test_a_calibrator_within_another_classifier_is_found():
    model = calibrated().fit(X, Y)
    given = model.predict_proba(X)
    around = SimpleNamespace(estimator_=model)  # as WindowClassifier is
    before = uncalibrated_confidence(around, given)
    assert before == pytest.approx(uncalibrated_confidence(model, given))
    assert uncalibrated_confidence(LogisticRegression().fit(X, Y), given) is None


def test_cross_validation_sees_each_fold_before_and_after():
    report = cross_validated_report(calibrated(), X, Y, np.arange(120), random_state=0)
    errors = [bins.attrs["error"] for bins in report.reliability.values()]
    assert errors[0] < errors[1] / 2


def test_without_a_calibrator_there_is_one_figure_and_without_probabilities_none():
    given = report_on(LogisticRegression().fit(X, Y), X, Y)
    assert list(given.reliability) == ["as given"]
    assert "before calibration" not in str(given)
    mute = report_on(LinearSVC().fit(X, Y), X, Y)
    assert mute.reliability == {} and mute.to_dict()["calibration_error"] == {}
    assert "calibration" not in str(mute)
