import numpy as np
import pytest
from every_network import mel_ensemble
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from skaudio import (
    AlexNetMelClassifier,
    CNN1DClassifier,
    EnhancedCNN1DClassifier,
    FixMatchClassifier,
    LogMelExtractor,
    MelEnsembleClassifier,
    ResNetMelClassifier,
    StatisticsMelClassifier,
)

SHORT = dict(max_epochs=2, early_stopping=False)


@pytest.fixture(scope="module")
def fitted(log_mels, calls):
    members = [
        ("enhanced", EnhancedCNN1DClassifier(**SHORT)),
        ("alexnet", AlexNetMelClassifier(**SHORT)),
        ("statistics", StatisticsMelClassifier(**SHORT, random_state=3)),
    ]
    return MelEnsembleClassifier(members, random_state=0).fit(log_mels, calls.target)


def test_the_prediction_is_the_mean_of_the_members(fitted, log_mels):
    views = np.stack([log_mels, log_mels[::-1]], axis=1)
    for X in (log_mels, views):
        each = [member.predict_proba(X) for _, member in fitted.members_]
        assert len(each) == 3 and abs(each[0] - each[1]).max() > 1e-3
        np.testing.assert_array_equal(fitted.predict_proba(X), np.mean(each, axis=0))
    labels = fitted.classes_[fitted.predict_proba(log_mels).argmax(axis=1)]
    np.testing.assert_array_equal(fitted.predict(log_mels), labels)


def test_members_train_apart(fitted, log_mels, calls):
    """Each is what it is alone, with its own seed or one drawn from the ensemble's."""
    seeds = np.random.RandomState(0).randint(2**31 - 1, size=3).tolist()
    for (name, member), (own, given), seed in zip(
        fitted.members_, fitted.members, seeds, strict=True
    ):
        assert name == own and not hasattr(given, "net_")
        expected = 3 if name == "statistics" else seed
        assert member.random_state == expected
        alone = clone(given).set_params(random_state=expected)
        np.testing.assert_array_equal(
            alone.fit(log_mels, calls.target).predict_proba(log_mels),
            member.predict_proba(log_mels),
        )


def test_members_are_the_same_when_trained_at_the_same_time(fitted, log_mels, calls):
    together = clone(fitted).set_params(n_jobs=2).fit(log_mels, calls.target)
    for (name, one), (own, other) in zip(
        fitted.members_, together.members_, strict=True
    ):
        assert name == own and one.random_state == other.random_state
        np.testing.assert_array_equal(
            one.predict_proba(log_mels), other.predict_proba(log_mels)
        )
        losses = [[epoch["train_loss"] for epoch in m.history_] for m in (one, other)]
        assert losses[0] == losses[1]


def test_an_error_in_another_process_is_the_members_own(log_mels, calls):
    options = dict(SHORT, random_state=0)
    diverging = mel_ensemble(**options, lr=1e30).set_params(n_jobs=2)
    with pytest.raises(ValueError, match="expected finite numbers"):
        diverging.fit(log_mels, calls.target)
    assert not hasattr(diverging, "members_")


def test_one_members_seed_does_not_move_the_others(fitted, log_mels, calls):
    other = clone(fitted).set_params(enhanced__random_state=9)
    other.fit(log_mels, calls.target)
    same = [
        np.array_equal(one.predict_proba(log_mels), two.predict_proba(log_mels))
        for (_, one), (_, two) in zip(fitted.members_, other.members_, strict=True)
    ]
    assert same == [False, True, True]


def test_history_and_sizes_are_those_of_the_members(fitted):
    members = [member for _, member in fitted.members_]
    assert fitted.n_parameters_ == sum(member.n_parameters_ for member in members)
    assert fitted.n_features_in_ == 32
    names = [epoch["member"] for epoch in fitted.history_]
    assert names == ["enhanced"] * 2 + ["alexnet"] * 2 + ["statistics"] * 2
    losses = [epoch["train_loss"] for epoch in fitted.history_]
    assert losses == [e["train_loss"] for member in members for e in member.history_]


def test_weights_of_rows_reach_every_member(log_mels, calls):
    options = dict(SHORT, random_state=0)
    only = np.where(calls.target == "cat", 1.0, 1e-6)
    weighted = mel_ensemble(**options).fit(log_mels, calls.target, only)
    plain = mel_ensemble(**options).fit(log_mels, calls.target)
    for (_, one), (_, other) in zip(weighted.members_, plain.members_, strict=True):
        cat = [member.predict_proba(log_mels)[:, 0].mean() for member in (one, other)]
        assert cat[0] > cat[1] + 0.05


def test_unreadable_clips(fitted, log_mels, calls):
    X = log_mels.copy()
    X[[2, 5]] = np.nan
    assert np.flatnonzero(np.isnan(fitted.predict_proba(X)[:, 0])).tolist() == [2, 5]
    with pytest.raises(ValueError, match=r"Cannot predict 2 of 36 .*rows \[2, 5\]"):
        fitted.predict(X)
    with pytest.warns(UserWarning, match="2 of 36 clips are NaN"):
        mel_ensemble(**SHORT).fit(X, calls.target)


def test_parameters_of_members_are_reached_and_members_replaced(fitted):
    ensemble = clone(fitted).set_params(
        alexnet__lr=0.5, statistics=ResNetMelClassifier()
    )
    parameters = ensemble.get_params()
    assert parameters["alexnet__lr"] == 0.5 and parameters["enhanced__lr"] == 0.001
    assert isinstance(ensemble.members[2][1], ResNetMelClassifier)
    assert fitted.get_params()["alexnet__lr"] == 0.001
    assert set(ensemble.get_params(deep=False)) == {"members", "random_state", "n_jobs"}
    with pytest.raises(ValueError, match="Invalid parameter 'owl'"):
        ensemble.set_params(owl=1)


def test_in_a_pipeline_with_groups(calls):
    extractor = LogMelExtractor(n_mels=16, n_frames=30)
    pipe = make_pipeline(extractor, mel_ensemble(max_epochs=1, random_state=0))
    pipe.fit(calls.data, calls.target, melensembleclassifier__groups=calls.groups)
    assert pipe.predict_proba(calls.data).shape == (36, 3)


CNN = CNN1DClassifier(**SHORT)


@pytest.mark.parametrize(
    "members, message",
    [
        ([], "expected a list of"),
        ([CNN], "expected a list of"),
        ([("a", CNN, 1.0)], "expected a list of"),
        ([("a", "cnn1d")], "expected a list of"),
        ([(1, CNN)], "expected a list of"),
        ([("a", FixMatchClassifier(CNN))], "expected a list of"),
        ([("a", CNN), ("a", CNN)], "Names provided are not unique"),
        ([("random_state", CNN)], "conflict with constructor arguments"),
        ([("a__b", CNN)], "must not contain __"),
        ((("a", CNN),), "'members' parameter .* must be"),
    ],
)
def test_bad_members_are_named(members, message, log_mels, calls):
    with pytest.raises(ValueError, match=message):
        MelEnsembleClassifier(members).fit(log_mels, calls.target)


def test_errors_before_fit(log_mels):
    ensemble = mel_ensemble()
    for use in (ensemble.predict, ensemble.predict_proba):
        with pytest.raises(NotFittedError):
            use(log_mels)
    assert not hasattr(ensemble, "history_") and not hasattr(ensemble, "n_parameters_")
    assert not hasattr(ensemble, "n_features_in_")


def test_a_notebook_shows_each_parameter_of_a_member_once():
    members = [("small", CNN1DClassifier(lr=0.0123)), ("other", CNN1DClassifier())]
    html = MelEnsembleClassifier(members)._repr_html_()
    assert html.count('class="value">0.0123<') == 1
    assert html.count('class="param">lr<') == 2 and "small__lr" not in html
