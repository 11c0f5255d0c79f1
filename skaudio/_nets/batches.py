"""Batches of one view per row; training batches are augmented anew."""

import numpy as np
import torch
from torch.utils.data import Dataset

from skaudio._utils.log_mels import true_lengths
from skaudio._utils.views import unreadable_rows
from skaudio.augment import TrainingBatch

# Standard deviation of a clip's log-mel in dB: median of the study's training clips.
_DEVIATION_DB = 17.0


def unit_of_decibel(X):
    """Estimate one decibel in the units of X, from all values that are not padding."""
    there = X[X != 0]
    return there.std() / _DEVIATION_DB if there.size else 0.0


class ViewBatches(Dataset):
    """Rows as batches of one view each.

    Parameters
    ----------
    X : ndarray of float32, shape (n, n_views, n_bands, n_frames)
    y : ndarray of shape (n, ...)
        Labels, from which accuracy is computed.
    targets : ndarray of float32, shape (n, n_targets)
        What the loss takes.
    rows : ndarray of int
        The rows of X that this phase uses; no others are read.
    augment : BatchAugmentation or None
        Draws one view per row, uniformly, and augments it. None takes view 0 unchanged.
    """

    def __init__(self, X, y, targets, rows, augment=None):
        self.X = X
        self.y = y
        self.targets = targets
        self.rows = rows
        self.augment = augment

    def __len__(self):
        return len(self.rows)

    def __getitems__(self, places):
        rows = self.rows[places]
        targets = self.targets[rows]
        if self.augment is None:
            X = self.X[rows, 0]
        else:
            X, targets = self.augment(self.X, rows, targets)
        X, labels, targets = map(torch.from_numpy, (X, self.y[rows], targets))
        return X, (labels, targets)


def as_batch(batch):
    """Return the batch as it is: `ViewBatches` gives whole batches."""
    return batch


def outputs_of(module, X, batch_size=128):
    """Run a trained net batch by batch.

    Parameters
    ----------
    module : torch.nn.Module
    X : ndarray of float32, shape (n, n_bands, n_frames)
    batch_size : int

    Returns
    -------
    outputs : Tensor of shape (n, ...)
        On the CPU.
    """
    device = next(module.parameters()).device
    module.eval()
    with torch.inference_mode():
        batches = torch.from_numpy(X).split(batch_size)
        return torch.cat([module(batch.to(device)).cpu() for batch in batches])


def mean_over_views(X, n_outputs, dtype, outputs):
    """Average outputs over the views of each clip.

    Parameters
    ----------
    X : ndarray of float32, shape (n, n_views, n_bands, n_frames)
    n_outputs : int
    dtype : dtype of the result
    outputs : callable
        From an ndarray (n, n_bands, n_frames) to an ndarray (n, n_outputs).

    Returns
    -------
    means : ndarray of shape (n, n_outputs)
        NaN where a clip is unreadable.
    """
    missing = unreadable_rows(X)
    means = np.full((len(X), n_outputs), np.nan, dtype)
    if not missing.all():
        views = outputs(X[~missing].reshape(-1, *X.shape[2:]))
        means[~missing] = views.reshape(-1, X.shape[1], n_outputs).mean(axis=1)
    return means


class BatchAugmentation:
    """Draw a view of each clip and augment it.

    Parameters
    ----------
    rng : numpy.random.Generator
    augmenters : list of BatchAugmenter
        Applied in order.
    decibel : float
        One decibel in the units of X.
    """

    def __init__(self, rng, augmenters=(), decibel=1.0):
        self.rng = rng
        self.augmenters = augmenters
        self.decibel = decibel

    def __call__(self, X, rows, targets):
        """Give a batch of log-mels (n, n_bands, n_frames) and its targets, if any."""
        views = self.rng.integers(X.shape[1], size=len(rows))
        X = X[rows, views]
        batch = TrainingBatch(X, true_lengths(X), targets, self.decibel)
        for augmenter in self.augmenters:
            augmenter.augment_batch(batch, self.rng)
        return batch.log_mels, batch.targets


def list_augmenters(augment):
    """List the augmenters of the parameter `augment`.

    Parameters
    ----------
    augment : augmenter, list of augmenters or None

    Returns
    -------
    augmenters : list

    Raises
    ------
    ValueError
        Where an entry has no method ``augment_batch``.
    """
    if augment is None:
        return []
    augmenters = list(augment) if isinstance(augment, (list, tuple)) else [augment]
    for augmenter in augmenters:
        if not hasattr(augmenter, "augment_batch"):
            raise ValueError(
                f"augment={augment!r}: {augmenter!r} has no method augment_batch: "
                "expected an augmenter of skaudio.augment, such as SpecAugmenter(), or "
                "a list of them."
            )
    return augmenters
