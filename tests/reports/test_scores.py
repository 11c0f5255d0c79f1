import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    classification_report,
    f1_score,
)

from skaudio.reports import score_predictions, wilson_interval

LABELS = st.sampled_from(["Bear", "Cat", "Cow"])


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:.*single label")
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


def test_unequal_lengths_are_told():
    with pytest.raises(ValueError, match="as many predictions as labels"):
        score_predictions(["a"], ["a", "b"])
