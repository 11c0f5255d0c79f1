import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import (
    CNN1DClassifier,
    GroupedCalibrator,
    LogMelExtractor,
    MFCCStatistics,
    UnknownRejector,
    WindowClassifier,
    load_model,
    save_model,
)
from skaudio.datasets import make_animal_sounds

METHODS = ["kernel_discriminant", "energy", "max_probability", "knn"]
HEAD = make_pipeline(StandardScaler(), LogisticRegression())


def draw(random_state, n_groups=25, n_clips=4, n_classes=3, spread=0.7):
    """Clips of three classes in groups, as recordings have a sound of their own."""
    rng = np.random.RandomState(random_state)
    centres = 4 * np.eye(n_classes, 12)
    y = np.repeat(np.arange(n_classes), n_groups * n_clips)
    groups = np.repeat(np.arange(n_groups * n_classes), n_clips)
    of_groups = rng.normal(0, spread, (n_groups * n_classes, 12))
    X = centres[y] + of_groups[groups] + rng.normal(0, 1, (len(y), 12))
    return X, np.array(["bear", "cow", "frog"])[y], groups


def draw_unknown(random_state, n=200):
    rng = np.random.RandomState(random_state)
    return 4 * np.eye(12)[5] + rng.normal(0, 1.2, (n, 12))


@pytest.mark.parametrize("method", METHODS)
def test_unknown_clips_are_found_and_known_ones_kept(method):
    X, y, groups = draw(0)
    model = UnknownRejector(HEAD, method=method, random_state=0).fit(X, y, groups)
    new, truth, _ = draw(1)
    found = model.predict(new)
    assert (found == "unknown").mean() < 0.12
    known = found != "unknown"
    assert (found[known] == truth[known]).mean() > 0.9
    least = {"kernel_discriminant": 0.5, "energy": 0.4, "max_probability": 0.3}
    share = (model.predict(draw_unknown(0)) == "unknown").mean()
    assert share > least.get(method, 0.15)
    np.testing.assert_array_equal(
        model.predict_proba(new), model.estimator_.predict_proba(new)
    )


def test_clips_far_from_all_others_are_the_least_like_them():
    # The kernel is 0 there, as it is for a lone clip of the training set.
    X, y, groups = draw(0, n_groups=10)
    lone = np.random.RandomState(1).normal(0, 6, (4, 12))
    X, y = np.vstack([X, lone]), [*y, "bear", "bear", "cow", "frog"]
    model = UnknownRejector(HEAD, random_state=0).fit(X, y, [*groups, *range(90, 94)])
    far = 100 * np.random.RandomState(0).normal(size=(20, 12))
    np.testing.assert_allclose(model.p_values(far), 1 / (len(X) + 1))


def test_rejected_known_clips_average_alpha_under_groups():
    shares, alone = [], []
    for seed in range(12):
        X, y, groups = draw(seed, n_groups=12)
        new = draw(1000 + seed, n_groups=12)[0]
        model = UnknownRejector(HEAD, alpha=0.1, random_state=0)
        shares.append((model.fit(X, y, groups).p_values(new) < 0.1).mean())
        alone.append((model.fit(X, y).p_values(new) < 0.1).mean())
    assert 0.06 < np.mean(shares) < 0.13
    # Without groups held-back clips have siblings in training and look too familiar.
    assert np.mean(alone) > np.mean(shares) + 0.03


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers what it is fitted on, and what it predicts."""

    log = []

    def fit(self, X, y, groups=None):
        self.classes_ = np.unique(y)
        self.log.append((set(X[:, 0]), groups))
        self.place_ = len(self.log) - 1
        return self

    def predict_proba(self, X):
        if not self.log[self.place_][0] >= set(X[:, 0]):
            self.log.append(("scored", self.place_, set(X[:, 0])))
        return np.tile(1 / len(self.classes_), (len(X), len(self.classes_)))


def test_leak_held_back_clips_share_no_group_or_copy_with_training():
    _, y, groups = draw(0, n_groups=10)
    X = np.arange(len(y), dtype=float)[:, np.newaxis]
    X[1] = X[60]  # a copy in another class and group
    Recorder.log = []
    UnknownRejector(Recorder(), random_state=0).fit(X, y, groups)
    group_of = dict(zip(X[:, 0], groups, strict=True))
    scored = [entry for entry in Recorder.log if entry[0] == "scored"]
    assert len(scored) == 5
    assert set.union(*(values for *_, values in scored)) == set(X[:, 0])
    for _, place, values in scored:
        trained = Recorder.log[place][0]
        assert not trained & values
        assert not {group_of[v] for v in trained} & {group_of[v] for v in values}
    inner = [entry[1] for entry in Recorder.log if entry[0] != "scored"]
    assert all(groups is not None for groups in inner)


def test_order_of_rows_and_refit_change_nothing_that_matters():
    X, y, groups = draw(0, n_groups=8)
    first = UnknownRejector(HEAD, random_state=0).fit(X, y, groups)
    second = UnknownRejector(HEAD, random_state=0).fit(X, y, groups)
    np.testing.assert_array_equal(first.calibration_scores_, second.calibration_scores_)


def test_nan_rows_are_left_out_and_named():
    X, y, groups = draw(0, n_groups=8)
    whole = UnknownRejector(HEAD, random_state=0).fit(X, y, groups)
    X = np.vstack([X, np.full((2, 12), np.nan)])
    with pytest.warns(UserWarning, match="2 of 98 clips are NaN"):
        model = UnknownRejector(HEAD, random_state=0).fit(
            X, [*y, "cow", "frog"], [*groups, 90, 91]
        )
    np.testing.assert_array_equal(model.p_values(X[:96]), whole.p_values(X[:96]))
    for method in (model.p_values, model.predict_proba):
        found = method(X[94:])
        assert np.isnan(found[2:]).all() and not np.isnan(found[:2]).any()
    for method in (model.predict, model.prediction_sets):
        with pytest.raises(ValueError, match=r"2 of 4 rows .* rows \[2, 3\]"):
            method(X[94:])


def test_sets_hold_the_class_and_too_few_clips_are_named():
    X, y, groups = draw(0, n_groups=20)
    keep = (y != "cow") | (groups % 20 < 3)  # 12 clips of cows
    model = UnknownRejector(HEAD, random_state=0).fit(X[keep], y[keep], groups[keep])
    new, truth, _ = draw(1, n_groups=50)
    with pytest.warns(UserWarning, match=r"Fewer than 19 .* of cow \(12\): alpha=0.05"):
        sets = model.prediction_sets(new)
    place = np.searchsorted(model.classes_, truth)
    held = sets[np.arange(len(new)), place]
    assert 0.9 < held[truth != "cow"].mean() < 0.99
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        smaller = model.prediction_sets(new, alpha=0.1)
    others = model.classes_ != "cow"
    assert smaller[:, others].sum() < sets[:, others].sum()
    with pytest.raises(ValueError, match=r"alpha=1: expected a number between"):
        model.prediction_sets(new, alpha=1)


def test_alpha_is_read_by_predict():
    X, y, groups = draw(0)
    model = UnknownRejector(HEAD, random_state=0).fit(X, y, groups)
    p_values = model.p_values(X)
    for alpha in (0.02, 0.3):
        found = model.set_params(alpha=alpha).predict(X) == "unknown"
        np.testing.assert_array_equal(found, p_values < alpha)


def test_too_few_clips_reject_nothing_and_say_so():
    X, y, groups = draw(0, n_groups=2, n_clips=3)
    with pytest.warns(UserWarning, match="needs 19 clips .* there are 18"):
        model = UnknownRejector(HEAD, random_state=0).fit(X, y, groups)
    assert (model.predict(draw_unknown(0)) != "unknown").all()


def test_a_class_of_one_group_has_no_held_back_clips():
    X, y, groups = draw(0, n_groups=10)
    groups[y == "cow"] = 999
    model = UnknownRejector(HEAD, random_state=0).fit(X, y, groups)
    counts = [len(scores) for scores in model.class_scores_]
    assert counts == [40, 0, 40] and len(model.calibration_scores_) == 80
    with pytest.raises(ValueError, match="No class has two groups"):
        UnknownRejector(HEAD).fit(X, y, y)


def test_pipelines_from_waveforms_compute_features_once_per_clip():
    class Counted(MFCCStatistics):
        seen = 0

        def transform(self, X):
            Counted.seen += len(X)
            return super().transform(X)

    calls = make_animal_sounds(8, n_classes=3, random_state=0)
    steps = StandardScaler(), LogisticRegression()
    whole = UnknownRejector(make_pipeline(Counted(), *steps), random_state=0)
    whole.fit(calls.data, calls.target, calls.groups)
    assert Counted.seen == len(calls.data)
    X = MFCCStatistics().transform(calls.data)
    head = UnknownRejector(make_pipeline(*steps), random_state=0)
    head.fit(X, calls.target, calls.groups)
    new = make_animal_sounds(8, n_classes=5, random_state=1).data
    p_values = head.p_values(MFCCStatistics().transform(new))
    # Folds of equal recordings may differ.
    np.testing.assert_allclose(whole.p_values(new), p_values, atol=0.3)


def test_features_are_those_of_the_head_within_other_classifiers():
    rng = np.random.RandomState(0)
    y = np.repeat(["cat", "dog"], 12)
    pitch = np.where(y == "cat", 0.2, 0.6) + rng.normal(0, 0.02, 24)
    X = np.sin(pitch[:, np.newaxis] * np.arange(800)) + rng.normal(0, 0.1, (24, 800))
    mfcc = MFCCStatistics(sample_rate=1000, n_mels=8, n_mfcc=4, n_fft=64, hop_length=16)
    pipe = make_pipeline(mfcc, StandardScaler(), LogisticRegression())
    plain = UnknownRejector(pipe, random_state=0).fit(X, y).p_values(X)
    inside = UnknownRejector(GroupedCalibrator(pipe, cv=2), random_state=0)
    np.testing.assert_allclose(inside.fit(X, y).p_values(X), plain)
    windows = WindowClassifier(
        pipe, [0.1 * rng.normal(size=4000)], sample_rate=1000, random_state=0
    )
    hiss = rng.normal(size=(5, 800))
    windows = UnknownRejector(windows, random_state=0).fit(X, y)
    assert windows.estimator_.n_features_in_ == 800
    assert windows._nonconformity["rows"].shape[1] == mfcc.transform(X[:1]).shape[1]
    assert windows.predict_proba(hiss).shape == (5, 3)


def test_networks_and_saved_models(tmp_path):
    calls = make_animal_sounds(10, n_classes=3, random_state=0)
    net = make_pipeline(
        LogMelExtractor(n_mels=16, n_frames=40),
        CNN1DClassifier(max_epochs=3, early_stopping=False, random_state=0),
    )
    model = UnknownRejector(net, cv=2, random_state=0)
    model.fit(calls.data, calls.target, calls.groups)
    p_values = model.p_values(calls.data)
    assert len(np.unique(p_values)) > 3
    # It compares what the last layer of the network takes.
    assert model._nonconformity["rows"].shape == (30, 128)
    save_model(model, tmp_path / "model.skaudio")
    again = load_model(tmp_path / "model.skaudio")
    np.testing.assert_allclose(again.p_values(calls.data), p_values)


def test_errors_name_the_parameter():
    X, y, groups = draw(0, n_groups=5)
    with pytest.raises(ValueError, match="method='energy', but GaussianNB has no"):
        UnknownRejector(GaussianNB(), method="energy").fit(X, y, groups)
    with pytest.raises(ValueError, match="unknown_label=-1, and y holds labels such"):
        UnknownRejector(HEAD, unknown_label=-1).fit(X, y, groups)
    with pytest.raises(ValueError, match="expected one label per clip"):
        UnknownRejector(HEAD).fit(X, np.eye(3)[[0] * len(y)], groups)


def test_unknown_as_a_class_of_windows():
    """Within a model for recordings, unknown windows have a score of their own."""
    X, y, groups = draw(0)
    head = UnknownRejector(HEAD, as_class=True, random_state=0).fit(X, y, groups)
    plain = UnknownRejector(HEAD, random_state=0).fit(X, y, groups)
    assert head.classes_.tolist() == sorted([*plain.classes_, "unknown"])
    place = head.classes_.tolist().index("unknown")
    both = np.concatenate([draw(1)[0], draw_unknown(2)])
    p_values = head.p_values(both)
    np.testing.assert_array_equal(p_values, plain.p_values(both))
    probabilities = head.predict_proba(both)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(
        probabilities[:, place], np.where(p_values < 0.05, 1 - p_values, 0)
    )
    known = np.delete(probabilities, place, axis=1)
    is_known = p_values >= 0.05
    np.testing.assert_allclose(known[is_known], plain.predict_proba(both)[is_known])
    np.testing.assert_array_equal(head.predict(both), plain.predict(both))
    np.testing.assert_array_equal(
        head.classes_[probabilities.argmax(axis=1)], head.predict(both)
    )
    sets = head.prediction_sets(both, alpha=0.1)
    np.testing.assert_array_equal(sets, plain.prediction_sets(both, alpha=0.1))
    assert np.isnan(head.predict_proba(np.full((1, X.shape[1]), np.nan))).all()
