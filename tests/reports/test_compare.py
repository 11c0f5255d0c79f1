import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_models import linear
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score

from skaudio.metrics import corrected_t_test
from skaudio.model_selection import cross_validated_report
from skaudio.reports import compare, report_on


class Repeater(ClassifierMixin, BaseEstimator):
    """Predicts the class whose number one column of X holds."""

    def __init__(self, column=0):
        self.column = column

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return self.classes_[X[:, self.column]]


def held_out(*hits):
    """Report on models that predict clips correctly, or not, as listed."""
    X, y = 1 - np.column_stack(hits).astype(int), np.array(["cat"] * len(hits[0]))
    return [
        report_on(Repeater(column).fit(X, ["cat", "cow"]), X, y, name=f"model {column}")
        for column in range(len(hits))
    ]


def hits_of(n_won, n_lost, n_both):
    one = [True] * n_won + [False] * n_lost + [True] * n_both
    other = [False] * n_won + [True] * n_lost + [True] * n_both
    return one, other


def test_mcnemar_by_hand():
    # 8 clips against 1: p = 2 (1 + 9) / 2^9; 8 against 2: 2 (1 + 10 + 45) / 2^10.
    row = compare(held_out(*hits_of(8, 1, 11))).iloc[0]
    assert row["p"] == pytest.approx(20 / 512)
    assert row["difference"] == pytest.approx(7 / 20)
    assert row["verdict"] == "model 0 is better" and row["test"] == "McNemar"
    row = compare(held_out(*hits_of(2, 8, 10))).iloc[0]
    assert row["p"] == pytest.approx(112 / 1024)
    assert row["difference"] == pytest.approx(-6 / 20) and row["verdict"] == "tie"


def test_the_interval_does_not_end_at_the_estimate():
    # 10 clips won of 25, none lost: a share of the clips that may be more, or less.
    row = compare(held_out(*hits_of(10, 0, 15))).iloc[0]
    assert row["low"] < 0.25 and row["high"] > 0.5 and row["difference"] == 0.4
    row = compare(held_out(*hits_of(0, 0, 25))).iloc[0]
    assert row["low"] < -0.1 and row["high"] > 0.1 and row["p"] == 1


@settings(max_examples=50, deadline=None)
@given(n_won=st.integers(0, 30), n_lost=st.integers(0, 30), n_both=st.integers(1, 9))
def test_interval_and_verdict_agree(n_won, n_lost, n_both):
    table = compare(held_out(*hits_of(n_won, n_lost, n_both)))
    row = table.iloc[0]
    assert row["low"] <= row["difference"] <= row["high"]
    assert row["low"] < row["high"]
    tie = row["p"] >= 0.05
    better = "model 0" if n_won > n_lost else "model 1"
    assert row["verdict"] == ("tie" if tie else f"{better} is better")
    # The exact test is the more cautious: what it finds, the interval shows too.
    assert tie or not row["low"] <= 0 <= row["high"]


def test_many_pairs_are_corrected_for_their_number():
    correct = np.ones(40, bool)
    few, more = correct.copy(), correct.copy()
    few[:7] = False
    more[:20] = False
    table = compare(held_out(correct, few, more)).set_index(["model", "other"])
    p = 2 / 2 ** np.array([7, 20, 13])
    np.testing.assert_allclose(table["p"], p)
    # Holm: the smallest times 3, the next times 2, the largest times 1.
    np.testing.assert_allclose(table["p_holm"], p * [1, 3, 2])
    few[6] = True
    table = compare(held_out(correct, few, correct))
    # 6 clips: p = 0.031 alone, but twice 0.031 among three pairs.
    np.testing.assert_allclose(table["p"], [2 / 64, 1, 2 / 64])
    np.testing.assert_allclose(table["p_holm"], [6 / 64, 1, 6 / 64])
    assert set(table["verdict"]) == {"tie"}


def test_folds_are_compared_by_the_corrected_test(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    options = dict(groups=groups, cv=4, random_state=2)
    good, poor = linear(), linear(C=1e-4, class_weight={"cat": 9})
    reports = [
        cross_validated_report(model, X, y, name=name, **options)
        for name, model in {"good": good, "poor": poor}.items()
    ]
    row = compare(reports).iloc[0]
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=2)
    scores = [
        cross_val_score(model, X, y, groups=groups, cv=folds) for model in (good, poor)
    ]
    p, (low, high) = corrected_t_test(scores[0] - scores[1], 27, 9)
    assert row["p"] == pytest.approx(p) and row["test"] == "corrected t"
    assert [row["low"], row["high"]] == pytest.approx([low, high])
    assert row["difference"] == pytest.approx((scores[0] - scores[1]).mean())
    assert row["verdict"] == "good is better"


def test_a_model_ties_with_itself(calls):
    reports = [
        cross_validated_report(
            linear(), calls.data, calls.target, calls.groups, random_state=0, name=name
        )
        for name in ("a", "b")
    ]
    row = compare(reports).iloc[0]
    assert row["verdict"] == "tie" and row["p"] == 1 and row["difference"] == 0


def test_reports_that_cannot_be_compared_are_refused(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    by_seed = [
        cross_validated_report(
            linear(), X, y, groups, random_state=seed, name=str(seed)
        )
        for seed in (0, 1)
    ]
    with pytest.raises(ValueError, match="0 and 1 were scored on different clips"):
        compare(by_seed)
    model = linear().fit(X, y)
    held = [report_on(model, X[n:], y[n:], name=f"from {n}") for n in (0, 1)]
    with pytest.raises(ValueError, match="on different clips"):
        compare(held)
    with pytest.raises(
        ValueError, match="a cross-validation report, from 0 a held-out"
    ):
        compare([by_seed[0], held[0]])
    with pytest.raises(
        ValueError, match=r"\['0, cross-validation'\]: more than one report"
    ):
        compare([by_seed[0], by_seed[0]])
    with pytest.raises(ValueError, match="expected at least 2 reports"):
        compare(by_seed[:1])
