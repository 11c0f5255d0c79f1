import sys
from itertools import pairwise

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.colors import to_rgb
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import (
    CalibratedNoiseMixer,
    CNN1DClassifier,
    EnhancedCNN1DClassifier,
    LogMelExtractor,
    MFCCStatistics,
    PrototypicalClassifier,
    SpecAugmenter,
)
from skaudio._utils.plotting import COLOURS
from skaudio.displays import (
    ClassScoresDisplay,
    FewShotCurveDisplay,
    LearningCurvesDisplay,
    LogMelDisplay,
    ModelScoresDisplay,
    NoiseRobustnessDisplay,
    ReliabilityDisplay,
)
from skaudio.metrics import reliability_curve
from skaudio.model_selection import ablate, cross_validated_report
from skaudio.reports import report_on

CLASSES = np.array(["Bear", "Cat", "Cow"])


@pytest.fixture(autouse=True)
def pictures():
    matplotlib.use("Agg")
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(0)
    y = rng.choice(CLASSES, 60, p=[0.6, 0.3, 0.1])
    return y, {
        name: np.where(rng.random(60) < right, y, rng.choice(CLASSES, 60))
        for name, right in {"one": 0.5, "other": 0.8, "third": 0.6}.items()
    }


@pytest.fixture(scope="module")
def linear():
    return make_pipeline(
        MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression()
    )


@pytest.fixture(scope="module")
def net_report(calls):
    net = make_pipeline(
        LogMelExtractor(n_mels=16, n_frames=130), CNN1DClassifier(max_epochs=3)
    )
    return cross_validated_report(
        net, calls.data, calls.target, calls.groups, cv=3, random_state=0, name="net"
    )


@pytest.mark.parametrize(
    "score, metric",
    [("precision", precision_score), ("recall", recall_score), ("f1", f1_score)],
)
def test_class_bars_are_the_scores(answers, score, metric):
    y, predicted = answers
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


def test_model_bars_of_predictions_and_estimators(answers, calls, linear):
    y, predicted = answers
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


def test_learning_curves_are_medians_over_fits(net_report, calls):
    display = LearningCurvesDisplay.from_report(net_report)
    epochs = net_report.history.groupby("epoch")
    for column in ("train_loss", "valid_loss"):
        line = display.lines_[column]
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])
        np.testing.assert_allclose(line.get_ydata(), epochs[column].median())
    band = display.ax_.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(epochs["train_loss"].max().max())
    display = LearningCurvesDisplay.from_report(net_report, score="accuracy")
    line = display.lines_["valid_accuracy"]
    np.testing.assert_allclose(line.get_ydata(), epochs["valid_accuracy"].median())


def test_learning_curves_end_where_most_fits_have_stopped():
    lengths = [2, 3, 3, 5]
    history = pd.DataFrame(
        [
            {"repeat": 0, "fold": fold, "epoch": epoch, "train_loss": 9.0 - epoch}
            for fold, length in enumerate(lengths)
            for epoch in range(1, length + 1)
        ]
    )
    display = LearningCurvesDisplay(history).plot()
    assert display.lines_["train_loss"].get_xdata().tolist() == [1, 2, 3]
    assert list(display.lines_) == ["train_loss"]
    with pytest.raises(ValueError, match=r"has no accuracy.*early_stopping=True"):
        display.plot(score="accuracy")


def test_learning_curves_of_one_fit(log_mels, calls):
    net = CNN1DClassifier(max_epochs=2, early_stopping=False, random_state=0)
    net = net.fit(log_mels, calls.target)
    display = LearningCurvesDisplay.from_estimator(net)
    losses = [epoch["train_loss"] for epoch in net.history_]
    assert display.lines_["train_loss"].get_ydata().tolist() == losses
    with pytest.raises(ValueError, match="LogisticRegression has no history_"):
        LearningCurvesDisplay.from_estimator(LogisticRegression())


def test_calibration_error_by_hand():
    # Two bins: (0, 0.5] holds 0.4 and 0.5 (one right), (0.5, 1] 0.6, 0.8, 1 (two).
    bins, error = reliability_curve(
        [True, False, True, False, True], [0.4, 0.5, 0.6, 0.8, 1.0], n_bins=2
    )
    assert bins["n"].tolist() == [2, 3]
    np.testing.assert_allclose(bins["confidence"], [0.45, 0.8])
    np.testing.assert_allclose(bins["accuracy"], [0.5, 2 / 3])
    assert error == pytest.approx(0.4 * 0.05 + 0.6 * (0.8 - 2 / 3))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=40),
    st.integers(1, 20),
)
def test_calibration_error_is_the_weighted_distance(pairs, n_bins):
    correct, confidence = map(np.array, zip(*pairs, strict=True))
    bins, error = reliability_curve(correct, confidence, n_bins=n_bins)
    assert bins["n"].sum() == len(pairs)
    total = 0.0
    for n in range(n_bins):
        edges = np.linspace(0, 1, n_bins + 1)
        inside = (confidence > edges[n]) & (confidence <= edges[n + 1])
        inside |= (confidence == 0) & (n == 0)
        total += abs(correct[inside].sum() - confidence[inside].sum())
    assert error == pytest.approx(total / len(pairs), abs=1e-9)
    assert 0 <= error <= 1


def test_reliability_diagram(net_report):
    display = ReliabilityDisplay.from_report(net_report, n_bins=5)
    table = net_report.predictions
    sure = table[[f"probability_{label}" for label in net_report.classes]].max(axis=1)
    bins, error = reliability_curve(table["true"] == table["predicted"], sure, n_bins=5)
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
    sure = model.predict_proba(X[:5]).max(axis=1)
    _, expected = reliability_curve(model.predict(X[:5]) == y[:5], sure)
    assert display.error == expected
    with pytest.raises(ValueError, match=r"y_prob of shape \(5, 3\).*pass classes="):
        ReliabilityDisplay.from_predictions(y[:5], model.predict_proba(X[:5]))
    with pytest.raises(ValueError, match="n_bins=0"):
        ReliabilityDisplay.from_estimator(model, X, y, n_bins=0)
    with pytest.raises(ValueError, match="without NaN"):
        ReliabilityDisplay.from_predictions(CLASSES, np.full((3, 3), np.nan))
    guess = DummyClassifier()
    report = cross_validated_report(guess, X, y, calls.groups, cv=2)
    report.predictions = report.predictions.drop(columns="probability_cat")
    with pytest.raises(ValueError, match="gives no probabilities"):
        ReliabilityDisplay.from_report(report)


def test_noise_lines_are_the_tables():
    table = pd.DataFrame(
        {
            "snr_db": [np.inf, 20.0, 0.0],
            "accuracy": [0.9, 0.7, 0.2],
            "accuracy_low": [0.8, 0.6, 0.1],
            "accuracy_high": [0.95, 0.8, 0.3],
        }
    )
    other = table.assign(accuracy=[0.5, 0.4, 0.3])
    display = NoiseRobustnessDisplay({"a": table, "b": other}).plot()
    for name, expected in {"a": table, "b": other}.items():
        line = display.lines_[name]
        np.testing.assert_array_equal(line.get_ydata(), expected["accuracy"])
    # Noisier to the right, what is clean on the far left.
    ticks = display.ax_.get_xticks()
    at = [display.ax_.transData.transform((tick, 0))[0] for tick in ticks]
    assert at == sorted(at)
    names = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert names == ["clean", "20", "0"]
    with pytest.raises(
        ValueError, match="score='macro_f1': expected one of 'accuracy'"
    ):
        display.plot(score="macro_f1")


def test_log_mel_axes_are_seconds_and_hertz():
    """The picture of a tone is where the axes say that it is."""
    time = np.arange(32000) / 16000
    beep = np.sin(2 * np.pi * 2000 * time) * ((time > 1.0) & (time < 1.2))
    for htk in (False, True):
        extractor = LogMelExtractor(n_mels=64, n_frames=200, htk=htk)
        display = LogMelDisplay(extractor.transform([beep]), extractor).plot()
        (image,) = display.ax_.get_images()
        picture = image.get_array()
        # Of 6.4 s, 2 are sound.
        assert picture.shape == (64, 63)
        band, frame = np.unravel_index(picture.argmax(), picture.shape)
        left, right, _, _ = image.get_extent()
        at = left + (frame + 0.5) * (right - left) / 63
        assert 1.0 <= at <= 1.2
        ticks = [text.get_text() for text in display.ax_.get_yticklabels()]
        place = display.ax_.get_yticks()[ticks.index("2000")]
        assert abs(place - band) < 1


def test_log_mel_views_are_those_of_training(calls):
    mixer = CalibratedNoiseMixer(calls.noise, snr_db=(0, 0))
    pipe = make_pipeline(
        mixer,
        LogMelExtractor(n_mels=32, n_frames=130),
        EnhancedCNN1DClassifier(augment=SpecAugmenter()),
    )
    display = LogMelDisplay.from_estimator(
        pipe, calls.data[:2], calls.target[:2], random_state=0, names=["a", "b"]
    )
    assert display.axes_.shape == (2, 3)
    titles = [panel.get_title() for panel in display.axes_[0]]
    assert titles == ["clip", "view 1", "view 1, augmented"]
    assert display.axes_[1, 0].get_ylabel().startswith("b")
    clean, noisy, masked = (panel.get_images()[0] for panel in display.axes_[0])
    expected = LogMelExtractor(n_mels=32, n_frames=130).transform(calls.data[:1])[0]
    n_frames = clean.get_array().shape[1]
    np.testing.assert_array_equal(clean.get_array(), expected[:, :n_frames])
    assert not expected[:, n_frames:].any()
    assert np.abs(noisy.get_array() - clean.get_array()).max() > 0.5
    hidden = masked.get_array() != noisy.get_array()
    assert hidden.any() and (masked.get_array()[hidden] == 0).all()
    assert clean.get_clim() == noisy.get_clim() == masked.get_clim()
    again = LogMelDisplay.from_estimator(
        pipe, calls.data[:2], calls.target[:2], random_state=0
    )
    np.testing.assert_array_equal(again.pictures, display.pictures)
    assert mixer.random_state is None


def test_log_mel_takes_axes_and_tells_what_does_not_fit():
    pictures = np.random.default_rng(0).normal(size=(2, 16, 30))
    _, axes = pyplot.subplots(2, 1)
    display = LogMelDisplay(pictures).plot(axes)
    assert display.axes_[1, 0] is axes[1] and display.ax_ is axes[0]
    with pytest.raises(ValueError, match="2 axes: expected 4, one for each of 4 clips"):
        LogMelDisplay(np.concatenate([pictures, pictures])).plot(axes)
    with pytest.raises(ValueError, match=r"pictures of shape \(16, 30\)"):
        LogMelDisplay(pictures[0]).plot()
    with pytest.raises(ValueError, match="has no LogMelExtractor"):
        LogMelDisplay.from_estimator(LogisticRegression(), pictures)


def test_confusion_is_drawn_as_counted(net_report):
    counts = net_report.confusion.to_numpy()
    display = net_report.plot_confusion()
    np.testing.assert_array_equal(display.im_.get_array(), counts)
    texts = [text.get_text() for text in display.text_.ravel()]
    assert texts == [str(n) if n else "" for n in counts.ravel()]
    shares = net_report.plot_confusion(normalize=True).im_.get_array()
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    _, ax = pyplot.subplots()
    display = net_report.plot_confusion(ax, include_values=False, cmap="Greens")
    assert display.ax_ is ax


def test_without_matplotlib_reports_work_and_plots_say_what_to_install(
    monkeypatch, net_report
):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert "accuracy" in str(net_report)
    for plot in (net_report.plot_confusion, LogMelDisplay(np.ones((1, 8, 9))).plot):
        with pytest.raises(ImportError, match=r"pip install 'skaudio\[plots\]'"):
            plot()


def test_colours_can_be_told_apart():
    """Neighbours differ in lightness or hue, also without red-green vision."""
    rgb = np.array([to_rgb(code) for code in COLOURS]) ** 2.2
    # Vienot, Brettel and Mollon's (1999) view of a deuteranope.
    seen = rgb @ np.array([[0.292, 0.708, 0], [0.292, 0.708, 0], [-0.022, 0.022, 1]]).T
    for some in (rgb, seen):
        distance = np.linalg.norm(some[:, None] - some[None], axis=2)
        assert distance[np.triu_indices(len(COLOURS), 1)].min() > 0.1


def test_shot_curves_of_models_side_by_side(calls):
    X = MFCCStatistics(n_mels=32).transform(calls.data)
    models = {"guess": LogisticRegression(C=1e-6), "own": PrototypicalClassifier()}
    options = dict(n_shots=(1, 4), n_repeats=3, score="macro_f1")
    display = FewShotCurveDisplay.from_estimator(
        models, X, calls.target, calls.groups, **options
    )
    assert [*display.lines_] == [*models]
    for name, line in display.lines_.items():
        np.testing.assert_array_equal(
            line.get_ydata(), display.tables[name]["macro_f1"]
        )
        # Beside their place, so that all can be seen.
        places = line.get_xdata(orig=False)
        np.testing.assert_allclose(places, [1, 4], rtol=0.03)
    assert display.ax_.get_legend().get_title().get_text().endswith("of 3 draws")
    assert display.ax_.get_ylabel() == "Macro F1"
    with pytest.raises(ValueError, match="score='loss'"):
        display.plot(score="loss")
    ax = pyplot.figure().subplots()
    assert display.plot(ax).figure_ is ax.figure
