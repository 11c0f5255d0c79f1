import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio._nets.losses import WeightedLoss, effective_number_weights


def weighted(labels, weights, n_classes):
    targets = torch.zeros(len(labels), n_classes)
    targets[torch.arange(len(labels)), labels] = weights
    return targets


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 8), st.floats(0, 0.9), st.integers(0, 99))
def test_cross_entropy_equals_torch(n_classes, smoothing, seed):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(16, n_classes, generator=generator) * 5
    labels = torch.randint(n_classes, (16,), generator=generator)
    weights = torch.rand(16, generator=generator) + 0.1
    each = torch.nn.functional.cross_entropy(
        logits, labels, reduction="none", label_smoothing=smoothing
    )
    ours = WeightedLoss(smoothing)(logits, weighted(labels, weights, n_classes))
    torch.testing.assert_close(ours, (each * weights).sum() / weights.sum())


def test_focal_loss_by_its_definition():
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.0, 0.0, 5.0]], requires_grad=True)
    labels = torch.tensor([0, 1])
    loss = WeightedLoss(gamma=2.0)(logits, weighted(labels, torch.ones(2), 3))
    p = torch.softmax(logits, 1)[[0, 1], labels]
    torch.testing.assert_close(loss, (-((1 - p) ** 2) * p.log()).mean())
    torch.testing.assert_close(
        WeightedLoss(gamma=0.0)(logits, weighted(labels, torch.ones(2), 3)),
        torch.nn.functional.cross_entropy(logits, labels),
    )
    # The gradient is finite for a row with probability 1.
    certain = torch.tensor([[80.0, 0.0]], requires_grad=True)
    for gamma in (0.5, 2.0):
        WeightedLoss(gamma=gamma)(certain, torch.tensor([[1.0, 0.0]])).backward()
        assert torch.isfinite(certain.grad).all()


def test_mixed_targets_are_the_mixture_of_losses():
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    one, other = torch.tensor([0, 1, 2, 0]), torch.tensor([2, 2, 1, 0])
    share = torch.tensor([0.3, 0.5, 0.9, 1.0])
    mixed = weighted(one, share, 3)
    mixed += weighted(other, 1 - share, 3)
    each = torch.nn.functional.cross_entropy
    expected = share * each(logits, one, reduction="none")
    expected += (1 - share) * each(logits, other, reduction="none")
    torch.testing.assert_close(WeightedLoss()(logits, mixed), expected.mean())


@pytest.mark.parametrize("beta", [0.0, 0.9, 0.999, 1 - 1e-9])
def test_effective_number_by_its_definition(beta):
    counts = np.array([3, 10, 200])
    weights = effective_number_weights(counts, beta)
    if beta < 0.9999:
        expected = (1 - beta) / (1 - beta**counts)
    else:
        expected = 1 / counts
    np.testing.assert_allclose(weights, expected / expected.mean(), rtol=1e-5)
