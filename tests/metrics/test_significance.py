import numpy as np
import pytest
from scipy.stats import ttest_1samp

from skaudio.metrics import corrected_t_test


def test_example_worked_by_hand():
    # Differences 1, 2, 3, 4 %: mean 2.5, variance 5/3; n_test / n_train = 1/3, so that
    # the squared error is 5/3 * (1/4 + 1/3) = 35/36 and t = 2.5 / 0.98601 = 2.53546.
    p, (low, high) = corrected_t_test([0.01, 0.02, 0.03, 0.04], 75, 25)
    # Student's t with 3 degrees in closed form, its 97.5 % point from a table.
    angle = np.arctan(2.53546 / 3**0.5)
    tails = 1 - 2 / np.pi * (angle + np.sin(angle) * np.cos(angle))
    assert p == pytest.approx(tails, abs=1e-5)
    assert low == pytest.approx(0.025 - 3.18245 * 0.0098601, abs=1e-6)
    assert high == pytest.approx(0.025 + 3.18245 * 0.0098601, abs=1e-6)


def test_without_overlap_it_is_the_plain_t_test():
    differences = np.random.default_rng(0).normal(0.02, 0.03, 12)
    p, _ = corrected_t_test(differences, 1e12, 1)
    assert p == pytest.approx(ttest_1samp(differences, 0).pvalue)


def test_no_difference_is_no_evidence():
    assert corrected_t_test([0.0, 0.0], 80, 20) == (1.0, (0.0, 0.0))
    assert corrected_t_test([0.1, 0.1], 80, 20)[0] == 0.0
    with pytest.raises(ValueError, match="1 differences: expected at least 2"):
        corrected_t_test([0.1], 80, 20)
