"""Batches of one view per row; training batches are augmented anew."""

import copy

import numpy as np
import torch
from torch.utils.data import Dataset

from skaudio._utils.log_mels import true_lengths
from skaudio._utils.views import unreadable_rows
from skaudio.augment import TrainingBatch

# Standard deviation of a clip's log-mel in dB: median of the study's training clips.
_DEVIATION_DB = 17.0
# Of the free memory of a GPU, for the log-mels of all clips; a step needs the rest.
_LARGEST_SHARE = 0.25


def unit_of_decibel(X):
    """Estimate one decibel in the units of X, from all values that are not padding."""
    there = X[X != 0]
    return there.std() / _DEVIATION_DB if there.size else 0.0


def on_device(X, device, augmenters=()):
    """Copy log-mels to the device of a net, where its batches are then made.

    They stay where they are on a CPU, where an augmenter takes arrays only, or where
    they would take a large part of the GPU's memory: then each batch is copied.

    Parameters
    ----------
    X : ndarray of float32
    device : torch.device
    augmenters : list of BatchAugmenter

    Returns
    -------
    X : ndarray or Tensor
    """
    take_tensors = [getattr(one, "takes_tensors", False) for one in augmenters]
    if device.type == "cpu" or not all(take_tensors):
        return X
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        if X.nbytes > _LARGEST_SHARE * free:
            return X
    return torch.tensor(X, device=device)


class ViewBatches(Dataset):
    """Rows as batches of one view each.

    Parameters
    ----------
    X : ndarray or Tensor of float32, shape (n, n_views, n_bands, n_frames)
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
            X, targets = self.augment(rows, targets)
        labels = torch.from_numpy(self.y[rows])
        return torch.as_tensor(X), (labels, torch.from_numpy(targets))


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
        return torch.cat([module(batch.to(device)) for batch in batches]).cpu()


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
    X : ndarray of float32, shape (n, n_views, n_bands, n_frames)
    rng : numpy.random.Generator
    augmenters : list of BatchAugmenter
        Applied in order.
    decibel : float
        One decibel in the units of X.
    device : torch.device or None, default=None
        Where the batches go; None is the CPU.

    Attributes
    ----------
    X : ndarray or Tensor
        From `on_device`.
    lengths : ndarray of int, shape (n, n_views)
        Frames of each view before its padding.
    """

    def __init__(self, X, rng, augmenters=(), decibel=1.0, device=None):
        self.X = X if device is None else on_device(X, device, augmenters)
        self.lengths = np.stack([true_lengths(views) for views in X])
        self.rng = rng
        self.augmenters = augmenters
        self.decibel = decibel

    def with_augmenters(self, augmenters):
        """Augment the same views in another way, with the same generator."""
        other = copy.copy(self)
        other.augmenters = augmenters
        return other

    def __call__(self, rows, targets=None):
        """Give a batch of log-mels (n, n_bands, n_frames) and its targets, if any."""
        views = self.rng.integers(self.X.shape[1], size=len(rows))
        lengths = self.lengths[rows, views]
        batch = TrainingBatch(self.X[rows, views], lengths, targets, self.decibel)
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
