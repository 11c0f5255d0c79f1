import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from skaudio.displays import ReliabilityDisplay
from skaudio.metrics import reliability_curve
from skaudio.model_selection import cross_validated_report


def test_reliability_diagram(net_report):
    display = ReliabilityDisplay.from_report(net_report, n_bins=5)
    table = net_report.predictions
    correct = table["true"] == table["predicted"]
    columns = [f"probability_{label}" for label in net_report.classes]
    bins, error = reliability_curve(correct, table[columns].max(axis=1), n_bins=5)
    there = bins[bins["n"] > 0]
    points = display.line_.get_xydata()
    np.testing.assert_allclose(points, there[["confidence", "accuracy"]])
    heights = [bar.get_height() for bar in display.ax_.containers[0]]
    np.testing.assert_allclose(heights, bins["n"] / len(table))
    names = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert f"net, ECE {error:.3f} (5 bins)" in names


def test_reliability_of_an_estimator_takes_its_own_classes(calls, linear):
    X, y = calls.data, calls.target
    model = linear.fit(X, y)
    # The first rows hold one class only; the columns are of three.
    display = ReliabilityDisplay.from_estimator(model, X[:5], y[:5])
    confidence = model.predict_proba(X[:5]).max(axis=1)
    _, expected = reliability_curve(model.predict(X[:5]) == y[:5], confidence)
    assert display.error == expected
    with pytest.raises(ValueError, match=r"y_prob of shape \(5, 3\).*pass classes="):
        ReliabilityDisplay.from_predictions(y[:5], model.predict_proba(X[:5]))
    with pytest.raises(ValueError, match="n_bins=0"):
        ReliabilityDisplay.from_estimator(model, X, y, n_bins=0)
    with pytest.raises(ValueError, match="without NaN"):
        ReliabilityDisplay.from_predictions(list("abc"), np.full((3, 3), np.nan))
    guess = DummyClassifier()
    report = cross_validated_report(guess, X, y, calls.groups, cv=2)
    report.predictions = report.predictions.drop(columns="probability_cat")
    with pytest.raises(ValueError, match="gives no probabilities"):
        ReliabilityDisplay.from_report(report)
