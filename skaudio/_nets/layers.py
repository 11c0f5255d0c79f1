"""Layers that know where a clip ends and its padding begins, and heads on bodies."""

import torch
from torch import nn

from skaudio._utils.log_mels import true_lengths


def dense_head(hidden, dropout, n_features, n_classes):
    """What turns a net's features into logits; without classes, the features.

    Parameters
    ----------
    hidden : list of Module
        Layers of the body that come before; they have the head's name in a state dict.
    dropout : float
    n_features : int
        Features of a clip, which go into the last layer.
    n_classes : int or None
        None leaves the body alone, whose weights have the same names as in a
        classifier.

    Returns
    -------
    head : Sequential
    """
    if n_classes is None:
        return nn.Sequential(*hidden)
    return nn.Sequential(*hidden, nn.Dropout(dropout), nn.Linear(n_features, n_classes))


def band_normalise(X, lengths):
    """Zero mean and unit variance over time in each band, padding left out and zero.

    Parameters
    ----------
    X : Tensor of shape (n, n_bands, n_frames)
    lengths : Tensor of int, shape (n,)

    Returns
    -------
    X : Tensor of the same shape
    """
    there = torch.arange(X.shape[-1], device=X.device) < lengths[:, None, None]
    n_there = lengths[:, None, None]
    mean = (X * there).sum(dim=-1, keepdim=True) / n_there
    centred = (X - mean) * there
    variance = centred.square().sum(dim=-1, keepdim=True) / n_there
    return centred / (variance + 1e-4).sqrt()


def repeat_frames(X, lengths, starts, n_frames):
    """Fill `n_frames` frames by playing each clip round and round.

    Parameters
    ----------
    X : Tensor of shape (n, n_bands, any)
    lengths, starts : Tensor of int, shape (n,)
        True length of each clip, and the frame to start from.
    n_frames : int

    Returns
    -------
    X : Tensor of shape (n, n_bands, n_frames)
    """
    places = torch.arange(n_frames, device=X.device) + starts[:, None]
    places = places % lengths[:, None]
    return X.gather(2, places[:, None].expand(-1, X.shape[1], -1))


def stretches(X, n_frames, training):
    """Give what a net hears of each clip, normalised in two ways.

    Band normalisation takes out the microphone and the long-term spectrum; what the
    clip was normalised by itself keeps them. A net needs both. A short clip is played
    again, so that padding is nothing to learn from.

    Parameters
    ----------
    X : Tensor of shape (n, n_bands, any)
        Sample-normalised pictures, padded with zeros.
    n_frames : int
        Frames of a stretch.
    training : bool
        Whether to take a stretch that starts anywhere, or the whole width of X from the
        start, so that a clip's answer does not depend on the clips beside it.

    Returns
    -------
    X : Tensor of shape (n, 2, n_bands, n_frames or more)
        As it is, and band-normalised.
    """
    lengths = true_lengths(X)
    if training:
        starts = (torch.rand(len(X), device=X.device) * lengths).long()
    else:
        starts = torch.zeros_like(lengths)
        n_frames = max(n_frames, X.shape[-1])
    pictures = (X, band_normalise(X, lengths))
    return torch.stack(
        [repeat_frames(picture, lengths, starts, n_frames) for picture in pictures],
        dim=1,
    )
