import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    precision_recall_fscore_support,
)

from skaudio.metrics import average_precision_difference, multilabel_scores


def made_up(seed, n=40, n_classes=3, ties=False):
    rng = np.random.default_rng(seed)
    y = rng.random((n, n_classes)) < [0.5, 0.3, 0.1][:n_classes]
    y[0] = True
    scores = np.clip(rng.random(y.shape) * 0.7 + 0.3 * y, 0, 1)
    return y.astype(int), np.round(scores, 1) if ties else scores


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.booleans())
def test_equals_scikit_learn(seed, ties):
    y, scores = made_up(seed, ties=ties)
    table = multilabel_scores(y, scores, n_resamples=20)
    predicted = scores > 0.5
    for row, average in (([0, 1, 2], None), ("micro", "micro"), ("macro", "macro")):
        expected = average_precision_score(y, scores, average=average)
        found = np.array(table.loc[row, "average_precision"])
        assert found == pytest.approx(expected)
        expected = precision_recall_fscore_support(
            y, predicted, average=average, zero_division=0
        )
        for name, value in zip(("precision", "recall", "f1"), expected, strict=False):
            assert np.array(table.loc[row, name]) == pytest.approx(value)
    assert table["support"].tolist() == [*y.sum(axis=0), y.sum(), y.sum()]


def test_a_class_that_no_clip_has_is_left_out_of_the_macro():
    y, scores = made_up(1)
    y[:, 1] = 0
    table = multilabel_scores(pd.DataFrame(y, columns=["cat", "cow", "owl"]), scores)
    assert table.loc["cow", "support"] == 0
    assert table.loc["cow"].drop("support").isna().all()
    others = table.loc[["cat", "owl"]]
    for name in ("average_precision", "f1"):
        assert table.loc["macro", name] == pytest.approx(others[name].mean())
    assert table.loc["micro", "average_precision"] == pytest.approx(
        average_precision_score(y, scores, average="micro")
    )


def test_over_repeats_scores_are_medians():
    y, first = made_up(2)
    others = [made_up(seed)[1] for seed in (3, 4)]
    table = multilabel_scores(y, [first, *others])
    for name in ("average_precision", "f1"):
        each = [
            multilabel_scores(y, one).loc["macro", name] for one in (first, *others)
        ]
        assert table.loc["macro", name] == pytest.approx(np.median(each))


def test_intervals_draw_whole_groups():
    # Ten equal clips per group are worth one: the interval is that of the groups.
    y, scores = made_up(5, n=30)
    names = ["average_precision_low", "average_precision_high", "f1_low", "f1_high"]
    alone = multilabel_scores(y, scores)[names]
    tenfold = np.repeat(y, 10, axis=0), np.repeat(scores, 10, axis=0)
    groups = np.repeat(np.arange(30), 10)
    pd.testing.assert_frame_equal(
        multilabel_scores(*tenfold, None, groups)[names], alone
    )
    narrow = multilabel_scores(*tenfold)[names].loc["macro"]
    assert narrow.iloc[1] - narrow.iloc[0] < alone.loc["macro"].iloc[:2].diff().iloc[1]
    single = multilabel_scores(y, scores, None, np.zeros(30))
    assert single["f1"].notna().all() and single["f1_low"].isna().all()


def test_differences_are_tested_on_the_same_clips():
    y, good = made_up(6, n=80)
    noise = np.random.default_rng(0).random(good.shape)
    better, interval, p = average_precision_difference(y, good, noise)
    expected = [average_precision_score(y, one) for one in (good, noise)]
    assert better == pytest.approx(expected[0] - expected[1])
    assert interval[0] < better < interval[1] and interval[0] > 0 and p < 0.01
    back = average_precision_difference(y, noise, good)
    assert back[0] == pytest.approx(-better) and back[2] == pytest.approx(p)
    assert average_precision_difference(y, good, good) == (0.0, (0.0, 0.0), 1.0)


def test_bad_arguments_are_named():
    y, scores = made_up(0)
    with pytest.raises(ValueError, match=r"y_score of shape \(40, 2\) and y_true of"):
        multilabel_scores(y, scores[:, :2])
    scores[7, 1] = np.nan
    with pytest.raises(ValueError, match=r"y_score of rows \[7\] is not finite \(1 of"):
        multilabel_scores(y, scores)
    with pytest.raises(ValueError, match="is 0 throughout"):
        multilabel_scores(np.zeros_like(y), y)
    with pytest.raises(ValueError, match="expected at least one"):
        multilabel_scores(y, None)
