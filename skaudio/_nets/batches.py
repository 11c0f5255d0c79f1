"""Batches of one view per row; training batches are augmented anew."""

import numpy as np
import torch
from torch.utils.data import Dataset

from skaudio._utils.log_mels import true_lengths
from skaudio._utils.views import unreadable_rows

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
    y : ndarray of int, shape (n,)
    weight : ndarray of float, shape (n,)
    n_classes : int
    rows : ndarray of int
        The rows of X that this phase uses; no others are read.
    augment : BatchAugmentation or None
        Draws one view per row, uniformly, and augments it. None takes view 0 unchanged.
    """

    def __init__(self, X, y, weight, n_classes, rows, augment=None):
        self.X = X
        self.y = y
        self.targets = np.zeros((len(y), n_classes), np.float32)
        self.targets[np.arange(len(y)), y] = weight
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
    """Draw views and augment them, in the order gain, shift, masks, mixup.

    Parameters
    ----------
    rng : numpy.random.Generator
    masks : object with ``redraw(log_mels, rng)`` or None
        Such as `SpecAugmenter`.
    mixup_alpha : float
        0 is no mixup.
    time_shift : float
        Largest circular shift, as a share of a clip's true length.
    gain : float
        Largest gain, in the units of X.
    keep_unmasked : bool
        Whether to give each log-mel masked and unmasked, (n, 2, n_bands, n_frames), for
        nets that take both.
    """

    def __init__(
        self,
        rng,
        masks=None,
        mixup_alpha=0.0,
        time_shift=0.0,
        gain=0.0,
        keep_unmasked=False,
    ):
        self.rng = rng
        self.masks = masks
        self.mixup_alpha = mixup_alpha
        self.time_shift = time_shift
        self.gain = gain
        self.keep_unmasked = keep_unmasked

    def __call__(self, X, rows, targets):
        """Give a batch of log-mels (n, n_bands, n_frames) and its targets, if any."""
        views = self.rng.integers(X.shape[1], size=len(rows))
        X = X[rows, views]
        lengths = true_lengths(X)
        if self.gain:
            gains = self.rng.uniform(-self.gain, self.gain, size=len(X))
            for log_mel, length, gain in zip(X, lengths, gains, strict=True):
                log_mel[:, :length] += gain
        if self.time_shift:
            shares = self.rng.uniform(-self.time_shift, self.time_shift, size=len(X))
            shifts = np.round(shares * lengths).astype(int)
            for log_mel, length, shift in zip(X, lengths, shifts, strict=True):
                log_mel[:, :length] = np.roll(log_mel[:, :length], shift, axis=1)
        if self.masks is not None:
            masked = self.masks.redraw(X, self.rng)
            X = np.stack([masked, X], axis=1) if self.keep_unmasked else masked
        if self.mixup_alpha:
            X, targets = self._mixup(X, lengths, targets)
        return X, targets

    def _mixup(self, X, lengths, targets):
        partners = self.rng.permutation(len(X))
        shares = self.rng.beta(self.mixup_alpha, self.mixup_alpha, size=len(X))
        shares = shares.astype(np.float32)
        mixed = np.zeros_like(X)
        for row, (partner, share) in enumerate(zip(partners, shares, strict=True)):
            # The shorter clip is repeated, so that no padding is mixed in.
            length = max(lengths[row], lengths[partner])
            own = _repeated(X[row], lengths[row], length)
            other = _repeated(X[partner], lengths[partner], length)
            mixed[row, ..., :length] = share * own + (1 - share) * other
        shares = shares[:, None]
        return mixed, shares * targets + (1 - shares) * targets[partners]


def _repeated(log_mel, true_length, length):
    if true_length >= length:
        return log_mel[..., :length]
    return np.take(log_mel, np.arange(length) % true_length, axis=-1)
