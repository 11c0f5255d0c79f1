import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal

from skaudio._utils.log_mels import as_log_mels, true_lengths
from skaudio.features import LogMelExtractor


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=5),
        elements=st.sampled_from([0.0, 0.0, 1.0, -2.5]),
    )
)
def test_numpy_and_torch_agree_with_a_plain_loop(X):
    expected = []
    for log_mel in X:
        frames = np.flatnonzero(log_mel.any(axis=0))
        expected.append(frames[-1] + 1 if len(frames) else X.shape[-1])
    assert_array_equal(true_lengths(X), expected)
    lengths = true_lengths(torch.from_numpy(X))
    assert not lengths.is_floating_point()
    assert_array_equal(lengths.numpy(), expected)


def test_frames_of_zeros_within_a_clip_count():
    X = np.zeros((2, 4, 6))
    X[0, 1, [0, 3]] = 1  # silent in between
    X[1, :, 5] = 1  # silent at the start
    assert true_lengths(X).tolist() == [4, 6]


def test_shapes_of_log_mels():
    extractor = LogMelExtractor()
    X = as_log_mels(extractor, np.ones((3, 8, 5)), reset=True)
    assert X.dtype == np.float32 and extractor.n_features_in_ == 8
    assert as_log_mels(extractor, np.ones((3, 2, 8, 5)), reset=False).ndim == 4
    # With views, the number of views is not taken for that of features.
    assert extractor.n_features_in_ == 8
    with pytest.raises(ValueError, match="got 5 dimensions"):
        as_log_mels(extractor, np.ones((1, 1, 1, 1, 1)), reset=True)
