import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    classification_report,
    f1_score,
)

from skaudio.metrics import (
    SCORES,
    accuracy_interval,
    bootstrap_intervals,
    score_predictions,
    score_summary,
    wilson_interval,
)

LABELS = st.sampled_from(["Bear", "Cat", "Cow"])


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:.*single label")
@settings(deadline=None)
@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30))
def test_equals_scikit_learn(pairs):
    y_true, y_pred = map(np.array, zip(*pairs, strict=True))
    scores = score_predictions(y_true, y_pred)
    assert scores["accuracy"] == accuracy_score(y_true, y_pred)
    assert scores["balanced_accuracy"] == pytest.approx(
        balanced_accuracy_score(y_true, y_pred)
    )
    for average in ("weighted", "macro"):
        expected = f1_score(y_true, y_pred, average=average, zero_division=0)
        assert scores[f"{average}_f1"] == expected
    report = classification_report(y_true, y_pred, output_dict=True, zero_division=0)
    for label, row in scores["per_class"].items():
        assert row["support"] == report[label]["support"]
        for ours, theirs in {"precision": "precision", "f1": "f1-score"}.items():
            assert row[ours] == report[label][theirs]
    assert json.loads(json.dumps(scores))["n_clips"] == len(pairs)


def test_wilson_interval_covers_at_its_rate():
    rng = np.random.default_rng(0)
    hits = rng.binomial(65, 0.74, size=4000)
    intervals = np.array([wilson_interval(hit / 65, 65) for hit in hits])
    covered = (intervals[:, 0] <= 0.74) & (0.74 <= intervals[:, 1])
    assert 0.935 < covered.mean() < 0.965
    assert wilson_interval(1.0, 5)[1] == 1 and wilson_interval(0.0, 5)[0] == 0


def test_unequal_lengths_raise():
    with pytest.raises(ValueError, match="as many predictions as labels"):
        score_predictions(["a"], ["a", "b"])


@settings(deadline=None)
@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30))
def test_bootstrap_scores_confusions_as_scikit_learn(pairs):
    """One group: every resample is the whole, so that the interval is the score."""
    y_true, y_pred = map(np.array, zip(*pairs, strict=True))
    intervals = bootstrap_intervals(y_true, y_pred, np.zeros(len(pairs)))
    scores = score_predictions(y_true, y_pred)
    for name, (low, high) in intervals.items():
        assert low == pytest.approx(scores[name]) and high == pytest.approx(low)


def test_bootstrap_draws_groups():
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 3, 300)
    y_pred = np.where(rng.random(300) < 0.7, y_true, rng.integers(0, 3, 300))
    alone = bootstrap_intervals(y_true, y_pred)["balanced_accuracy"]
    copies = bootstrap_intervals(
        np.repeat(y_true, 4), np.repeat(y_pred, 4), np.repeat(np.arange(300), 4)
    )["balanced_accuracy"]
    # Copies of a clip add no clips; without groups they would seem to.
    np.testing.assert_allclose(alone, copies, atol=0.01)
    ungrouped = bootstrap_intervals(np.repeat(y_true, 4), np.repeat(y_pred, 4))
    low, high = ungrouped["balanced_accuracy"]
    assert high - low < 0.6 * (alone[1] - alone[0])
    other = rng.permutation(y_pred)
    low, high = bootstrap_intervals(y_true, [y_pred, other])["balanced_accuracy"]
    scores = [
        score_predictions(y_true, labels)["balanced_accuracy"]
        for labels in (y_pred, other)
    ]
    assert low < np.mean(scores) < high


def test_three_repeats_give_their_median():
    y_true = np.arange(60) % 3
    rng = np.random.default_rng(0)
    repeats = [
        np.where(rng.random(60) < share, y_true, rng.integers(0, 3, 60))
        for share in (1.0, 0.0, 0.8)
    ]
    scores = [score_predictions(y_true, labels) for labels in repeats]
    # In one group every resample is the whole: the interval is the score.
    whole = bootstrap_intervals(y_true, repeats, np.zeros(60))
    summary = score_summary(y_true, repeats)
    for name in SCORES:
        values = [repeat[name] for repeat in scores]
        # The median is the last repeat's score, far from the mean.
        assert np.median(values) == values[2] > np.mean(values) + 0.05
        assert summary.loc[name, "value"] == values[2]
        if name != "accuracy":
            assert whole[name] == pytest.approx((values[2], values[2]))
    expected = wilson_interval(scores[2]["accuracy"], 60)
    assert accuracy_interval(y_true, repeats) == pytest.approx(expected)
    low_high = summary.loc["accuracy", ["low", "high"]].tolist()
    assert low_high == pytest.approx(list(expected))


def test_bootstrap_covers_at_its_rate():
    """Of 200 samples of groups, about 95 % of the intervals hold the true value."""
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(200):
        y_true = np.repeat(rng.integers(0, 2, 60), 3)
        right = rng.random(60) < 0.75
        y_pred = np.where(np.repeat(right, 3), y_true, 1 - y_true)
        low, high = bootstrap_intervals(
            y_true, y_pred, np.arange(180) // 3, n_resamples=400, seed=seed
        )["balanced_accuracy"]
        covered += low <= 0.75 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_accuracy_interval_worked_by_hand():
    # Right: 1 1, 1 0, 0 0. Between groups 2 (1/4 + 0 + 1/4) / 2 = 1/2, within
    # (1/4 + 1/4) / 3 = 1/6; the correlation is (1/2 - 1/6) / (1/2 + 1/6) = 1/2,
    # and the effective number of six clips in pairs 6 / (1 + (2 - 1) / 2) = 4.
    y_true, y_pred = np.zeros(6), np.array([0, 0, 0, 1, 1, 1])
    pairs = [0, 0, 1, 1, 2, 2]
    expected = wilson_interval(0.5, 4)
    assert accuracy_interval(y_true, y_pred, pairs) == pytest.approx(expected)
    # The same predictions again are the same clips again.
    twice = accuracy_interval(y_true, [y_pred, y_pred], pairs)
    assert twice == pytest.approx(expected)


@settings(deadline=None)
@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30))
def test_accuracy_interval_uses_the_effective_number_of_clips(pairs):
    y_true, y_pred = map(np.array, zip(*pairs, strict=True))
    n, accuracy = len(pairs), accuracy_score(y_true, y_pred)
    plain = wilson_interval(accuracy, n)
    assert accuracy_interval(y_true, y_pred) == plain
    assert accuracy_interval(y_true, y_pred, np.arange(n)[::-1]) == plain
    # Four copies of each clip count as one clip, and so do all clips of one source.
    copied = [np.repeat(labels, 4) for labels in (y_true, y_pred, np.arange(n))]
    assert accuracy_interval(*copied) == pytest.approx(plain)
    one = accuracy_interval(y_true, y_pred, np.zeros(n))
    assert one == pytest.approx(wilson_interval(accuracy, 1))


@pytest.mark.parametrize("accuracy", [0.75, 0.95])
def test_accuracy_interval_of_related_clips_covers_at_its_rate(accuracy):
    """Of 600 test sets about 95 % of the intervals hold the true value."""
    rng = np.random.default_rng(0)
    correlation, n_groups = 0.4, 60
    shape = np.array([accuracy, 1 - accuracy]) * (1 / correlation - 1)
    covered, plain = 0, 0
    for _ in range(600):
        # From most sources one clip, from some up to six, as in the study's set.
        sizes = rng.choice([1, 1, 1, 2, 3, 6], n_groups)
        groups = np.repeat(np.arange(n_groups), sizes)
        right = rng.random(len(groups)) < rng.beta(*shape, n_groups)[groups]
        low, high = accuracy_interval(np.ones(len(groups)), right, groups)
        covered += low <= accuracy <= high
        low, high = wilson_interval(right.mean(), len(groups))
        plain += low <= accuracy <= high
    assert 0.92 < covered / 600 < 0.98
    # Wilson's interval takes all clips as independent:
    assert plain / 600 < 0.88
