"""Networks as parts of an exported model: see `skaudio._utils.convolutions`."""

import copy

import numpy as np
import torch
from torch import nn


class NetStep(nn.Module):
    """From log-mels to probabilities.

    Parameters
    ----------
    module : Module
        A trained network. It is copied.
    probabilities : callable
        From logits to probabilities.
    """

    def __init__(self, module, probabilities):
        super().__init__()
        self.module = copy.deepcopy(module).cpu().eval()
        for layer in list(self.module.modules()):
            _make_exportable(layer)
        self.probabilities = probabilities

    def forward(self, flow):
        return {"probabilities": self.probabilities(self.module(flow["X"]))}


def _make_exportable(layer):
    """Replace what torch's exporter cannot write where it knows no sizes."""
    for name, inner in layer.named_children():
        if isinstance(inner, nn.AdaptiveAvgPool1d):
            setattr(layer, name, _RangeMeans(inner.output_size))
    if isinstance(layer, nn.BatchNorm1d) and not layer.affine:
        layer.affine = True
        layer.weight = nn.Parameter(torch.ones(layer.num_features))
        layer.bias = nn.Parameter(torch.zeros(layer.num_features))


class _RangeMeans(nn.Module):
    """AdaptiveAvgPool1d as a product with a matrix, which the exporter can write."""

    def __init__(self, n_ranges):
        super().__init__()
        self.n_ranges = n_ranges

    def forward(self, X):
        n_places, n_ranges = int(X.shape[-1]), self.n_ranges
        means = np.zeros((n_places, n_ranges), np.float32)
        for k in range(n_ranges):
            first, end = k * n_places // n_ranges, -(-(k + 1) * n_places // n_ranges)
            means[first:end, k] = 1 / (end - first)
        return X @ torch.from_numpy(means)


class MeanStep(nn.Module):
    """The mean of the probabilities of several.

    Parameters
    ----------
    steps : list of Module
    """

    def __init__(self, steps):
        super().__init__()
        self.steps = nn.ModuleList(steps)

    def forward(self, flow):
        each = [step(flow)["probabilities"] for step in self.steps]
        return {"probabilities": torch.stack(each).mean(0)}
