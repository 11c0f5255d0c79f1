import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_reports import report_of_hits, report_of_labels
from report_models import network
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    classification_report,
    confusion_matrix,
    f1_score,
)

from skaudio.model_selection import cross_validated_report

CLASSES = ["Bear", "Cat", "Cow", "<Dog>"]
LABELS = st.sampled_from(CLASSES)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:.*single label")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=20))
def test_scores_equal_scikit_learn(pairs):
    y_true, y_pred = map(list, zip(*pairs, strict=True))
    report = report_of_labels(y_true, y_pred, CLASSES)
    summary = report.summary["value"]
    assert summary["accuracy"] == accuracy_score(y_true, y_pred)
    for average in ("weighted", "macro"):
        expected = f1_score(y_true, y_pred, average=average, zero_division=0)
        assert summary[f"{average}_f1"] == expected
    assert summary["balanced_accuracy"] == pytest.approx(
        balanced_accuracy_score(y_true, y_pred)
    )
    expected = classification_report(
        y_true, y_pred, labels=CLASSES, output_dict=True, zero_division=0
    )
    for label, row in report.per_class.iterrows():
        theirs = [expected[label][key] for key in ("precision", "recall", "f1-score")]
        assert row[["precision", "recall", "f1"]].tolist() == theirs
        assert row["support"] == expected[label]["support"]
    np.testing.assert_array_equal(
        report.confusion, confusion_matrix(y_true, y_pred, labels=CLASSES)
    )


def test_intervals_cover_at_their_rate():
    """Of 150 test sets about 95 % of the intervals hold the scores of all clips."""
    rng = np.random.default_rng(0)
    confusion = np.array([[0.8, 0.15, 0.05], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]])
    share = np.array([0.5, 0.3, 0.2])
    everything = share[:, None] * confusion
    hits = np.diag(everything)
    f1 = 2 * hits / (everything.sum(axis=0) + share)
    truth = {
        "accuracy": hits.sum(),
        "weighted_f1": f1 @ share,
        "macro_f1": f1.mean(),
        "balanced_accuracy": np.diag(confusion).mean(),
    }
    names = np.array(CLASSES[:3])
    covered = dict.fromkeys(truth, 0)
    for _ in range(150):
        cells = rng.choice(9, 80, p=everything.ravel())
        summary = report_of_labels(names[cells // 3], names[cells % 3], CLASSES).summary
        for name, value in truth.items():
            covered[name] += summary.loc[name, "low"] <= value
            covered[name] -= summary.loc[name, "high"] < value
    for name, count in covered.items():
        assert 0.9 <= count / 150 <= 0.99, name


def test_repeats_are_medians_over_single_ones(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    options = dict(groups=groups, cv=3)
    both = cross_validated_report(
        network(), X, y, n_repeats=2, random_state=5, **options
    )
    single = [
        cross_validated_report(network(), X, y, random_state=seed, **options)
        for seed in (5, 6)
    ]
    values = [report.summary["value"] for report in single]
    pd.testing.assert_series_equal(both.summary["value"], sum(values) / 2)
    total = sum(report.confusion for report in single)
    pd.testing.assert_frame_equal(both.confusion, total)
    assert both.per_class["support"].tolist() == [24, 24, 24]
    # All repeats score the same clips: the intervals are not narrower.
    width = both.summary["high"] - both.summary["low"]
    alone = single[0].summary["high"] - single[0].summary["low"]
    assert width["accuracy"] > 0.9 * alone["accuracy"]
    assert len(both.history) == 2 * 3 * 2 and both.n_parameters > 1000
    assert both.history["train_loss"].notna().all()
    assert set(both.history["repeat"]) == {0, 1} and set(both.history["epoch"]) == {
        1,
        2,
    }


def test_per_repeat_scores_each_repeat_alone():
    hits = [[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0]]
    report = report_of_hits(hits)
    assert report.per_repeat.index.tolist() == [0, 1, 2]
    assert report.per_repeat["accuracy"].tolist() == [0.75, 0.25, 0.5]
    assert report.per_repeat["balanced_accuracy"].tolist() == [0.75, 0.25, 0.5]
    assert report.summary.loc["accuracy", "value"] == 0.5
    assert report.summary.index.tolist() == report.per_repeat.columns.tolist()


def test_leaked_clips_are_scored_apart_in_each_repeat():
    hits = [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 1, 0]]
    report = report_of_hits(hits, leaked=[0, 1])
    assert report.per_repeat["accuracy"].tolist() == [0.75, 0.5, 0.5]
    assert report.per_repeat["accuracy_unleaked"].tolist() == [0.5, 0.0, 0.5]
    assert report.summary.loc["accuracy_unleaked", "value"] == 0.5
    # Where all or none leak, there is nothing to score apart.
    for leaked in ([], range(4)):
        report = report_of_hits(hits, leaked=leaked)
        assert "accuracy_unleaked" not in report.per_repeat
        assert "accuracy_unleaked" not in report.summary.index


def test_without_leaks_keeps_the_other_clips():
    hits = [[1, 1, 1, 0], [1, 1, 0, 0]]
    report = report_of_hits(hits, leaked=[0, 1])
    assert "2 of 4 test clips are leaked from training" in report.warnings[0]
    rest = report.without_leaks()
    assert rest.predictions["file"].tolist() == ["2.wav", "3.wav"] * 2
    assert rest.facts["n_clips"] == 2 and rest.facts["n_groups"] == 1
    assert rest.facts["versions"] == report.facts["versions"]
    value = rest.summary.loc["accuracy", "value"]
    assert value == report.summary.loc["accuracy_unleaked", "value"] == 0.25
    assert rest.leaks is None and rest.warnings == []
    # The report itself stays as it is.
    assert report.facts["n_clips"] == 4 and len(report.predictions) == 8
    assert report_of_hits(hits, leaked=range(4)).without_leaks() is None
    unknown = report_of_hits(hits)
    rest = unknown.without_leaks()
    pd.testing.assert_frame_equal(rest.predictions, unknown.predictions)
