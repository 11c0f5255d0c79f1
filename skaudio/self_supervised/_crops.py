"""Crops of log-mels: from the part without padding, and resized in time and pitch."""

import numpy as np

from skaudio._utils.log_mels import true_lengths


def random_starts(log_mels, n_frames, rng):
    """Draw the start of a crop of each log-mel, so that it contains no padding.

    Parameters
    ----------
    log_mels : ndarray of shape (n, n_bands, any)
    n_frames : int
        Length of a crop.
    rng : numpy.random.Generator

    Returns
    -------
    starts : ndarray of int, shape (n,)
        Anywhere in clips that are not longer than a crop: these are repeated.
    """
    lengths = true_lengths(log_mels)
    n_starts = np.where(lengths > n_frames, lengths - n_frames + 1, lengths)
    return np.floor(rng.random(len(log_mels)) * n_starts).astype(int)


def crops(log_mels, starts, n_frames):
    """Cut a crop of each log-mel; shorter clips are repeated.

    Parameters
    ----------
    log_mels : ndarray of shape (n, n_bands, any)
    starts : ndarray of int, shape (n,)
    n_frames : int

    Returns
    -------
    crops : ndarray of shape (n, n_bands, n_frames)
    """
    places = (starts[:, None] + np.arange(n_frames)) % true_lengths(log_mels)[:, None]
    return np.take_along_axis(log_mels, places[:, None], axis=2)


def resized_crops(log_mels, rng, scale=(0.6, 1.5), room=1.5):
    """Crop a part of each log-mel and resize it to the whole, in time and in pitch.

    The log-mel lies in the middle of zeros, `room` times as long, so that a crop may
    reach past its ends.

    Parameters
    ----------
    log_mels : ndarray of float32, shape (n, n_bands, n_frames)
    rng : numpy.random.Generator
    scale : pair of float
        Least and largest size of a crop as a share of the log-mel; at most all of the
        bands.
    room : float

    Returns
    -------
    crops : ndarray of float32, the same shape

    References
    ----------
    D. Niizumi et al., "BYOL for Audio: self-supervised learning for general-purpose
    audio representation", IJCNN 2021.
    """
    import torch

    n = len(log_mels)
    tall = np.minimum(rng.uniform(*scale, size=n), 1.0)
    wide = np.minimum(rng.uniform(*scale, size=n), room)
    # Centres, in the coordinates of grid_sample: the log-mel reaches from -1 to 1.
    centre_band = rng.uniform(-1, 1, size=n) * (1 - tall)
    centre_frame = rng.uniform(-1, 1, size=n) * (room - wide)
    rows, columns = (_centres(size)[None] for size in log_mels.shape[1:])
    rows = centre_band[:, None] + tall[:, None] * rows
    columns = centre_frame[:, None] + wide[:, None] * columns
    shape = log_mels.shape
    grid = np.empty((*shape, 2), np.float32)
    grid[..., 0], grid[..., 1] = columns[:, None, :], rows[:, :, None]
    resized = torch.nn.functional.grid_sample(
        torch.from_numpy(np.ascontiguousarray(log_mels))[:, None],
        torch.from_numpy(grid),
        mode="bicubic",
        align_corners=False,
    )
    return resized[:, 0].numpy()


def _centres(size):
    """Compute the centres of the pixels of an axis that reaches from -1 to 1."""
    return (2 * np.arange(size) + 1) / size - 1
