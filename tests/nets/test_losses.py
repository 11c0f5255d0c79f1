import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio._nets.losses import (
    MultiLabelLoss,
    WeightedLoss,
    class_weights,
    effective_number_weights,
)


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


def indicator_problem(seed=0, n_classes=4):
    """Logits, an indicator matrix, and weights of 16 rows."""
    rng = np.random.default_rng(seed)
    logits = torch.from_numpy(5 * rng.normal(size=(16, n_classes)))
    y = rng.random((16, n_classes)) < 0.4
    y[0] = False
    return logits, y, rng.uniform(0.1, 2, 16).astype(np.float32)


def multilabel_targets(y, weight=None, class_weight=None):
    ones = np.ones(len(y), np.float32)
    targets = MultiLabelLoss.targets(
        y,
        ones if weight is None else weight,
        ones[: y.shape[1]] if class_weight is None else class_weight,
    )
    assert targets.dtype == np.float32 and targets.shape == (16, 2 * y.shape[1])
    return torch.from_numpy(targets).double()


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 8), st.floats(0, 0.9), st.integers(0, 99))
def test_binary_cross_entropy_equals_torch(n_classes, smoothing, seed):
    logits, y, weight = indicator_problem(seed, n_classes)
    present = torch.from_numpy(y).double()
    loss = MultiLabelLoss()(logits, multilabel_targets(y))
    torch.testing.assert_close(loss, torch.nn.BCEWithLogitsLoss()(logits, present))
    # Weights of rows, and smoothing towards one half.
    smooth = present * (1 - smoothing) + smoothing / 2
    rows = torch.from_numpy(weight).double()[:, None]
    expected = torch.nn.BCEWithLogitsLoss(rows, reduction="sum")(logits, smooth)
    loss = MultiLabelLoss(smoothing)(logits, multilabel_targets(y, weight))
    torch.testing.assert_close(loss, expected / (rows.sum() * n_classes))


def test_weights_of_present_classes_equal_torch():
    logits, y, weight = indicator_problem()
    present, rows = torch.from_numpy(y).double(), torch.from_numpy(weight).double()
    positive = torch.tensor([1.0, 3.0, 0.5, 7.0], dtype=torch.float64)
    targets = multilabel_targets(y, weight, positive.numpy())
    total = torch.nn.BCEWithLogitsLoss(
        rows[:, None], reduction="sum", pos_weight=positive
    )(logits, present)
    expected = total / (rows[:, None] * torch.where(present > 0, positive, 1)).sum()
    torch.testing.assert_close(MultiLabelLoss()(logits, targets), expected)


def test_multi_label_focal_loss_by_its_definition():
    logits, y, _ = indicator_problem()
    logits.requires_grad_()
    p = torch.sigmoid(logits)
    true = torch.where(torch.from_numpy(y), p, 1 - p)
    expected = (-((1 - true) ** 2) * true.log()).mean()
    loss = MultiLabelLoss(gamma=2.0)(logits, multilabel_targets(y))
    torch.testing.assert_close(loss, expected)
    # The gradient is finite where a class is certain.
    certain = torch.tensor([[90.0, -90.0]], requires_grad=True)
    MultiLabelLoss(gamma=0.5)(certain, torch.tensor([[1.0, 0, 0, 1]])).backward()
    assert torch.isfinite(certain.grad).all()


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 1), st.integers(0, 99), st.sampled_from([0.0, 1.5]))
def test_mixed_indicators_are_the_mixture_of_losses(share, seed, gamma):
    """Mixup keeps the weights of both rows, also where one has no class."""
    logits, y, weight = indicator_problem(seed)
    positive = np.array([1, 3, 0.5, 7], np.float32)
    one = multilabel_targets(y, weight, positive)
    order = np.random.default_rng(seed).permutation(16)
    other = one[torch.from_numpy(order)]
    # Losses before the division by the sum of the weights.
    loss = MultiLabelLoss(gamma=gamma)
    sums = [loss(logits, part) * part.sum() for part in (one, other)]
    mixed = share * one + (1 - share) * other
    expected = share * sums[0] + (1 - share) * sums[1]
    torch.testing.assert_close(loss(logits, mixed) * mixed.sum(), expected)


def test_class_weights_of_an_indicator_matrix():
    names = np.array(["cat", "cow", "dog"])
    y = np.zeros((20, 3), bool)
    y[:5, 0], y[:10, 1] = True, True

    def weights(class_weight=None, beta=None):
        return class_weights(class_weight, beta, names, y)

    np.testing.assert_array_equal(weights(), [1, 1, 1])
    np.testing.assert_array_equal(weights({"cow": 4}), [1, 4, 1])
    with pytest.raises(ValueError, match=r"class_weight names \['owl'\]"):
        weights({"owl": 4})
    balanced = weights("balanced")
    # Present and absent rows weigh the same in total.
    np.testing.assert_allclose(balanced[:2] * y.sum(axis=0)[:2], (~y).sum(axis=0)[:2])
    np.testing.assert_array_equal(weights(beta=0.0), [1, 1, 1])
    effective = (1 - 0.9**15) / (1 - 0.9**5)
    np.testing.assert_allclose(weights(beta=0.9)[:2], [effective, 1], rtol=1e-6)
    np.testing.assert_allclose(weights(beta=1 - 1e-9)[:2], balanced[:2], rtol=1e-5)
    # A class without any clip: any finite weight.
    assert all(np.isfinite(weights(*one)).all() for one in [("balanced",), (None, 0.9)])
    with pytest.raises(ValueError, match="with the class-balanced loss"):
        weights("balanced", 0.9)
