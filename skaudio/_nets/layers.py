"""Layers over log-mels that leave padding out, and the heads of nets."""

import torch
from torch import nn

from skaudio._nets.cpu_layers import Dropout
from skaudio._utils.log_mels import true_lengths


def dense_head(hidden, dropout, n_features, n_classes):
    """Build the layers that turn a net's features into logits.

    Parameters
    ----------
    hidden : list of Module
        Layers of the body before the last one; in a state dict they belong to the head.
    dropout : float
    n_features : int
        Features per clip, the input of the last layer.
    n_classes : int or None
        None gives the hidden layers only; weights keep the names that they have in a
        classifier.

    Returns
    -------
    head : Sequential
    """
    if n_classes is None:
        return nn.Sequential(*hidden)
    return nn.Sequential(*hidden, Dropout(dropout), nn.Linear(n_features, n_classes))


def conv_block(n_in, n_out, kernel_size, stride=1):
    """Build a convolution over bands and frames, batch normalisation and ReLU."""
    return (
        nn.Conv2d(
            n_in, n_out, kernel_size, stride, padding=kernel_size // 2, bias=False
        ),
        nn.BatchNorm2d(n_out),
        nn.ReLU(),
    )


def band_statistics(X, lengths):
    """Compute the mean and the standard deviation of each band over time.

    Parameters
    ----------
    X : Tensor of shape (n, n_bands, n_frames)
        Zero after the end of each clip.
    lengths : Tensor of int, shape (n,)

    Returns
    -------
    mean, deviation : Tensor of shape (n, n_bands, 1)
    """
    there = torch.arange(X.shape[-1], device=X.device) < lengths[:, None, None]
    n_there = lengths[:, None, None]
    mean = X.sum(dim=-1, keepdim=True) / n_there
    centred = (X - mean) * there
    variance = centred.square().sum(dim=-1, keepdim=True) / n_there
    return mean, (variance + 1e-4).sqrt()


def repeat_frames(X, lengths, starts, n_frames):
    """Fill `n_frames` frames by repeating each clip.

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


def cut_padding(X, lengths):
    """Cut what is padding in all clips.

    Not on a GPU, which would have to be waited for, nor in an exported graph, whose
    sizes are fixed.

    Parameters
    ----------
    X : Tensor of shape (n, n_bands, n_frames)
    lengths : Tensor of int, shape (n,)

    Returns
    -------
    X : Tensor of shape (n, n_bands, n_frames or less)
    """
    if X.device.type != "cpu" or torch.jit.is_tracing():
        return X
    return X[..., : lengths.max()]


def segments(X, n_frames, training, band_normalised=True):
    """Cut one segment of each clip, normalised in two ways.

    Band normalisation removes the microphone and the long-term spectrum; sample
    normalisation keeps them. A net needs both. Short clips are repeated instead of
    padded.

    Parameters
    ----------
    X : Tensor of shape (n, n_bands, any)
        Sample-normalised log-mels, padded with zeros.
    n_frames : int
        Frames of a segment.
    training : bool
        True cuts at a random start. False takes the whole width of X, so that the
        prediction for a clip does not depend on the other clips of its batch.
    band_normalised : bool, default=True
        False leaves out the second channel.

    Returns
    -------
    X : Tensor of shape (n, 2 or 1, n_bands, n_frames or more)
        Sample-normalised, and band-normalised.
    """
    lengths = true_lengths(X)
    if training:
        starts = (torch.rand(len(X), device=X.device) * lengths).long()
        X = cut_padding(X, lengths)
    else:
        starts = torch.zeros_like(lengths)
        n_frames = max(n_frames, X.shape[-1])
    segment = repeat_frames(X, lengths, starts, n_frames)
    if not band_normalised:
        return segment[:, None]
    # By the whole clip, also where the segment is a part of it.
    mean, deviation = band_statistics(X, lengths)
    return torch.stack([segment, (segment - mean) / deviation], dim=1)
