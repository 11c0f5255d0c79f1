"""Statistics over time of fixed filters, and one hidden layer."""

import torch
from torch import nn

from skaudio._nets.audio_net import AudioNet
from skaudio._nets.cpu_layers import Dropout
from skaudio._nets.layers import dense_head, segments
from skaudio._nets.time_statistics import TimeStatistics

_SEGMENT = 160  # frames of a training segment, 5 s at the default features


class StatisticsMel(AudioNet):
    """A dense net over `TimeStatistics` of sample-normalised log-mels.

    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    n_features = 256

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        self.segment = min(_SEGMENT, n_frames)
        self.statistics = TimeStatistics(n_bands)
        n_statistics = self.statistics.n_features
        # A small momentum: the statistics of a batch of 32 are noisy.
        self.normalise = nn.BatchNorm1d(n_statistics, affine=False, momentum=0.05)
        hidden = [
            Dropout(0.3),
            nn.Linear(n_statistics, self.n_features, bias=False),
            nn.BatchNorm1d(self.n_features),
            nn.ReLU(),
        ]
        self.head = dense_head(hidden, 0.5, self.n_features, n_classes)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits; in training from a random segment of each clip."""
        X = segments(X, self.segment, self.training, band_normalised=False)
        # Clipped, so that the outliers of an unusual clip do not dominate.
        return self.head(self.normalise(self.statistics(X[:, 0])).clamp(-6, 6))
