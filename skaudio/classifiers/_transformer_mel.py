"""A transformer over patches of log-mels."""

import torch
from torch import nn
from torch.nn.functional import pad

from skaudio.classifiers._base import AudioClassifier
from skaudio.classifiers._layers import (
    band_normalise,
    clip_lengths,
    dense_head,
    repeat_frames,
)

_PATCH = 16  # bands and frames a token, as in the Audio Spectrogram Transformer
# Frames that training looks at, 4 s at the default features: a fit costs in proportion,
# and half of the study's clips are shorter. A multiple of the patch.
_STRETCH = 128
# The Audio Spectrogram Transformer is 768 wide and 12 deep, and pretrained.
_WIDTH = 128
_DEPTH = 2
_HEADS = 4
# Share of the patches that training hides: it regularises, and a fit costs less.
_HIDDEN = 0.25


class TransformerMel(nn.Module):
    """Patches of 16 x 16, a pre-norm encoder, and pooling that leaves padding out.

    Bands and frames that 16 does not divide make a patch more, filled up with zeros.
    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    n_features = 2 * _WIDTH

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        self.stretch = min(_STRETCH, n_frames)
        self.stem = nn.ModuleList(
            [
                _convolution(2, 32, kernel_size=7, stride=4),
                nn.MaxPool2d(3, stride=2, padding=1),
                _convolution(32, 64, kernel_size=5),
                nn.MaxPool2d(3, stride=2, padding=1),
                _convolution(64, 128, kernel_size=3),
            ]
        )
        self.project = nn.Conv2d(128, _WIDTH, kernel_size=1)
        rows, columns = -(-n_bands // _PATCH), -(-self.stretch // _PATCH)
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
        # The order in memory that convolutions of few channels run fastest in.
        self.to(memory_format=torch.channels_last)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits; in training from a random stretch of each clip."""
        X, lengths = self._pictures(X)
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

    def _pictures(self, X):
        """Two channels of each clip, zero-padded to whole columns, and its length."""
        lengths = clip_lengths(X)
        X = X[..., : lengths.max()]
        if self.training:
            starts = (torch.rand(len(X), device=X.device) * lengths).long()
            n_frames = self.stretch
        else:
            starts = torch.zeros_like(lengths)
            n_frames = max(self.stretch, X.shape[-1])
        pictures = [X, band_normalise(X, lengths)]
        # A clip shorter than a stretch is repeated to one, here as in training.
        pictures = [repeat_frames(X, lengths, starts, n_frames) for X in pictures]
        X = torch.stack(pictures, dim=1)
        lengths = lengths.clamp(min=self.stretch, max=n_frames)
        X = pad(X, (0, -n_frames % _PATCH))
        return _cut(X, lengths, stride=1), lengths

    def _tokens(self, X, lengths):
        """Tokens with their positions, (n, rows, columns, width)."""
        n_frames = X.shape[-1]
        X = X.contiguous(memory_format=torch.channels_last)
        for layer in self.stem:
            X = layer(X)
            # What a layer makes of padding must not reach the next.
            X = _cut(X, lengths, stride=n_frames // X.shape[-1])
        tokens = self.project(X).permute(0, 2, 3, 1) + self.band_position
        # A clip longer than a stretch counts its positions anew with each stretch.
        columns = torch.arange(tokens.shape[2], device=X.device)
        return tokens + self.time_position[columns % len(self.time_position)]


def _cut(X, lengths, stride):
    """Put zeros where a clip is over."""
    there = torch.arange(X.shape[-1], device=X.device) * stride < lengths[:, None]
    return X * there[:, None, None]


def _convolution(n_in, n_out, kernel_size, stride=1):
    return nn.Sequential(
        nn.Conv2d(
            n_in, n_out, kernel_size, stride, padding=kernel_size // 2, bias=False
        ),
        nn.BatchNorm2d(n_out),
        nn.ReLU(),
    )


class TransformerMelClassifier(AudioClassifier):
    """A small transformer over patches of log-mels, trained from nothing.

    One token for each patch of 16 bands x 16 frames, as in the Audio Spectrogram
    Transformer, but looked at through three convolutions and their max pooling instead
    of one linear map: the hybrid of Dosovitskiy et al. (2021), without which few clips
    teach a transformer little. Positions are learned, for bands and for time apart. A
    pre-norm encoder of 2 layers, 128 wide, with 4 heads; in training a quarter of the
    patches is hidden from it (Koutini et al. 2022). The mean and the maximum over the
    tokens; dropout 0.3; one dense layer. 0.42 million parameters at 128 x 500 and 13
    classes.

    Sees each picture as two channels, as normalised by itself and normalised within
    each band. In training it takes a random stretch of 128 frames, in prediction the
    whole clip; clips shorter than that are repeated. Padding is masked throughout and
    changes nothing.

    {shared}

    See Also
    --------
    AlexNetMelClassifier : Convolutions throughout; more accurate on few clips.
    EnhancedCNN1DClassifier : Smaller and faster, with convolutions along time only.
    LogMelExtractor : Makes its input; ``normalize="sample"`` is what it expects.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NIPS 2017.

    A. Dosovitskiy et al., "An image is worth 16x16 words: transformers for image
    recognition at scale", ICLR 2021.

    Y. Gong, Y.-A. Chung, J. Glass, "AST: audio spectrogram transformer", Interspeech
    2021.

    K. Koutini et al., "Efficient training of audio transformers with patchout",
    Interspeech 2022.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import LogMelExtractor, TransformerMelClassifier
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> pipe = make_pipeline(
    ...     LogMelExtractor(n_mels=64, n_frames=100),
    ...     TransformerMelClassifier(max_epochs=3, random_state=0),
    ... )
    >>> fit_parameters = {"transformermelclassifier__groups": calls.groups}
    >>> pipe = pipe.fit(calls.data, calls.target, **fit_parameters)
    >>> pipe.predict(calls.data[:2]).shape
    (2,)
    """

    _module = TransformerMel
