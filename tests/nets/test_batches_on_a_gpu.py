"""Batches that are made on a GPU, and steps that do not wait for it.

Torch's "meta" device stands for a GPU: tensors there have shapes and no values, so that
reading one on the host, or mixing it with a tensor of the CPU, is an error.
"""

import numpy as np
import pytest
import torch

from skaudio import SpecAugmenter
from skaudio._nets.architectures import ARCHITECTURES, net_class
from skaudio._nets.batches import (
    BatchAugmentation,
    ViewBatches,
    on_device,
)
from skaudio._nets.losses import MultiLabelLoss, WeightedLoss
from skaudio.augment import (
    BatchAugmenter,
    Gain,
    MelShift,
    Mixup,
    TimeShift,
    TrainingBatch,
)

GPU = torch.device("meta")
EVERY = [
    Gain(6.0),
    MelShift(3),
    Mixup(1.0),
    SpecAugmenter(),
    SpecAugmenter(mask_value="mean"),
    SpecAugmenter(mask_value=-2.0),
    TimeShift(1.0),
]


def log_mel_views(n=12, n_views=2, n_bands=8, n_frames=40):
    """Random views, zero past their lengths."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, n_views, n_bands, n_frames)).astype(np.float32)
    lengths = rng.integers(1, n_frames + 1, (n, n_views))
    X *= (np.arange(n_frames) < lengths[..., None])[:, :, None]
    return X, lengths


@pytest.mark.parametrize("augmenter", EVERY, ids=repr)
def test_tensors_are_augmented_as_arrays_are(augmenter):
    X, lengths = log_mel_views()
    batches = []
    for log_mels in (X[:, 0].copy(), torch.from_numpy(X[:, 0].copy())):
        targets = np.eye(len(X), dtype=np.float32)
        batch = TrainingBatch(log_mels, lengths[:, 0].copy(), targets, 0.1)
        augmenter.augment_batch(batch, np.random.default_rng(1))
        batches.append(batch)
    of_arrays, of_tensors = batches
    assert isinstance(of_tensors.log_mels, torch.Tensor)
    tolerance = 1e-6 if augmenter.get_params().get("mask_value") == "mean" else 0
    np.testing.assert_allclose(
        of_tensors.log_mels, of_arrays.log_mels, rtol=tolerance, atol=tolerance
    )
    np.testing.assert_array_equal(of_tensors.targets, of_arrays.targets)
    np.testing.assert_array_equal(of_tensors.lengths, of_arrays.lengths)
    assert (of_arrays.log_mels != X[:, 0]).any()


def test_a_batch_is_drawn_and_augmented_where_the_views_are():
    X, lengths = log_mel_views()
    augment = BatchAugmentation(X, np.random.default_rng(0), EVERY, device=GPU)
    np.testing.assert_array_equal(augment.lengths, lengths)
    views = augment.X
    targets = np.eye(len(X), dtype=np.float32)
    batches = ViewBatches(views, np.arange(len(X)), targets, np.arange(6), augment)
    log_mels, _ = batches.__getitems__([0, 3, 4])
    assert log_mels.device == GPU and log_mels.shape == (3, 8, 40)
    validation = ViewBatches(views, np.arange(len(X)), targets, np.arange(6, 12))
    assert validation.__getitems__([1, 2])[0].device == GPU


def test_augmenters_of_arrays_get_arrays():
    class Reverse(BatchAugmenter):
        def augment_batch(self, batch, rng):
            batch.log_mels[:] = batch.log_mels[..., ::-1].copy()

    X, _ = log_mel_views()
    assert on_device(X, GPU, [Gain(), Reverse()]) is X
    assert on_device(X, torch.device("cpu"), [Gain()]) is X
    assert on_device(X, GPU, [Gain()]).device == GPU


@pytest.mark.parametrize("training", [True, False], ids=["training", "prediction"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_no_step_of_a_network_waits_for_the_gpu(architecture, training):
    net = net_class(architecture)(64, 200, 5).to(GPU).train(training)
    logits = net(torch.zeros(8, 64, 200, device=GPU))
    assert logits.device == GPU and logits.shape == (8, 5)
    logits.sum().backward()
    assert all(weight.grad.device == GPU for weight in net.parameters())


@pytest.mark.parametrize("loss, n", [(WeightedLoss, 5), (MultiLabelLoss, 10)])
def test_no_loss_waits_for_the_gpu(loss, n):
    logits, targets = torch.zeros(8, 5, device=GPU), torch.zeros(8, n, device=GPU)
    assert loss(label_smoothing=0.1, gamma=2.0)(logits, targets).device == GPU
