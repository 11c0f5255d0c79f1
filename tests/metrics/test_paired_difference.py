import numpy as np
import pytest

from skaudio.metrics import paired_difference_interval


@pytest.mark.parametrize(
    "counts, low, high, decimals",
    [
        # Altman et al., "Statistics with confidence" (2000), table 6.2.
        ((14, 5, 0, 22), 0.01, 0.23, 2),
        # Fagerland, Lydersen, Laake (2014): airway hyper-responsiveness.
        ((1, 1, 7, 12), -0.507, -0.026, 3),
    ],
)
def test_published_examples(counts, low, high, decimals):
    found = paired_difference_interval(*counts)
    assert np.round(found, decimals).tolist() == [low, high]


def test_the_other_model_has_the_same_interval_with_the_other_sign():
    low, high = paired_difference_interval(9, 7, 2, 5)
    other_low, other_high = paired_difference_interval(9, 2, 7, 5)
    assert (low, high) == pytest.approx((-other_high, -other_low))


@pytest.mark.parametrize("n_clips", [25, 65])
@pytest.mark.parametrize(
    "shares",
    [
        (0.6, 0.3, 0.0, 0.1),
        (0.7, 0.1, 0.1, 0.1),
        (0.5, 0.4, 0.05, 0.05),
        (0.9, 0.05, 0.05, 0.0),
        (0.95, 0.04, 0.01, 0.0),
        (0.3, 0.4, 0.1, 0.2),
    ],
)
def test_it_holds_the_true_difference_95_times_in_100(n_clips, shares):
    rng = np.random.default_rng(0)
    draws = rng.multinomial(n_clips, shares, 2000)
    tables, times = np.unique(draws, axis=0, return_counts=True)
    low, high = np.transpose([paired_difference_interval(*one) for one in tables])
    difference = shares[1] - shares[2]
    held = times[(low <= difference) & (difference <= high)].sum() / len(draws)
    assert held > 0.935
    # Few clips separate two good models; only there is it wide for its level.
    assert held < 0.99 or shares[0] >= 0.9
