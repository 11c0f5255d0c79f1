"""Missing and mixed labels and groups are refused at every door, in one line."""

import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skaudio import (
    CNN1DClassifier,
    FixMatchClassifier,
    LogMelExtractor,
    MelEnsembleClassifier,
    PrototypicalClassifier,
    PrototypicalNetClassifier,
    ViewResampler,
)
from skaudio.audit import audit_dataset, inspect_clips
from skaudio.augment import CalibratedNoiseMixer, Mixup
from skaudio.metrics import accuracy_interval, score_predictions, score_summary
from skaudio.model_selection import (
    SourceGroupKFold,
    ablate,
    component_contributions,
    cross_validated_predictions,
    cross_validated_report,
    few_shot_curve,
    fold_robustness,
    held_out_report,
    noise_robustness,
)
from skaudio.reports import report_on

N = 12
X = np.random.default_rng(0).normal(size=(N, 8, 20)).astype(np.float32)
FLAT = X.reshape(N, -1)
Y = np.tile(["cat", "cow"], N // 2)
GROUPS = np.arange(N) // 2
FILES = [f"1-{source}-A.wav" for source in range(N)]
NET = CNN1DClassifier(max_epochs=1, early_stopping=False)
FITTED = LogisticRegression().fit(FLAT, Y)
NOISE = [np.random.default_rng(1).normal(size=100)]


def with_one(values, value):
    values = list(values)
    values[3] = value
    return values


# What stands in row 3, and the refusal.
MISSING = {
    "None": lambda values: with_one(values, None),
    "NaN": lambda values: with_one(values, np.nan),
    "NaN made text": lambda values: np.array(with_one(values, np.nan), dtype=str),
    "pandas.NA": lambda values: pd.Series(with_one(values, pd.NA)),
    "NA of strings": lambda values: pd.Series(with_one(values, None), dtype="string"),
    "NaT": lambda values: with_one(values, pd.NaT),
    "empty text": lambda values: with_one(map(str, values), ""),
    "blank text": lambda values: np.array(with_one(map(str, values), "  ")),
    "float NaN": lambda values: np.r_[0.0, 1.0, 0.0, np.nan, np.arange(N - 4) % 2],
    "integer NA": lambda values: pd.Series([0, 1, 0, None] * 3, dtype="Int64"),
}
MIXED = {
    "text and numbers": lambda values: with_one(map(str, values), 7),
    "numbers and text": lambda values: [1, 2, 1, "x"] * 3,
}
LABEL_DOORS = {
    "fit of a network": lambda y: NET.fit(X, y),
    "fit of an ensemble": lambda y: MelEnsembleClassifier([("a", NET)]).fit(X, y),
    "fit of prototypes": lambda y: PrototypicalClassifier().fit(FLAT, y),
    "partial_fit": lambda y: PrototypicalClassifier().partial_fit(FLAT, y),
    "fit in episodes": lambda y: PrototypicalNetClassifier(n_episodes=1).fit(X, y),
    "fit of a pipeline": lambda y: make_pipeline(
        CalibratedNoiseMixer(NOISE), LogMelExtractor(n_mels=8), NET
    ).fit(FLAT, y),
    "ViewResampler": lambda y: ViewResampler().fit_resample(X, y),
    "ablate": lambda y: ablate({"a": NET}, X, y, GROUPS, cv=2),
    "test clips of ablate": lambda y: ablate(
        {"a": NET}, X, Y, GROUPS, cv=None, test=(X, y)
    ),
    "component_contributions": lambda y: component_contributions(NET, X, y, GROUPS),
    "cross_validated_predictions": lambda y: cross_validated_predictions(
        NET, X, y, GROUPS
    ),
    "cross_validated_report": lambda y: cross_validated_report(NET, X, y, GROUPS),
    "few_shot_curve": lambda y: few_shot_curve(NET, X, y, GROUPS),
    "held_out_report": lambda y: held_out_report(NET, X, y, X, Y, GROUPS),
    "held-out clips": lambda y: held_out_report(NET, X, Y, X, y, GROUPS),
    "fold_robustness": lambda y: fold_robustness(NET, X, y, GROUPS, NOISE),
    "noise_robustness": lambda y: noise_robustness(FITTED, X, y, NOISE),
    "SourceGroupKFold": lambda y: next(SourceGroupKFold(2).split(FILES, y, GROUPS)),
    "report_on": lambda y: report_on(FITTED, FLAT, y, GROUPS),
    "audit_dataset": lambda y: audit_dataset(FILES, y),
    "score_predictions": lambda y: score_predictions(y, Y),
}
GROUP_DOORS = {
    "fit of a network": lambda g: NET.fit(X, Y, groups=g),
    "fit of an ensemble": lambda g: MelEnsembleClassifier([("a", NET)]).fit(
        X, Y, groups=g
    ),
    "FixMatchClassifier": lambda g: FixMatchClassifier(NET).fit(X, Y, groups=g),
    "fit in episodes": lambda g: PrototypicalNetClassifier(n_episodes=1).fit(
        X, Y, groups=g
    ),
    "ablate": lambda g: ablate({"a": NET}, X, Y, g, cv=2),
    "test clips of ablate": lambda g: ablate(
        {"a": NET}, X, Y, GROUPS, cv=None, test=(X, Y, g)
    ),
    "component_contributions": lambda g: component_contributions(
        NET.set_params(augment=Mixup()), X, Y, g
    ),
    "cross_validated_predictions": lambda g: cross_validated_predictions(NET, X, Y, g),
    "cross_validated_report": lambda g: cross_validated_report(NET, X, Y, g),
    "few_shot_curve": lambda g: few_shot_curve(NET, X, Y, g),
    "held_out_report": lambda g: held_out_report(NET, X, Y, X, Y, g),
    "held-out clips": lambda g: held_out_report(NET, X, Y, X, Y, GROUPS, g),
    "fold_robustness": lambda g: fold_robustness(NET, X, Y, g, NOISE),
    "noise_robustness": lambda g: noise_robustness(FITTED, X, Y, NOISE, groups=g),
    "SourceGroupKFold": lambda g: next(SourceGroupKFold(2).split(FILES, Y, g)),
    "report_on": lambda g: report_on(FITTED, FLAT, Y, g),
    "audit_dataset": lambda g: audit_dataset(FILES, Y, groups=g),
    "inspect_clips": lambda g: inspect_clips(FILES, groups=g),
    "accuracy_interval": lambda g: accuracy_interval(Y, Y, g),
    "score_summary": lambda g: score_summary(Y, Y, g),
}


def refused(door, values, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        door(values)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", MISSING)
@pytest.mark.parametrize("door", LABEL_DOORS)
def test_bad_label_that_is_missing(door, kind):
    reason = r"contains NaN, None or empty text: row 3 is .*\(\d of 12 rows\)"
    refused(LABEL_DOORS[door], MISSING[kind](Y), reason)


@pytest.mark.parametrize("kind", MISSING)
@pytest.mark.parametrize("door", GROUP_DOORS)
def test_bad_group_that_is_missing(door, kind):
    reason = r"groups\w* contains NaN, None or empty text: row 3 is .*\d of 12 rows"
    refused(GROUP_DOORS[door], MISSING[kind](GROUPS), reason)


@pytest.mark.parametrize("kind", MIXED)
def test_bad_labels_and_groups_of_two_kinds(kind):
    values = MIXED[kind](GROUPS)
    for door in LABEL_DOORS.values():
        refused(door, values, r"mixes text and numbers, such as '\w' and \d: expected")
    for door in GROUP_DOORS.values():
        refused(door, values, r"groups\w* mixes text and numbers, such as '\w' and")


@pytest.mark.parametrize("door", GROUP_DOORS)
def test_bad_groups_of_another_shape(door):
    for values in (GROUPS[:-1], [("site", day) for day in range(N)], GROUPS[:, None]):
        with pytest.raises(ValueError, match=r"inconsistent numbers|has the shape"):
            GROUP_DOORS[door](values)


@pytest.mark.parametrize("door", LABEL_DOORS)
def test_bad_labels_that_look_alike_are_named(door):
    y = np.array(["cat", "cow", "Cat", "cow "] * (N // 4))
    alike = "'Cat' and 'cat'; 'cow' and 'cow '"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            LABEL_DOORS[door](y)
        except (ValueError, OSError):
            pass  # too few clips, or no such file: not the question here
    texts = [str(warning.message) for warning in caught]
    if door != "audit_dataset":  # a finding of its report
        assert any(alike in text for text in texts)


def test_rows_without_label_where_they_are_allowed():
    # Of every kind of nothing, beside text and beside numbers.
    for nothing in (None, np.nan, pd.NA, -1):
        for labels in (Y.tolist(), (GROUPS % 2).tolist()):
            y = with_one(labels, nothing)
            classifier = FixMatchClassifier(NET).fit(X, y)
            assert len(classifier.classes_) == 2
            predictions = cross_validated_predictions(
                FixMatchClassifier(NET), X, y, GROUPS, cv=2, random_state=0
            )
            assert len(predictions) == N - 1 and 3 not in predictions.index


def test_good_labels_and_groups_pass_in_every_form():
    forms = [list, tuple, np.array, pd.Series, partial(pd.Series, dtype="category")]
    for form in forms:
        for y in (Y, GROUPS % 2, Y == "cat"):
            predictions = cross_validated_predictions(
                LogisticRegression(), FLAT, form(y), form(GROUPS), cv=2, random_state=0
            )
            assert len(predictions) == N
