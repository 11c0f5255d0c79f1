import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from skaudio import GroupedLogisticRegressionCV, PrototypicalClassifier
from skaudio.model_selection import fit_with_groups


def takes(n_groups=24, n_takes=3, n_features=40, n_classes=3, noise=1.0, seed=0):
    """Takes of one source differ little; sources of one class differ much."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), n_takes)
    labels = np.array(["ape", "bat", "cat", "dog"])[:n_classes]
    y = labels[groups % n_classes]
    means = rng.standard_normal((n_classes, n_features))[groups % n_classes]
    sources = 3 * rng.standard_normal((n_groups, n_features))[groups]
    X = means + sources + 0.3 * noise * rng.standard_normal((len(y), n_features))
    return StandardScaler().fit_transform(X), y, groups


def reference(C):
    return LogisticRegression(C=C, class_weight="balanced", max_iter=5000, tol=1e-7)


@pytest.mark.parametrize("n_features", [5, 40, 300])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_the_final_fit_is_scikit_learns(n_features, n_classes):
    X, y, groups = takes(n_features=n_features, n_classes=n_classes)
    X += 2.0  # the intercept matters
    head = GroupedLogisticRegressionCV().fit(X, y, groups=groups)
    expected = reference(head.C_).fit(X, y)
    np.testing.assert_allclose(
        head.predict_proba(X), expected.predict_proba(X), atol=2e-3
    )
    np.testing.assert_allclose(
        head.decision_function(X), expected.decision_function(X), atol=0.02
    )
    np.testing.assert_array_equal(head.predict(X), expected.predict(X))
    assert head.coef_.shape == expected.coef_.shape
    assert head.intercept_.shape == expected.intercept_.shape


@pytest.mark.parametrize("n_classes", [2, 3])
def test_losses_are_those_of_a_plain_grouped_cross_validation(n_classes):
    X, y, groups = takes(n_features=60, n_classes=n_classes)
    rows = np.r_[: len(y) - 7, len(y) - 4]  # uneven classes and groups
    X, y, groups = X[rows], y[rows], groups[rows]
    sample_weight = np.linspace(0.5, 2, len(y))
    head = GroupedLogisticRegressionCV().fit(X, y, sample_weight, groups=groups)
    weights = sample_weight * compute_sample_weight("balanced", y)
    numbers = pd.factorize(groups)[0]
    expected = []
    for C in head.Cs:
        losses = []
        for train, test in StratifiedGroupKFold(5).split(X, y, numbers):
            model = LogisticRegression(C=C, max_iter=5000, tol=1e-7)
            model.fit(X[train], y[train], weights[train])
            probabilities = model.predict_proba(X[test])
            own = {"sample_weight": weights[test], "labels": model.classes_}
            losses.append(log_loss(y[test], probabilities, normalize=False, **own))
        expected.append(sum(losses) / weights.sum())
    np.testing.assert_allclose(head.log_loss_, expected, rtol=2e-3)
    assert head.C_ == head.Cs[np.argmin(expected)]


def test_groups_lead_to_a_stronger_penalty():
    X, y, groups = takes()
    grouped = GroupedLogisticRegressionCV().fit(X, y, groups=groups)
    plain = GroupedLogisticRegressionCV().fit(X, y)
    assert grouped.C_ < plain.C_ and grouped.log_loss_.min() > plain.log_loss_.min()


def test_copies_stay_together_without_groups():
    X, y, groups = takes(noise=0.0)
    grouped = GroupedLogisticRegressionCV().fit(X, y, groups=groups)
    plain = GroupedLogisticRegressionCV().fit(X, y)
    np.testing.assert_array_equal(plain.log_loss_, grouped.log_loss_)


def test_nothing_is_random_and_last_digits_change_no_fold():
    X, y, groups = takes()
    head = GroupedLogisticRegressionCV().fit(X, y, groups=groups)
    again = GroupedLogisticRegressionCV().fit(X, y, groups=groups)
    np.testing.assert_array_equal(head.predict_proba(X), again.predict_proba(X))
    X *= 1 + 1e-7 * np.random.default_rng(0).standard_normal(X.shape)
    near = GroupedLogisticRegressionCV().fit(X, y, groups=groups)
    assert near.C_ == head.C_
    np.testing.assert_allclose(near.log_loss_, head.log_loss_, rtol=1e-3)


def test_a_class_of_one_group_has_no_say_but_trains():
    X, y, groups = takes()
    alone = np.flatnonzero(y == "cat")[:3]
    rows = np.r_[np.flatnonzero(y != "cat"), alone]
    head = GroupedLogisticRegressionCV().fit(X[rows], y[rows], groups=groups[rows])
    assert head.classes_.tolist() == ["ape", "bat", "cat"]
    assert np.isfinite(head.log_loss_).all()
    assert set(head.predict(X[alone])) == {"cat"}
    # Held out, its clips have no probability in any fold: other labels, same losses.
    known = ["ape", "bat"]
    weights = compute_sample_weight("balanced", y[rows])
    numbers = pd.factorize(groups[rows])[0]
    loss = total = 0.0
    for train, test in StratifiedGroupKFold(5).split(rows, y[rows], numbers):
        test = test[np.isin(y[rows][test], y[rows][train])]
        model = LogisticRegression(C=head.Cs[2], max_iter=5000, tol=1e-7)
        model.fit(X[rows][train], y[rows][train], weights[train])
        loss += log_loss(
            y[rows][test],
            model.predict_proba(X[rows][test]),
            normalize=False,
            sample_weight=weights[test],
            labels=model.classes_,
        )
        total += weights[test].sum()
        assert set(known) <= set(y[rows][train])
    np.testing.assert_allclose(head.log_loss_[2], loss / total, rtol=2e-3)


@pytest.mark.parametrize("groups", [None, "by class"])
def test_where_nothing_can_be_held_out_a_common_penalty_is_taken(groups):
    X, y, _ = takes()
    rows = [0, 3, 6] if groups is None else slice(None)
    groups = None if groups is None else np.unique(y, return_inverse=True)[1]
    X, y = X[rows], y[rows]
    with pytest.warns(UserWarning, match=r"no class has two groups.*C=0\.01 is taken"):
        head = GroupedLogisticRegressionCV().fit(X, y, groups=groups)
    assert head.C_ == 0.01 and np.isnan(head.log_loss_).all()
    np.testing.assert_array_equal(head.predict(X), y)
    with pytest.warns(UserWarning, match=r"C=0\.3 is taken"):
        GroupedLogisticRegressionCV(Cs=(3, 0.3)).fit(X, y, groups=groups)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=12
    ).filter(lambda rows: len({label for label, _ in rows}) > 1),
    st.integers(1, 20),
)
def test_no_set_of_clips_loses_the_fit(rows, n_features):
    y, groups = np.array(rows).T
    X = np.random.default_rng(0).standard_normal((len(y), n_features))
    with warnings.catch_warnings():
        warnings.filterwarnings("error")
        warnings.filterwarnings("ignore", "C cannot be chosen")
        head = GroupedLogisticRegressionCV().fit(X, y, groups=groups)
    assert head.C_ in head.Cs
    np.testing.assert_allclose(head.predict_proba(X).sum(axis=1), 1)


def test_constant_and_repeated_features_are_no_harm():
    X, y, groups = takes(n_features=6)
    wide = np.hstack([X, X, np.zeros((len(X), 200))])
    head = GroupedLogisticRegressionCV().fit(wide, y, groups=groups)
    np.testing.assert_allclose(
        head.predict_proba(wide),
        reference(head.C_).fit(wide, y).predict_proba(wide),
        atol=2e-3,
    )
    same = GroupedLogisticRegressionCV().fit(np.zeros_like(X), y, groups=groups)
    np.testing.assert_allclose(same.predict_proba(X), 1 / 3, atol=1e-3)


def test_unreadable_clips_are_left_out():
    X, y, groups = takes()
    expected = GroupedLogisticRegressionCV().fit(X[2:], y[2:], groups=groups[2:])
    X[:2] = np.nan
    with pytest.warns(UserWarning, match=r"2 of 72 clips are NaN.*rows \[0, 1\]"):
        head = GroupedLogisticRegressionCV().fit(X, y, groups=groups)
    np.testing.assert_array_equal(head.log_loss_, expected.log_loss_)
    probabilities = head.predict_proba(X)
    assert np.isnan(probabilities[:2]).all() and np.isfinite(probabilities[2:]).all()
    with pytest.raises(ValueError, match=r"Cannot predict 2 of 72.*\[0, 1\]"):
        head.predict(X)


def test_bad_values_are_named():
    X, y, groups = takes()
    for Cs in ((), (0.1, 0), (-1.0, 1.0)):
        with pytest.raises(ValueError, match=r"Cs=.*: expected numbers above 0"):
            GroupedLogisticRegressionCV(Cs=Cs).fit(X, y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        GroupedLogisticRegressionCV().fit(X, y, groups=groups[:-1])
    with pytest.raises(ValueError, match=r"only one class: \['ape'\]"):
        GroupedLogisticRegressionCV().fit(X, np.full(len(y), "ape"))
    one = GroupedLogisticRegressionCV(Cs=[0.2]).fit(X, y)
    assert one.C_ == 0.2 and np.isnan(one.log_loss_).all()


@pytest.mark.parametrize("routing", [False, True])
def test_groups_reach_the_folds_in_a_pipeline(routing):
    X, y, groups = takes()
    expected = GroupedLogisticRegressionCV().fit(X, y, groups=groups)
    pipe = make_pipeline(StandardScaler(), GroupedLogisticRegressionCV())
    with config_context(enable_metadata_routing=routing):
        name = "groups" if routing else "groupedlogisticregressioncv__groups"
        pipe.fit(X, y, **{name: groups})
        np.testing.assert_allclose(pipe[-1].log_loss_, expected.log_loss_, rtol=1e-3)
        if not routing:
            fit_with_groups(pipe, X, y, groups)
            np.testing.assert_allclose(
                pipe[-1].log_loss_, expected.log_loss_, rtol=1e-3
            )


@pytest.fixture(scope="module")
def several():
    """Clips in which several animals may call: an indicator matrix."""
    X, y, groups = takes()
    rng = np.random.default_rng(1)
    Y = (y[:, None] == np.unique(y)).astype(int)
    Y |= rng.random(Y.shape) < 0.2
    Y[:3] = 0  # none calls
    return X, Y, groups


HEADS = [
    GroupedLogisticRegressionCV(),
    LogisticRegression(C=0.01, class_weight="balanced", max_iter=1000),
    PrototypicalClassifier(),
]


@pytest.mark.parametrize("head", HEADS, ids=lambda head: type(head).__name__)
def test_several_labels_by_one_against_the_rest(several, head):
    X, Y, _ = several
    pipe = make_pipeline(StandardScaler(), OneVsRestClassifier(head)).fit(X, Y)
    assert pipe.predict(X).shape == Y.shape
    probabilities = pipe.predict_proba(X)
    alone = head.fit(StandardScaler().fit_transform(X), Y[:, 1])
    np.testing.assert_allclose(
        probabilities[:, 1], alone.predict_proba(pipe[0].transform(X))[:, 1]
    )
    assert (pipe.predict(X) == Y).mean() > 0.8


def test_groups_reach_the_heads_of_several_labels(several):
    X, Y, groups = several
    alone = [
        GroupedLogisticRegressionCV().fit(X, column, groups=groups).log_loss_
        for column in Y.T
    ]
    outputs = make_pipeline(MultiOutputClassifier(GroupedLogisticRegressionCV()))
    outputs.fit(X, Y, multioutputclassifier__groups=groups)
    with config_context(enable_metadata_routing=True):
        rest = make_pipeline(OneVsRestClassifier(GroupedLogisticRegressionCV()))
        rest.fit(X, Y, groups=groups)
    for model in (outputs, rest):
        heads = model[-1].estimators_
        np.testing.assert_array_equal([head.log_loss_ for head in heads], alone)
    one_by_one = np.stack([rows[:, 1] for rows in outputs.predict_proba(X)], axis=1)
    np.testing.assert_allclose(one_by_one, rest.predict_proba(X))
