import numpy as np
import pytest
from small_pipelines import linear

from skaudio._utils.folds import check_folds, untested_classes
from skaudio.model_selection import (
    ablate,
    component_contributions,
    cross_validated_predictions,
    cross_validated_report,
    held_out_report,
)

Y = np.array(["cat"] * 6 + ["cow"] * 4)
GROUPS = np.r_[0, 0, 1, 2, 3, 3, 4, 5, 6, 6]  # 4 of cat, 3 of cow


def test_the_class_with_the_most_groups_limits_the_folds():
    for n_folds in (0, 2, 4):
        check_folds(Y, GROUPS, n_folds)
    with pytest.raises(
        ValueError,
        match=r"^cv=5: expected at most as many folds as a class has groups of clips; "
        r"cat has the most, 4\.$",
    ):
        check_folds(Y, GROUPS, 5)


def test_results_are_refused_before_any_fit(calls, fits):
    arguments = (calls.data, calls.target, calls.groups)
    match = "cv=9: expected at most .* cat has the most, 8"
    with pytest.raises(ValueError, match=match):
        ablate({"linear": linear()}, *arguments, cv=9)
    with pytest.raises(ValueError, match=match):
        component_contributions(
            linear(), *arguments, {"scale": {"standardscaler": "passthrough"}}, cv=9
        )
    with pytest.raises(ValueError, match="cv='five': expected None, a number of fol"):
        cross_validated_report(linear(), *arguments, cv="five")
    assert not fits


def with_one_owl(calls, names):
    """Calls of some of the animals, and a single one of another, named owl."""
    rows = np.flatnonzero(np.isin(calls.target, names))
    owl = np.flatnonzero(calls.target == "dog")[:1]
    rows = np.r_[rows, owl]
    y = calls.target.astype(object)
    y[owl] = "owl"
    X = [calls.data[row] for row in rows]
    return X, y[rows].astype(str), calls.groups[rows]


def test_of_two_classes_one_with_a_single_group_cannot_be_tested(calls, fits):
    X, y, groups = with_one_owl(calls, ["cat"])
    match = (
        "^cv=3: owl has only 1 group of related clips: the fold that tests it would "
        "train on cat alone, and a classifier needs two classes. Add clips of it from "
        r"other recordings\.$"
    )
    for score in (cross_validated_report, cross_validated_predictions):
        with pytest.raises(ValueError, match=match):
            score(linear(), X, y, groups, cv=3, random_state=0)
    with pytest.raises(ValueError, match=match):
        ablate({"linear": linear()}, X, y, groups, cv=3, random_state=0)
    assert not fits
    # It can still be trained, and be scored on other clips.
    held_out_report(linear(), X, y, calls.data[:4], ["cat"] * 4, groups, random_state=0)
    with pytest.raises(ValueError, match="y holds only one class, cat: expected at l"):
        held_out_report(linear(), X[:-1], y[:-1], X[:2], y[:2], groups[:-1])


@pytest.mark.filterwarnings("error:The least populated class")
def test_a_class_of_one_group_among_three_is_named_before_and_with_the_scores(calls):
    X, y, groups = with_one_owl(calls, ["cat", "cow"])
    text = (
        "owl has only 1 group of related clips: no fold both trains on it and tests "
        "it, so that its recall is 0 by construction"
    )
    with pytest.warns(UserWarning, match=text):
        report = cross_validated_report(linear(), X, y, groups, cv=3, random_state=0)
    assert report.warnings[0].startswith(text)
    assert report.per_class.loc["owl", "recall"] == 0
    with pytest.warns(UserWarning, match=text):
        cross_validated_predictions(linear(), X, y, groups, cv=3, random_state=0)


def test_classes_that_no_fold_tests_are_listed():
    y, groups = np.array(["cat", "cat", "cow", "owl"]), np.arange(4)
    folds = [([0, 2], [1, 3]), ([1, 3], [0, 2])]
    assert untested_classes(y, groups, folds).startswith(
        "cow (1), owl (1) have too few groups of related clips: no fold both trains "
        "on such a class and tests it"
    )
    assert untested_classes(y, groups, folds[:1] + [([1, 2, 3], [0, 2, 3])]) == ""
    # What no fold scores at all needs no warning.
    assert untested_classes(y, groups, [([0, 2], [1])]) == ""


def test_a_fold_that_trains_on_one_class_is_refused(calls):
    X, y = calls.data[:6], np.array(["cat"] * 4 + ["cow", "owl"])
    folds = [([0, 1], [2, 3, 4, 5]), ([2, 3, 4, 5], [0, 1])]
    with pytest.raises(
        ValueError,
        match=r"^cv: cow \(1\), owl \(1\) have too few .*, or leave a class out\.$",
    ):
        cross_validated_report(linear(), X, y, np.arange(6), cv=folds)
