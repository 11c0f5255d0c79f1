import json
import zipfile

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import (
    CNN1DClassifier,
    GroupedCalibrator,
    UnknownRejector,
    load_model,
    save_model,
)
from skaudio.metrics import reliability_curve


def draw(random_state, n_groups=20, n_clips=4):
    """Clips of three classes, those of a recording alike."""
    rng = np.random.RandomState(random_state)
    y = np.repeat(np.arange(3), n_groups * n_clips)
    groups = np.repeat(np.arange(3 * n_groups), n_clips)
    of_groups = rng.normal(0, 1, (3 * n_groups, 30))
    X = 1.5 * np.eye(3, 30)[y] + of_groups[groups] + rng.normal(0, 0.1, (len(y), 30))
    return X, np.array(["bear", "cow", "frog"])[y], groups


def error(model, X, y):
    probabilities = model.predict_proba(X)
    correct = model.classes_[probabilities.argmax(axis=1)] == y
    return reliability_curve(correct, probabilities.max(axis=1))[1]


@pytest.mark.parametrize(("C", "too_low"), [(0.001, True), (100.0, False)])
def test_confidence_comes_near_accuracy(C, too_low):
    X, y, groups = draw(0)
    new, truth, _ = draw(1, n_groups=100)
    head = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=1000))
    model = GroupedCalibrator(head, random_state=0).fit(X, y, groups)
    plain = head.fit(X, y)
    assert (model.temperature_ < 1) == too_low
    assert error(model, new, truth) < 0.6 * error(plain, new, truth)
    before = log_loss(truth, plain.predict_proba(new))
    assert log_loss(truth, model.predict_proba(new)) < before
    np.testing.assert_array_equal(model.predict(new), plain.predict(new))
    assert model.n_calibration_ == len(X)


def test_leak_without_groups_clips_of_a_recording_calibrate_each_other():
    X, y, groups = draw(0)
    new, truth, _ = draw(1, n_groups=100)
    head = LogisticRegression(C=100, max_iter=1000)
    grouped = GroupedCalibrator(head, random_state=0).fit(X, y, groups)
    alone = GroupedCalibrator(head, random_state=0).fit(X, y)
    assert grouped.temperature_ > 2 * alone.temperature_
    assert error(grouped, new, truth) < error(alone, new, truth)


class Certain(ClassifierMixin, BaseEstimator):
    """Gives the class of column 0, with a fixed probability."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        likes = np.full((len(X), len(self.classes_)), 0.1)
        likes[np.arange(len(X)), X[:, 0].astype(int) % len(self.classes_)] = 0.9
        return likes / likes.sum(axis=1, keepdims=True)


def test_temperature_by_hand():
    # Two classes, 0.9 for the predicted one, which is right for 60 clips and wrong for
    # 20 and the one that is added: log(0.9 / 0.1) / T = log(60 / 21).
    predicted = np.tile([0, 0, 1, 1], 20)
    y = np.where(np.arange(80) % 8 < 2, 1 - predicted, predicted)
    X = np.column_stack([predicted, np.arange(80)])
    model = GroupedCalibrator(Certain(), random_state=0).fit(X, y)
    assert model.temperature_ == pytest.approx(np.log(9) / np.log(60 / 21), abs=1e-3)
    assert model.predict_proba(X[:1])[0, 0] == pytest.approx(60 / 81, abs=1e-3)
    # Where all are right, the probability is not 1.
    model = GroupedCalibrator(Certain(), random_state=0).fit(X, predicted)
    assert model.predict_proba(X[:1])[0, 0] == pytest.approx(80 / 81, abs=1e-3)


def test_a_class_of_one_group_and_rows_of_nan():
    X, y, groups = draw(0, n_groups=8)
    groups[y == "cow"] = 999
    X[0] = np.nan
    head = make_pipeline(StandardScaler(), LogisticRegression())
    with pytest.warns(UserWarning, match="1 of 96 clips are NaN"):
        model = GroupedCalibrator(head, random_state=0).fit(X, y, groups)
    assert model.n_calibration_ == 63
    probabilities = model.predict_proba(X[:3])
    assert np.isnan(probabilities[0]).all()
    np.testing.assert_allclose(probabilities[1:].sum(axis=1), 1)
    with pytest.raises(ValueError, match=r"rows \[0\]"):
        model.predict(X[:3])


def test_groups_reach_it_as_the_last_step_and_its_own_last_step(tmp_path):
    X, y, groups = draw(0, n_groups=8)
    head = LogisticRegression(C=100, max_iter=1000)
    alone = GroupedCalibrator(head, random_state=0).fit(X, y, groups)
    pipe = make_pipeline("passthrough", GroupedCalibrator(head, random_state=0))
    pipe.fit(X, y, groupedcalibrator__groups=groups)
    np.testing.assert_array_equal(pipe.predict_proba(X), alone.predict_proba(X))
    both = UnknownRejector(pipe, cv=3, random_state=0).fit(X, y, groups)
    assert both.estimator_[-1].temperature_ == alone.temperature_
    save_model(pipe, tmp_path / "calibrated.skaudio")
    with zipfile.ZipFile(tmp_path / "calibrated.skaudio") as file:
        (name,) = [name for name in file.namelist() if name.endswith("model.json")]
        facts = json.loads(file.read(name))["calibration"]
    assert facts == alone.calibration_
    save_model(both, tmp_path / "model.skaudio")
    again = load_model(tmp_path / "model.skaudio")
    np.testing.assert_array_equal(again.predict_proba(X), both.predict_proba(X))
    np.testing.assert_array_equal(again.p_values(X), both.p_values(X))


def test_noisy_views_train_and_are_not_held_back():
    rng = np.random.RandomState(0)
    y = np.repeat(["cat", "dog"], 10)
    X = rng.normal(0, 0.3, (20, 2, 8, 40)).astype(np.float32)
    X[y == "dog", :, 4:] += 1
    spoilt = X.copy()
    spoilt[:, 1] = np.float32(1e4) * rng.normal(size=X[:, 1].shape)
    seen = []

    class Net(CNN1DClassifier):
        def predict_proba(self, X):
            seen.append(X.shape)
            return super().predict_proba(X)

    net = Net(max_epochs=1, early_stopping=False, random_state=0)
    GroupedCalibrator(net, cv=2, random_state=0).fit(spoilt, y)
    assert seen == [(10, 8, 40)] * 2
