import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.utils.extmath import softmax

from skaudio import MFCCStatistics, PrototypicalClassifier

OPTIONS = [
    {},
    {"metric": "euclidean"},
    {"standardize": False},
    {"metric": "euclidean", "standardize": False},
]
every_option = pytest.mark.parametrize("options", OPTIONS, ids=str)


def blobs(n, n_classes=4, n_features=20, spread=1.0, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(n_classes, n_features))
    names = np.array(["wolf", "elk", "a very long name of a bird", "bear", "ox"])
    codes = np.arange(n) % n_classes
    X = centres[codes] + spread * rng.normal(size=(n, n_features))
    return X.astype(np.float32), names[codes]


@every_option
@given(seed=st.integers(0, 2**32 - 1), n_first=st.integers(0, 40))
@settings(max_examples=20, deadline=None)
def test_fit_equals_any_split_into_partial_fits(options, seed, n_first):
    X, y = blobs(40, seed=seed)
    rows = np.random.default_rng(seed).permutation(40)
    whole = PrototypicalClassifier(**options).fit(X, y)
    parts = PrototypicalClassifier(**options)
    for some in (rows[:n_first], rows[n_first:]):
        if len(some):
            parts.partial_fit(X[some], y[some])
    np.testing.assert_array_equal(parts.classes_, whole.classes_)
    np.testing.assert_array_equal(parts.class_count_, whole.class_count_)
    np.testing.assert_allclose(
        parts.predict_proba(X), whole.predict_proba(X), atol=1e-8
    )


@every_option
def test_a_class_is_added_by_one_clip_and_found(options):
    X, y = blobs(60, spread=0.3)
    new = y == "elk"
    model = PrototypicalClassifier(**options).fit(X[~new], y[~new])
    before = dict(zip(model.classes_, model.prototypes_, strict=True))
    assert "elk" not in model.classes_
    first = np.flatnonzero(new)[:1]
    model.partial_fit(X[first], y[first])
    for label, prototype in zip(model.classes_, model.prototypes_, strict=True):
        if label in before:
            np.testing.assert_array_equal(prototype, before[label])
    assert model.classes_.tolist() == sorted({*y})
    assert (model.predict(X) == y).mean() > 0.95


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_a_class_of_few_clips_is_predicted_about_as_often_as_others(
    metric, monkeypatch
):
    def rate():
        n_predicted, n_true = 0, 0
        for seed in range(20):
            X, y = blobs(300, n_features=50, spread=4.0, seed=seed)
            rare = np.flatnonzero(y == "elk")[:2]
            rows = np.r_[np.flatnonzero(y != "elk")[:150], rare]
            model = PrototypicalClassifier(metric).fit(X[rows], y[rows])
            n_predicted += (model.predict(X[240:]) == "elk").sum()
            n_true += (y[240:] == "elk").sum()
        return n_predicted / n_true

    with_correction = rate()
    monkeypatch.setattr("skaudio.classifiers._prototypical._ALLOWED", 0)
    assert 1.2 * rate() < with_correction < 1


def test_fit_discards_earlier_classes():
    X, y = blobs(40)
    model = PrototypicalClassifier().fit(X, y)
    model.fit(X[y != "elk"][:, :7], y[y != "elk"])
    assert "elk" not in model.classes_ and model.n_features_in_ == 7


def test_the_plain_form_is_the_nearest_class_mean():
    X, y = blobs(50, spread=2.0)
    model = PrototypicalClassifier("euclidean", standardize=False, temperature=2.0)
    model.fit(X, y)
    centroids = NearestCentroid().fit(X.astype(float), y)
    np.testing.assert_array_equal(model.predict(X), centroids.predict(X))
    squares = ((X[:, None].astype(float) - centroids.centroids_) ** 2).sum(axis=2)
    np.testing.assert_allclose(model.predict_proba(X), softmax(-squares / 2))


def test_invariance_to_units_and_loudness():
    X, y = blobs(60)
    plain = PrototypicalClassifier("euclidean").fit(X, y)
    other = PrototypicalClassifier("euclidean").fit(1000 * X + 5, y)
    np.testing.assert_allclose(
        other.predict_proba(1000 * X + 5), plain.predict_proba(X), atol=1e-3
    )
    # Features in very different units all contribute.
    units = np.logspace(-3, 3, X.shape[1])
    odd = PrototypicalClassifier("euclidean").fit(X * units, y)
    raw = PrototypicalClassifier("euclidean", standardize=False).fit(X * units, y)
    assert odd.score(X * units, y) > raw.score(X * units, y)
    loudness = np.random.default_rng(0).uniform(0.1, 10, (60, 1))
    cosine = PrototypicalClassifier().fit(X, y)
    np.testing.assert_allclose(
        PrototypicalClassifier().fit(X * loudness, y).predict_proba(7 * X),
        cosine.predict_proba(X),
        atol=1e-4,
    )


@every_option
@pytest.mark.parametrize("n_shots", [1, 2, 20])
def test_probabilities_are_informative_from_one_shot(options, n_shots):
    X, y = blobs(400, spread=1.5)
    X, y, more_X, more_y = X[: 4 * n_shots], y[: 4 * n_shots], X[200:], y[200:]
    model = PrototypicalClassifier(**options).fit(X, y)
    proba = model.predict_proba(more_X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    # Better than uniform probabilities, by a loss that penalises overconfidence.
    assert log_loss(more_y, proba, labels=model.classes_) < np.log(4)


@every_option
def test_one_row_one_class_equal_rows_and_silence(options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = PrototypicalClassifier(**options).fit([[1.0, 2.0]], ["owl"])
        assert one.predict([[5.0, 5.0]]).tolist() == ["owl"]
        equal = PrototypicalClassifier(**options).fit(np.zeros((4, 3)), list("aabb"))
        assert np.allclose(equal.predict_proba(np.zeros((1, 3))), 0.5)


def test_label_types_are_kept():
    X, y = blobs(40)
    codes = np.unique(y, return_inverse=True)[1] * 5 - 3
    for labels in (y, y.astype(object), codes):
        model = PrototypicalClassifier().fit(X, labels)
        assert set(model.predict(X).tolist()) <= set(labels.tolist())
    model = PrototypicalClassifier().fit(X, y)
    with pytest.raises(ValueError, match=r"labels 7.*are numbers.*are text"):
        model.partial_fit(X[:1], [7])
    with pytest.raises(ValueError, match=r"'yak'.*not among classes="):
        model.partial_fit(X[:1], ["yak"], classes=["ox", "elk"])


def test_unreadable_clips():
    X, y = blobs(40)
    X[[3, 5]] = np.nan
    with pytest.warns(UserWarning, match=r"2 of 40 .*rows \[3, 5\]"):
        model = PrototypicalClassifier().fit(X, y)
    there = ~np.isnan(X).any(axis=1)
    alone = PrototypicalClassifier().fit(X[there], y[there])
    np.testing.assert_array_equal(model.prototypes_, alone.prototypes_)
    assert np.isnan(model.predict_proba(X)).any(axis=1).tolist() == (~there).tolist()
    with pytest.raises(ValueError, match=r"NaN.*rows \[3, 5\]"):
        model.predict(X)
    with pytest.raises(ValueError, match="All 2 rows are NaN"):
        model.fit(X[~there], y[~there])
    X[3, 0] = 1
    with pytest.raises(ValueError, match="NaN"):
        model.fit(X, y)


@pytest.mark.parametrize(
    "head",
    [PrototypicalClassifier(), make_pipeline(LogisticRegression(max_iter=1000))],
    ids=["prototypes", "logistic"],
)
def test_self_training_over_embeddings(head, calls):
    X = MFCCStatistics(n_mels=32).transform(calls.data)
    y = calls.target.astype(object)
    unlabelled = np.arange(len(y)) % 12 >= 2
    y[unlabelled] = -1
    model = SelfTrainingClassifier(head, threshold=0.6).fit(X, y)
    assert set(model.classes_) == set(calls.target_names)
    assert (model.transduction_ != -1).sum() > (~unlabelled).sum()
    # Given labels are kept, and predicted ones are mostly correct.
    np.testing.assert_array_equal(
        model.transduction_[~unlabelled], calls.target[~unlabelled]
    )
    predicted = unlabelled & (model.transduction_ != -1)
    assert (model.transduction_ == calls.target)[predicted].mean() > 0.6
