import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier

from skaudio import CNN1DClassifier, MFCCStatistics, PrototypicalClassifier
from skaudio.model_selection import few_shot_curve


class Spy(ClassifierMixin, BaseEstimator):
    """Records the rows of each fit and each prediction."""

    seen = []

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y, groups=None):
        self.classes_ = np.unique(y)
        self.seen.append([X[:, 0], groups, self.random_state])
        return self

    def predict(self, X):
        self.seen[-1].append(X[:, 0])
        return np.full(len(X), self.classes_[0])


@pytest.fixture(autouse=True)
def forget():
    Spy.seen.clear()


@given(seed=st.integers(0, 2**31 - 1), clips_of_a_group=st.integers(1, 3))
@settings(max_examples=10, deadline=None)
def test_leak_of_groups_into_shots(seed, clips_of_a_group):
    Spy.seen.clear()
    y = np.array(list("aaaabbbc" * 9))
    order = np.argsort(y, kind="stable")
    groups = np.empty(72, int)
    groups[order] = np.arange(72) // clips_of_a_group
    X = np.arange(72)[:, None]
    table = few_shot_curve(
        Spy(), X, y, groups, n_shots=(2, 1, 4), n_repeats=5, cv=4, random_state=seed
    )
    assert table["n_shots"].tolist() == [1, 2, 4]
    assert len(Spy.seen) == 15
    seeds = set()
    for place in range(0, 15, 3):
        repeat = Spy.seen[place : place + 3]
        scored = repeat[0][3]
        seeds.add(repeat[0][2])
        for number, (shots, given_groups, _, again) in zip(
            (1, 2, 4), repeat, strict=True
        ):
            np.testing.assert_array_equal(scored, again)
            np.testing.assert_array_equal(given_groups, groups[shots])
            assert not {*groups[shots]} & {*groups[scored]}
            for label in "abc":
                own = shots[y[shots] == label]
                assert len(own) == number
                pool = set(groups[y == label]) - set(groups[scored])
                # A second clip of a group only where all groups have given one.
                assert len({*groups[own]}) == min(number, len(pool))
        assert {*repeat[0][0]} < {*repeat[1][0]} < {*repeat[2][0]}
    assert len(seeds) == 5


def test_every_clip_is_scored_equally_often():
    y = np.tile(["a", "b"], 20)
    few_shot_curve(
        Spy(), np.arange(40)[:, None], y, np.arange(40), n_shots=1, n_repeats=8
    )
    scored = np.concatenate([seen[3] for seen in Spy.seen[:5]])
    assert sorted(scored) == [*range(40)]


def test_the_same_seed_draws_the_same_clips_in_any_number_of_processes(calls):
    X = MFCCStatistics(n_mels=32).transform(calls.data)
    options = dict(n_shots=(1, 3), n_repeats=4)
    done = []
    tables = [
        few_shot_curve(
            PrototypicalClassifier(),
            *(X, calls.target, calls.groups),
            n_jobs=n_jobs,
            random_state=seed,
            on_fit=lambda *progress: done.append(progress),
            **options,
        )
        for n_jobs, seed in [(None, 0), (2, 0), (None, 1)]
    ]
    assert tables[0].equals(tables[1]) and not tables[0].equals(tables[2])
    assert done[:8] == [(fit, 8) for fit in range(1, 9)]
    for name in ("accuracy", "macro_f1", "weighted_f1", "balanced_accuracy"):
        low, middle, high = (tables[0][f"{name}{end}"] for end in ("_low", "", "_high"))
        assert (low <= middle).all() and (middle <= high).all()


def test_more_shots_are_better(calls):
    X = MFCCStatistics(n_mels=32).transform(calls.data)
    table = few_shot_curve(
        PrototypicalClassifier(), X, calls.target, calls.groups, n_shots=[1, 8]
    )
    assert table["accuracy"].iloc[1] > table["accuracy"].iloc[0] > 1 / 3


def test_nets_fit_on_one_clip_per_class(log_mels, calls):
    net = CNN1DClassifier(max_epochs=1, early_stopping=False)
    table = few_shot_curve(
        net, log_mels, calls.target, calls.groups, n_shots=1, n_repeats=1
    )
    assert table["n_clips"].tolist() == [3]


def test_impossible_draws_are_named():
    X, y = np.zeros((24, 1)), np.repeat(["a", "b", "c"], 8)
    with pytest.raises(ValueError, match=r"Only one group of clips in 'b'"):
        groups = np.where(y == "b", 99, np.arange(24))
        few_shot_curve(DummyClassifier(), X, y, groups)
    with pytest.raises(ValueError, match=r"n_shots=\(0, 1\)"):
        few_shot_curve(DummyClassifier(), X, y, np.arange(24), n_shots=(0, 1))
    with pytest.raises(ValueError, match="n_repeats=0: expected at least 1"):
        few_shot_curve(DummyClassifier(), X, y, np.arange(24), n_repeats=0)
    with pytest.warns(UserWarning, match=r"Fewer than 7 clips .*'a' 6"):
        table = few_shot_curve(
            DummyClassifier(), X, y, np.arange(24), n_shots=(2, 7), n_repeats=5
        )
    assert table["n_clips"].tolist()[0] == 6
    # Both groups of 'c' may fall into one fold, which then cannot be scored.
    groups = np.where(y == "c", 50 + np.arange(24) % 2, np.arange(24))
    few_shot_curve(Spy(), X, y, groups, n_shots=1, n_repeats=20, cv=2)
    assert len(Spy.seen) == 20
