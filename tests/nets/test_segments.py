"""Segments of clips, normalised in two ways, against their definition."""

import numpy as np
import pytest
import torch

from skaudio._nets.layers import segments

LENGTHS = [1, 7, 30, 40]


@pytest.fixture
def clips():
    X = np.random.default_rng(0).normal(3, 2, (4, 5, 50)).astype(np.float32)
    X[np.arange(50) >= np.reshape(LENGTHS, (4, 1, 1)) + np.zeros((1, 5, 1))] = 0
    return X


def band_normalised(clip):
    deviation = np.sqrt(clip.var(axis=1, keepdims=True) + 1e-4)
    return (clip - clip.mean(axis=1, keepdims=True)) / deviation


@pytest.mark.parametrize("n_frames", [3, 20, 60])
def test_training_repeats_the_whole_normalised_clip_from_a_random_start(
    clips, n_frames
):
    torch.manual_seed(0)
    starts = np.floor(torch.rand(4).numpy() * LENGTHS).astype(int)
    assert len({*starts}) > 1
    torch.manual_seed(0)
    cut = segments(torch.from_numpy(clips), n_frames, training=True).numpy()
    assert cut.shape == (4, 2, 5, n_frames)
    for clip, length, start, own in zip(clips, LENGTHS, starts, cut, strict=True):
        places = (start + np.arange(n_frames)) % length
        clip = clip[:, :length]
        np.testing.assert_array_equal(own[0], clip[:, places])
        np.testing.assert_allclose(own[1], band_normalised(clip)[:, places], atol=1e-4)


def test_prediction_takes_the_whole_width_and_no_other_clip_of_the_batch(clips):
    X = torch.from_numpy(clips)
    whole = segments(X, 20, training=False)
    assert whole.shape == (4, 2, 5, 50)
    assert segments(X, 60, training=False).shape == (4, 2, 5, 60)
    for row in range(4):
        alone = segments(X[row : row + 1], 20, training=False)
        np.testing.assert_allclose(alone[0], whole[row], atol=1e-6)


def test_without_band_normalisation_the_first_channel_is_left(clips):
    X = torch.from_numpy(clips)
    for training in (True, False):
        torch.manual_seed(0)
        two = segments(X, 20, training)
        torch.manual_seed(0)
        one = segments(X, 20, training, band_normalised=False)
        np.testing.assert_array_equal(one, two[:, :1])
