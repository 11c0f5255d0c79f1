"""The study's baseline: a small convolutional net along time."""

import torch
from torch import nn

from skaudio._nets.audio_net import AudioNet
from skaudio._nets.cpu_layers import Dropout, HalvingMaxPool1d
from skaudio._nets.layers import dense_head


class CNN1D(AudioNet):
    """Two convolutions along time, with the mel bands as channels, and a dense layer.

    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    n_features = 128

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        width = -(-n_frames // 4)
        self.features = nn.Sequential(
            *_block(n_bands, 32),
            *_block(32, 64),
            Dropout(0.3),
            nn.Flatten(),
        )
        dense = [nn.Linear(64 * width, self.n_features), nn.ReLU()]
        self.head = dense_head(dense, 0.4, self.n_features, n_classes)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits."""
        return self.head(self.features(X))


def _block(n_in, n_out):
    return (
        nn.Conv1d(n_in, n_out, kernel_size=3, padding=1),
        nn.BatchNorm1d(n_out),
        nn.ReLU(),
        HalvingMaxPool1d(),
    )
