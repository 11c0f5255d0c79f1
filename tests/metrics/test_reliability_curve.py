import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio.metrics import reliability_curve


def test_calibration_error_by_hand():
    # Two bins: (0, 0.5] holds 0.4 and 0.5 (one right), (0.5, 1] 0.6, 0.8, 1 (two).
    bins, error = reliability_curve(
        [True, False, True, False, True], [0.4, 0.5, 0.6, 0.8, 1.0], n_bins=2
    )
    assert bins["n"].tolist() == [2, 3]
    np.testing.assert_allclose(bins["confidence"], [0.45, 0.8])
    np.testing.assert_allclose(bins["accuracy"], [0.5, 2 / 3])
    assert error == pytest.approx(0.4 * 0.05 + 0.6 * (0.8 - 2 / 3))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=40),
    st.integers(1, 20),
)
def test_calibration_error_is_the_weighted_distance(pairs, n_bins):
    correct, confidence = map(np.array, zip(*pairs, strict=True))
    bins, error = reliability_curve(correct, confidence, n_bins=n_bins)
    assert bins["n"].sum() == len(pairs)
    total = 0.0
    for n in range(n_bins):
        edges = np.linspace(0, 1, n_bins + 1)
        inside = (confidence > edges[n]) & (confidence <= edges[n + 1])
        inside |= (confidence == 0) & (n == 0)
        total += abs(correct[inside].sum() - confidence[inside].sum())
    assert error == pytest.approx(total / len(pairs), abs=1e-9)
    assert 0 <= error <= 1
