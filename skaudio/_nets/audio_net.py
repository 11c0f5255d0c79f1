"""What every network over log-mels declares."""

import torch
from torch import nn


class AudioNet(nn.Module):
    """Base of the networks over log-mels.

    A subclass is built with ``(n_bands, n_frames, n_classes)``. From log-mels (n,
    n_bands, any number of frames) it computes logits (n, n_classes); with
    ``n_classes=None`` it is a body without a last layer and computes (n, n_features).

    Attributes
    ----------
    n_features : int
        Width of the input of the last layer.
    segment : int or None
        Frames that training cuts from each clip; None takes the whole clip.
    layer_types : tuple of Module types
        A module of one of these types begins a layer, for fine-tuning layer by layer.
    """

    n_features = None
    segment = None
    layer_types = (nn.Conv1d, nn.Conv2d, nn.Linear, nn.TransformerEncoderLayer)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Compute logits, or features where there are no classes."""
        raise NotImplementedError
