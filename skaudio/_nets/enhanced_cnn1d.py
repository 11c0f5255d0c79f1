"""Convolutions along time, statistics over time, and AlexNet: for few, short clips."""

import torch
from torch import nn

from skaudio._nets.alexnet_mel import AlexNetTower
from skaudio._nets.layers import dense_head, segments
from skaudio._nets.time_statistics import TimeStatistics

_SEGMENT = 160  # frames of a training segment, 5 s at the default features


class EnhancedCNN1D(nn.Module):
    """Three towers, averaged: learned filters along time, fixed filters, and AlexNet.

    Input (n, n_bands, n_frames); in training with masks (n, 2, n_bands, n_frames), each
    log-mel masked and unmasked. Output in prediction (n, n_classes): the logarithm of
    the mean of the towers' probabilities. In training logits of shape (n, n_towers,
    n_classes), so that each tower is trained on its own loss: towers trained on a
    common loss generalise less. Without classes the concatenated features of the
    towers, (n, n_features).
    """

    takes_unmasked = True

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        self.segment = min(_SEGMENT, n_frames)
        self.towers = nn.ModuleList(
            [
                _LearnedFilters(n_bands, n_classes),
                _FixedFilters(n_bands, n_classes),
                AlexNetTower(n_classes),
            ]
        )
        self.has_classes = n_classes is not None
        self.n_features = sum(tower.n_features for tower in self.towers)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits; in training from a random segment of each clip."""
        # Masks would distort the statistics over time: that tower gets none.
        masked, whole = X.unbind(dim=1) if X.ndim == 4 else (X, X)
        masked, whole = (
            segments(log_mels, self.segment, self.training)
            for log_mels in (masked, whole)
        )
        inputs = (masked, whole, masked)
        logits = [tower(X) for tower, X in zip(self.towers, inputs, strict=True)]
        if not self.has_classes:
            return torch.cat(logits, dim=1)
        logits = torch.stack(logits, dim=1)
        if self.training:
            return logits
        return torch.softmax(logits, dim=2).mean(dim=1).clamp_min(1e-12).log()


class _LearnedFilters(nn.Module):
    """Three convolutions along time; the mean and the maximum over time."""

    n_features = 2 * 256

    def __init__(self, n_bands, n_classes):
        super().__init__()
        self.normalise = nn.BatchNorm1d(2 * n_bands)
        self.blocks = nn.Sequential(
            *_block(2 * n_bands, 128, kernel_size=5),
            nn.MaxPool1d(2, ceil_mode=True),
            *_block(128, 192, kernel_size=3),
            nn.MaxPool1d(2, ceil_mode=True),
            *_block(192, 256, kernel_size=3),
        )
        self.head = dense_head([], 0.3, self.n_features, n_classes)

    def forward(self, X):
        X = self.blocks(self.normalise(X.flatten(1, 2)))
        return self.head(torch.cat([X.mean(dim=-1), X.amax(dim=-1)], dim=1))


class _FixedFilters(nn.Module):
    """Statistics over time, and one hidden layer."""

    n_features = 256

    def __init__(self, n_bands, n_classes):
        super().__init__()
        self.statistics = TimeStatistics(n_bands)
        n_statistics = self.statistics.n_features
        # A small momentum: the statistics of a batch of 32 are noisy.
        self.normalise = nn.BatchNorm1d(n_statistics, affine=False, momentum=0.05)
        hidden = [
            nn.Dropout(0.3),
            nn.Linear(n_statistics, self.n_features, bias=False),
            nn.BatchNorm1d(self.n_features),
            nn.ReLU(),
        ]
        self.head = dense_head(hidden, 0.5, self.n_features, n_classes)

    def forward(self, X):
        # Clipped, so that the outliers of an unusual clip do not dominate.
        return self.head(self.normalise(self.statistics(X[:, 0])).clamp(-6, 6))


def _block(n_in, n_out, kernel_size):
    return (
        nn.Conv1d(n_in, n_out, kernel_size, padding=kernel_size // 2, bias=False),
        nn.BatchNorm1d(n_out),
        nn.ReLU(),
        nn.Dropout(0.1),
    )
