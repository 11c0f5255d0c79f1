import numpy as np
import pytest
from small_pipelines import linear

from skaudio._utils.folds import check_folds
from skaudio.model_selection import (
    ablate,
    component_contributions,
    cross_validated_report,
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
