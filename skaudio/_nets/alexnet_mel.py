"""AlexNet over log-mels, made small enough for few clips."""

import torch
from torch import nn

from skaudio._nets.layers import dense_head, stretches

# Frames that training looks at, 4 s at the default features: a fit costs in proportion,
# and half of the study's clips are shorter.
_STRETCH = 128
# AlexNet's widths are 96, 256, 384, 384, 256, for a million photographs.
_WIDTHS = (32, 64, 128, 128, 128)
# Pooling over all bands would make a high call and a low one the same.
_REGISTERS = 4


class AlexNetTower(nn.Module):
    """AlexNet's five convolutions, pooled over time, and one dense layer.

    Input (n, 2, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    n_features = 2 * _WIDTHS[-1] * _REGISTERS

    def __init__(self, n_classes):
        super().__init__()
        first, second, third, fourth, fifth = _WIDTHS
        # padding=1 in the pooling lets a picture of one pixel through.
        self.features = nn.Sequential(
            *_block(2, first, kernel_size=11, stride=4),
            nn.MaxPool2d(3, stride=2, padding=1),
            *_block(first, second, kernel_size=5),
            nn.MaxPool2d(3, stride=2, padding=1),
            *_block(second, third, kernel_size=3),
            *_block(third, fourth, kernel_size=3),
            *_block(fourth, fifth, kernel_size=3),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.registers = nn.AdaptiveAvgPool1d(_REGISTERS)
        self.head = dense_head([], 0.4, self.n_features, n_classes)
        # The order in memory that convolutions of few channels run fastest in.
        self.to(memory_format=torch.channels_last)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits."""
        X = self.features(X.contiguous(memory_format=torch.channels_last))
        X = self.registers(torch.cat([X.mean(dim=-1), X.amax(dim=-1)], dim=1))
        return self.head(X.flatten(start_dim=1))


class AlexNetMel(nn.Module):
    """AlexNet over log-mels, as they are and band-normalised.

    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    n_features = AlexNetTower.n_features

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        self.stretch = min(_STRETCH, n_frames)
        self.tower = AlexNetTower(n_classes)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits; in training from a random stretch of each clip."""
        return self.tower(stretches(X, self.stretch, self.training))


def _block(n_in, n_out, kernel_size, stride=1):
    return (
        nn.Conv2d(
            n_in, n_out, kernel_size, stride, padding=kernel_size // 2, bias=False
        ),
        nn.BatchNorm2d(n_out),
        nn.ReLU(),
    )
