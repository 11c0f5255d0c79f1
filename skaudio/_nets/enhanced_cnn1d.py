"""Convolutions along time, for few and short clips."""

import torch
from torch import nn

from skaudio._nets.audio_net import AudioNet
from skaudio._nets.cpu_layers import Dropout, HalvingMaxPool1d, normalised_conv1d
from skaudio._nets.layers import dense_head, segments

# Frames of a training segment, 3 s at the default features. A fit costs in proportion,
# and 160 frames were hardly better: "Cheaper recipes" in the guide to speed.
_SEGMENT = 96


class EnhancedCNN1D(AudioNet):
    """Three convolutions along time; the mean and the maximum over time.

    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    n_features = 2 * 256

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        self.segment = min(_SEGMENT, n_frames)
        self.normalise = nn.BatchNorm1d(2 * n_bands)
        self.blocks = nn.Sequential(
            *_block(2 * n_bands, 128, kernel_size=5),
            HalvingMaxPool1d(),
            *_block(128, 192, kernel_size=3),
            HalvingMaxPool1d(),
            *_block(192, 256, kernel_size=3),
        )
        self.head = dense_head([], 0.3, self.n_features, n_classes)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits; in training from a random segment of each clip."""
        X = segments(X, self.segment, self.training)
        X = self._features(X.flatten(1, 2))
        return self.head(torch.cat([X.mean(dim=-1), X.amax(dim=-1)], dim=1))

    def _features(self, X):
        learns = self.training and torch.is_grad_enabled()
        # Frozen layers are called one by one: they have hooks.
        if not learns or not all(weight.requires_grad for weight in self.parameters()):
            return self.blocks(self.normalise(X))
        conv, *others = self.blocks
        X = normalised_conv1d(self.normalise, conv, X)
        for layer in others:
            X = layer(X)
        return X


def _block(n_in, n_out, kernel_size):
    return (
        nn.Conv1d(n_in, n_out, kernel_size, padding=kernel_size // 2, bias=False),
        nn.BatchNorm1d(n_out),
        nn.ReLU(),
        Dropout(0.1),
    )
