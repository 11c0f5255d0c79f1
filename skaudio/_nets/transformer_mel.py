"""A transformer over patches of log-mels."""

import torch
from torch import nn
from torch.nn.functional import pad

from skaudio._nets.audio_net import AudioNet
from skaudio._nets.layers import conv_block, cut_padding, dense_head, segments
from skaudio._utils.log_mels import true_lengths

_PATCH = 16  # bands and frames per token, as in the Audio Spectrogram Transformer
# Frames of a training segment, 4 s at the default features. A fit costs in proportion,
# and half of the study's clips are shorter. A multiple of the patch.
_SEGMENT = 128
# The Audio Spectrogram Transformer is 768 wide and 12 deep, and pretrained.
_WIDTH = 128
_DEPTH = 2
_HEADS = 4
# Share of the patches that training leaves out: regularises, and makes a fit faster.
_HIDDEN = 0.25


class TransformerMel(AudioNet):
    """Patches of 16 x 16, a pre-norm encoder, and pooling without the padding.

    Bands and frames are zero-padded to multiples of 16.
    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    n_features = 2 * _WIDTH

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        self.segment = min(_SEGMENT, n_frames)
        self.stem = nn.ModuleList(
            [
                nn.Sequential(*conv_block(2, 32, kernel_size=7, stride=4)),
                nn.MaxPool2d(3, stride=2, padding=1),
                nn.Sequential(*conv_block(32, 64, kernel_size=5)),
                nn.MaxPool2d(3, stride=2, padding=1),
                nn.Sequential(*conv_block(64, 128, kernel_size=3)),
            ]
        )
        self.project = nn.Conv2d(128, _WIDTH, kernel_size=1)
        rows, columns = -(-n_bands // _PATCH), -(-self.segment // _PATCH)
        self.band_position = nn.Parameter(0.02 * torch.randn(rows, 1, _WIDTH))
        self.time_position = nn.Parameter(0.02 * torch.randn(columns, _WIDTH))
        layer = nn.TransformerEncoderLayer(
            _WIDTH,
            _HEADS,
            dim_feedforward=2 * _WIDTH,
            dropout=0.0,
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(
            layer, _DEPTH, norm=nn.LayerNorm(_WIDTH), enable_nested_tensor=False
        )
        self.head = dense_head([], 0.3, self.n_features, n_classes)
        # Convolutions of few channels run fastest in this memory format.
        self.to(memory_format=torch.channels_last)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits; in training from a random segment of each clip."""
        X, lengths = self._channels(X)
        tokens = self._tokens(X, lengths)
        columns = torch.arange(tokens.shape[2], device=X.device)
        there = columns * _PATCH < lengths[:, None]
        there = there[:, None].expand(tokens.shape[:3]).flatten(1)
        tokens = tokens.flatten(1, 2)
        if self.training:
            n_kept = max(1, round((1 - _HIDDEN) * tokens.shape[1]))
            kept = torch.rand(there.shape, device=X.device).argsort(dim=1)[:, :n_kept]
            there = there.gather(1, kept)
            tokens = tokens.gather(1, kept[..., None].expand(-1, -1, _WIDTH))
        tokens = self.encoder(tokens, src_key_padding_mask=~there)
        there = there[..., None]
        mean = (tokens * there).sum(dim=1) / there.sum(dim=1)
        highest = tokens.masked_fill(~there, -torch.inf).amax(dim=1)
        return self.head(torch.cat([mean, highest], dim=1))

    def _channels(self, X):
        """Two channels of each clip, zero-padded to whole patches, and its length."""
        lengths = true_lengths(X)
        X = cut_padding(X, lengths)
        X = segments(X, self.segment, self.training)
        n_frames = X.shape[-1]
        # Clips shorter than a segment are repeated to its length in prediction, too.
        lengths = lengths.clamp(min=self.segment, max=n_frames)
        X = pad(X, (0, -n_frames % _PATCH))
        return _cut(X, lengths, stride=1), lengths

    def _tokens(self, X, lengths):
        """Tokens with their positions, (n, rows, columns, width)."""
        n_frames = X.shape[-1]
        X = X.contiguous(memory_format=torch.channels_last)
        for layer in self.stem:
            X = layer(X)
            # A layer's output over padding must not reach the next layer.
            X = _cut(X, lengths, stride=n_frames // X.shape[-1])
        tokens = self.project(X).permute(0, 2, 3, 1) + self.band_position
        # In a clip longer than a segment the positions repeat.
        columns = torch.arange(tokens.shape[2], device=X.device)
        return tokens + self.time_position[columns % len(self.time_position)]


def _cut(X, lengths, stride):
    """Set all frames after the end of a clip to zero."""
    there = torch.arange(X.shape[-1], device=X.device) * stride < lengths[:, None]
    return X * there[:, None, None]
