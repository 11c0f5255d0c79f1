"""A small residual network over log-mels."""

import torch
from torch import nn
from torch.nn.functional import relu

from skaudio._nets.audio_net import AudioNet
from skaudio._nets.layers import conv_block, dense_head, segments

_SEGMENT = 128  # frames of a training segment, 4 s at the default features
# ResNet-18 has 64 to 512, two blocks per stage, for a million photographs.
_WIDTHS = (32, 64, 128, 192)
# Pooling over all bands would make a high call and a low one the same.
_REGISTERS = 4


class _ResidualBlock(nn.Module):
    """Two convolutions, and a path around them."""

    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.first = nn.Sequential(*conv_block(n_in, n_out, 3, stride))
        second, norm, _ = conv_block(n_out, n_out, 3)
        self.second = nn.Sequential(second, norm)
        self.around = nn.Identity()
        if stride > 1 or n_in != n_out:
            shortcut, norm, _ = conv_block(n_in, n_out, 1, stride)
            self.around = nn.Sequential(shortcut, norm)

    def forward(self, X):
        return relu(self.second(self.first(X)) + self.around(X))


class ResNetMel(AudioNet):
    """Four stages of one residual block, pooled over time in frequency ranges.

    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    n_features = 2 * _WIDTHS[-1] * _REGISTERS
    layer_types = (nn.Conv2d, _ResidualBlock)

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        self.segment = min(_SEGMENT, n_frames)
        stages, n_in = [], _WIDTHS[0]
        for place, width in enumerate(_WIDTHS):
            stages.append(_ResidualBlock(n_in, width, stride=1 if place == 0 else 2))
            n_in = width
        self.stem = nn.Sequential(*conv_block(2, _WIDTHS[0], kernel_size=5, stride=2))
        self.stages = nn.Sequential(*stages)
        self.registers = nn.AdaptiveAvgPool1d(_REGISTERS)
        self.head = dense_head([], 0.4, self.n_features, n_classes)
        # This memory order halves the time of the convolutions on a CPU.
        self.to(memory_format=torch.channels_last)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits; in training from a random segment of each clip."""
        X = segments(X, self.segment, self.training)
        X = self.stages(self.stem(X.contiguous(memory_format=torch.channels_last)))
        X = self.registers(torch.cat([X.mean(dim=-1), X.amax(dim=-1)], dim=1))
        return self.head(X.flatten(start_dim=1))
