"""Crops of pictures: out of the part that sounds, and stretched in time and pitch."""

import numpy as np
import torch
from torch.nn.functional import grid_sample

from skaudio._utils.log_mels import true_lengths


def random_starts(pictures, n_frames, rng):
    """Draw where a crop of each picture begins, so that it holds no padding.

    Parameters
    ----------
    pictures : ndarray of shape (n, n_bands, any)
    n_frames : int
        Length of a crop.
    rng : numpy.random.Generator

    Returns
    -------
    starts : ndarray of int, shape (n,)
        Where a clip is not longer than a crop it may begin anywhere: it is repeated.
    """
    lengths = true_lengths(pictures)
    n_starts = np.where(lengths > n_frames, lengths - n_frames + 1, lengths)
    return np.floor(rng.random(len(pictures)) * n_starts).astype(int)


def crops(pictures, starts, n_frames):
    """Cut a crop of each picture; clips that are shorter are played again.

    Parameters
    ----------
    pictures : ndarray of shape (n, n_bands, any)
    starts : ndarray of int, shape (n,)
    n_frames : int

    Returns
    -------
    crops : ndarray of shape (n, n_bands, n_frames)
    """
    places = (starts[:, None] + np.arange(n_frames)) % true_lengths(pictures)[:, None]
    return np.take_along_axis(pictures, places[:, None], axis=2)


def resized_crops(pictures, rng, scale=(0.6, 1.5), room=1.5):
    """Crop a part of each picture and stretch it to the whole, in time and in pitch.

    The picture lies in the middle of an empty one, `room` times as long, so that a crop
    may reach past its ends: what is there is 0.

    Parameters
    ----------
    pictures : ndarray of float32, shape (n, n_bands, n_frames)
    rng : numpy.random.Generator
    scale : pair of float
        Least and largest size of a crop as a share of the picture; of the bands never
        more than all.
    room : float

    Returns
    -------
    crops : ndarray of float32, the same shape

    References
    ----------
    D. Niizumi et al., "BYOL for Audio: self-supervised learning for general-purpose
    audio representation", IJCNN 2021.
    """
    n = len(pictures)
    tall = np.minimum(rng.uniform(*scale, size=n), 1.0)
    wide = np.minimum(rng.uniform(*scale, size=n), room)
    # Middles, in the coordinates of grid_sample: the picture reaches from -1 to 1.
    middle_band = rng.uniform(-1, 1, size=n) * (1 - tall)
    middle_frame = rng.uniform(-1, 1, size=n) * (room - wide)
    rows, columns = (_centres(size)[None] for size in pictures.shape[1:])
    rows = middle_band[:, None] + tall[:, None] * rows
    columns = middle_frame[:, None] + wide[:, None] * columns
    shape = pictures.shape
    grid = np.empty((*shape, 2), np.float32)
    grid[..., 0], grid[..., 1] = columns[:, None, :], rows[:, :, None]
    resized = grid_sample(
        torch.from_numpy(np.ascontiguousarray(pictures))[:, None],
        torch.from_numpy(grid),
        mode="bicubic",
        align_corners=False,
    )
    return resized[:, 0].numpy()


def _centres(size):
    """Middles of the pixels of an axis that reaches from -1 to 1."""
    return (2 * np.arange(size) + 1) / size - 1
