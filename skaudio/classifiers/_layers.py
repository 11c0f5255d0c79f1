"""Layers that know where a clip ends and its padding begins."""

import torch


def clip_lengths(X):
    """Count the frames before the trailing all-zero ones.

    Parameters
    ----------
    X : Tensor of shape (n, n_bands, n_frames)

    Returns
    -------
    lengths : Tensor of int, shape (n,)
        At least 1; a picture that is zero throughout (silence) counts in full.
    """
    n_frames = X.shape[-1]
    places = torch.arange(1, n_frames + 1, device=X.device)
    lengths = ((X != 0).any(dim=1) * places).amax(dim=1)
    return torch.where(lengths == 0, n_frames, lengths)


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
