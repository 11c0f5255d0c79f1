import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from skaudio import CNN1DClassifier, MelEnsembleClassifier, StatisticsMelClassifier
from skaudio.displays import LearningCurvesDisplay
from skaudio.model_selection import cross_validated_report


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


def test_learning_curves_of_an_ensemble_are_medians_over_its_members(log_mels, calls):
    ensemble = MelEnsembleClassifier(
        [
            ("cnn", CNN1DClassifier(max_epochs=2, early_stopping=False)),
            ("dense", StatisticsMelClassifier(max_epochs=2, early_stopping=False)),
        ],
        random_state=0,
    ).fit(log_mels, calls.target)
    losses = [epoch["train_loss"] for epoch in ensemble.history_]
    medians = np.mean([losses[:2], losses[2:]], axis=0)
    line = LearningCurvesDisplay.from_estimator(ensemble).lines_["train_loss"]
    np.testing.assert_allclose(line.get_ydata(), medians)
    report = cross_validated_report(
        *(ensemble, log_mels, calls.target, calls.groups, 2), random_state=0
    )
    epochs = report.history.groupby("epoch")["train_loss"]
    assert epochs.size().tolist() == [4, 4]  # two folds of two members
    line = LearningCurvesDisplay.from_report(report).lines_["train_loss"]
    np.testing.assert_allclose(line.get_ydata(), epochs.median())
