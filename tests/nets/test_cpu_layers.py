"""The layers that are made faster compute what torch's own compute."""

import numpy as np
import pytest
import torch
from torch import nn

from skaudio._nets.cpu_layers import Dropout, HalvingMaxPool1d, normalised_conv1d
from skaudio._nets.enhanced_cnn1d import EnhancedCNN1D


@pytest.mark.parametrize("n_frames", [1, 2, 7, 12])
def test_maximum_of_pairs_and_its_gradient(n_frames):
    torch.manual_seed(0)
    X = torch.randn(3, 4, n_frames).requires_grad_()
    outputs, gradients = [], []
    for pool in (HalvingMaxPool1d(), nn.MaxPool1d(2, ceil_mode=True)):
        output = pool(X)
        (gradient,) = torch.autograd.grad(output.square().sum(), X)
        outputs.append(output.detach())
        gradients.append(gradient)
    assert torch.equal(*outputs) and torch.equal(*gradients)
    with torch.inference_mode():
        assert torch.equal(HalvingMaxPool1d()(X), outputs[1])


def test_dropout_keeps_the_mean_and_a_share_of_the_values():
    torch.manual_seed(0)
    X = torch.full((200, 500), 2.0).requires_grad_()
    dropout = Dropout(0.2)
    output = dropout(X)
    np.testing.assert_allclose(sorted({*output.detach().ravel().tolist()}), [0, 2.5])
    np.testing.assert_allclose((output > 0).float().mean(), 0.8, atol=0.01)
    output.sum().backward()
    assert torch.equal(X.grad, output.detach() / 2)
    assert dropout.eval()(X) is X


def test_normalisation_within_a_convolution():
    """Outputs, gradients and running statistics are those of the two layers."""
    torch.manual_seed(0)
    own, plain = nn.BatchNorm1d(6), nn.BatchNorm1d(6)
    nn.init.uniform_(own.weight, 0.5, 2)
    nn.init.normal_(own.bias)
    plain.load_state_dict(own.state_dict())
    conv = nn.Conv1d(6, 5, 3, padding=1, bias=False)
    X = 3 + 2 * torch.randn(4, 6, 9)
    for _ in range(2):
        ours, theirs = normalised_conv1d(own, conv, X), conv(plain(X))
    np.testing.assert_allclose(ours.detach(), theirs.detach(), atol=1e-5)
    for name, value in plain.state_dict().items():
        np.testing.assert_allclose(own.state_dict()[name], value, atol=1e-6)
    inputs = (conv.weight, own.weight, own.bias)
    gradients = torch.autograd.grad(ours.square().sum(), inputs)
    inputs = (conv.weight, plain.weight, plain.bias)
    expected = torch.autograd.grad(theirs.square().sum(), inputs)
    for one, other in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("n_frames", [1, 40])
def test_enhanced_cnn1d_computes_the_same_with_and_without_a_frozen_layer(n_frames):
    """A frozen layer takes the path without the faster first layer."""
    torch.manual_seed(0)
    net = EnhancedCNN1D(8, n_frames, 3)
    for module in net.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    X = torch.randn(5, 8, n_frames)
    outputs, gradients = [], []
    for learns in (True, False):
        net.head[1].bias.requires_grad_(learns)
        torch.manual_seed(1)
        outputs.append(net(X))
        weights = net.blocks[0].weight, net.normalise.weight
        gradients.append(torch.autograd.grad(outputs[-1].square().sum(), weights))
    np.testing.assert_allclose(*[out.detach() for out in outputs], atol=1e-5)
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)
