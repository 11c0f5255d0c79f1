"""AlexNet over log-mels, made small enough for few clips."""

import torch
from torch import nn

from skaudio._nets.audio_net import AudioNet
from skaudio._nets.layers import conv_block, dense_head, segments

# Frames of a training segment, 4 s at the default features. A fit costs in proportion,
# and half of the study's clips are shorter.
_SEGMENT = 128
# AlexNet's widths are 96, 256, 384, 384, 256, for 1.2 million training images.
_WIDTHS = (32, 64, 128, 128, 128)
# Pooling over all bands together would lose the pitch of a call.
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
        # With padding=1 the pooling accepts a log-mel of one band and one frame.
        self.features = nn.Sequential(
            *conv_block(2, first, kernel_size=11, stride=4),
            nn.MaxPool2d(3, stride=2, padding=1),
            *conv_block(first, second, kernel_size=5),
            nn.MaxPool2d(3, stride=2, padding=1),
            *conv_block(second, third, kernel_size=3),
            *conv_block(third, fourth, kernel_size=3),
            *conv_block(fourth, fifth, kernel_size=3),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.registers = nn.AdaptiveAvgPool1d(_REGISTERS)
        self.head = dense_head([], 0.4, self.n_features, n_classes)
        # Convolutions of few channels run fastest in this memory format.
        self.to(memory_format=torch.channels_last)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits."""
        X = self.features(X.contiguous(memory_format=torch.channels_last))
        X = self.registers(torch.cat([X.mean(dim=-1), X.amax(dim=-1)], dim=1))
        return self.head(X.flatten(start_dim=1))


class AlexNetMel(AudioNet):
    """AlexNet over log-mels, sample-normalised and band-normalised.

    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    n_features = AlexNetTower.n_features

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        self.segment = min(_SEGMENT, n_frames)
        self.tower = AlexNetTower(n_classes)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits; in training from a random segment of each clip."""
        return self.tower(segments(X, self.segment, self.training))
