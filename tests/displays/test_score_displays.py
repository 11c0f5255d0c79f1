from itertools import pairwise

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb
from sklearn.dummy import DummyClassifier
from sklearn.metrics import f1_score, precision_score, recall_score

from skaudio._utils.plotting import COLOURS
from skaudio.displays import ClassScoresDisplay, ModelScoresDisplay
from skaudio.model_selection import ablate, cross_validated_report
from skaudio.reports import report_on

CLASSES = np.array(["Bear", "Cat", "Cow"])


@pytest.mark.parametrize(
    "score, metric",
    [("precision", precision_score), ("recall", recall_score), ("f1", f1_score)],
)
def test_class_bars_are_the_scores(predictions, score, metric):
    y, predicted = predictions
    display = ClassScoresDisplay.from_predictions(y, predicted, score=score)
    centres = []
    for bars, labels in zip(display.bars_, predicted.values(), strict=True):
        expected = metric(y, labels, average=None, labels=CLASSES)
        np.testing.assert_allclose([bar.get_height() for bar in bars], expected)
        centres.append([bar.get_x() + bar.get_width() / 2 for bar in bars])
    # Each bar is beside its tick, and no two lie on each other.
    assert (np.diff(centres, axis=0) > 0.9 * display.bars_[0][0].get_width()).all()
    assert np.abs(np.mean(centres, axis=0) - [0, 1, 2]).max() < 1e-9
    ticks = [text.get_text() for text in display.ax_.get_xticklabels()]
    counts = [int((y == label).sum()) for label in CLASSES]
    assert ticks == [f"{a} ({n})" for a, n in zip(CLASSES, counts, strict=True)]
    names = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert names == list(predicted)


def test_class_bars_of_reports_and_estimators(calls, linear):
    X, y = calls.data, calls.target
    guess = DummyClassifier().fit(X, y)
    model = linear.fit(X, y)
    # Two test sets: the supports differ, and a class of one is missing in the other.
    reports = [
        report_on(model, X, y, name="linear"),
        report_on(guess, X[:20], y[:20], name="guess"),
    ]
    display = ClassScoresDisplay.from_reports(reports, score="recall")
    for bars, report in zip(display.bars_, reports, strict=True):
        heights = [bar.get_height() for bar in bars]
        assert heights == report.per_class["recall"].tolist()
    ticks = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert ticks == ["cat", "cow", "dog"]
    _, ax = pyplot.subplots()
    display = ClassScoresDisplay.from_estimator(model, X, y, ax=ax)
    assert display.ax_ is ax and display.figure_ is ax.figure
    expected = f1_score(y, model.predict(X), average=None)
    np.testing.assert_allclose([bar.get_height() for bar in display.bars_[0]], expected)
    (name,) = [text.get_text() for text in ax.get_legend().get_texts()]
    assert name == "LogisticRegression"
    with pytest.raises(ValueError, match="score='speed': expected one of 'precision'"):
        display.plot(score="speed")


def test_labels_of_thirteen_classes_do_not_overlap():
    labels = np.array([f"Elephant {n}" for n in range(13)])
    display = ClassScoresDisplay.from_predictions(
        labels, {f"some long name {n}": labels for n in range(5)}
    )
    figure = display.figure_
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in display.ax_.get_xticklabels()]
    assert not any(a.overlaps(b) for a, b in pairwise(boxes))
    legend = display.ax_.get_legend().get_window_extent()
    assert legend.x0 >= 0 and legend.x1 <= figure.bbox.width
    assert legend.y0 >= display.ax_.get_window_extent().y1
    assert all(box.y0 >= 0 for box in boxes)


def test_model_bars_and_intervals_are_those_of_the_reports(calls, linear):
    arguments = (calls.data, calls.target, calls.groups)
    options = dict(cv=3, random_state=0)
    reports = [
        cross_validated_report(model, *arguments, name=name, **options)
        for name, model in {"linear": linear, "guess": DummyClassifier()}.items()
    ]
    scores = ["weighted_f1", "macro_f1"]
    display = ModelScoresDisplay.from_reports(reports, score=scores)
    for bars, score in zip(display.bars_, scores, strict=True):
        rows = [report.summary.loc[score] for report in reports]
        assert [bar.get_width() for bar in bars] == [row["value"] for row in rows]
        (spans,) = bars.errorbar.lines[2]
        ends = [segment[:, 0] for segment in spans.get_segments()]
        np.testing.assert_allclose(ends, [row[["low", "high"]] for row in rows])
    # An ablation's table has the same columns.
    table = ablate({"linear": linear}, *arguments, **options)
    bars = ModelScoresDisplay(table).plot().bars_[0]
    assert bars[-1].get_width() == reports[0].summary.loc["accuracy", "value"]
    with pytest.raises(ValueError, match="score='f1': expected one of 'accuracy'"):
        display.plot(score="f1")


def test_model_bars_of_predictions_and_estimators(predictions, calls, linear):
    y, predicted = predictions
    display = ModelScoresDisplay.from_predictions(y, predicted)
    widths = [bar.get_width() for bar in display.bars_[0]]
    assert widths == [np.mean(y == labels) for labels in predicted.values()]
    names = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert names == list(predicted)
    low, high = display.ax_.get_ylim()
    assert low > high  # the first model on top
    model = linear.fit(calls.data, calls.target)
    display = ModelScoresDisplay.from_estimator(model, calls.data, calls.target)
    assert display.bars_[0][0].get_width() == model.score(calls.data, calls.target)


def test_colours_can_be_distinguished():
    """Neighbours differ in lightness or hue, also without red-green vision."""
    rgb = np.array([to_rgb(code) for code in COLOURS]) ** 2.2
    # Vienot, Brettel and Mollon's (1999) view of a deuteranope.
    seen = rgb @ np.array([[0.292, 0.708, 0], [0.292, 0.708, 0], [-0.022, 0.022, 1]]).T
    for some in (rgb, seen):
        distance = np.linalg.norm(some[:, None] - some[None], axis=2)
        assert distance[np.triu_indices(len(COLOURS), 1)].min() > 0.1
