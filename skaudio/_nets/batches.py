"""The batches that a net sees: one view a row, in training augmented anew."""

import numpy as np
import torch
from torch.utils.data import Dataset

from skaudio._utils.log_mels import true_lengths

# Standard deviation of a clip's log-mel, the median of the study's training clips.
_DECIBELS_OF_A_DEVIATION = 17.0


def unit_of_decibel(X):
    """What a decibel is in the pictures' units: whatever is not padding tells."""
    there = X[X != 0]
    return there.std() / _DECIBELS_OF_A_DEVIATION if there.size else 0.0


class ViewBatches(Dataset):
    """Rows as batches of one view each.

    Parameters
    ----------
    X : ndarray of float32, shape (n, n_views, n_bands, n_frames)
    y : ndarray of int, shape (n,)
    weight : ndarray of float, shape (n,)
    n_classes : int
    rows : ndarray of int
        The rows of X that belong to this phase; no other is ever touched.
    augment : BatchAugmentation or None
        Draws one view a row, uniformly, and changes it. None is view 0, as it is.
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
    """Collate nothing: `ViewBatches` gives whole batches."""
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


class BatchAugmentation:
    """Draw views and change them, in the order gain, shift, masks, mixup.

    Parameters
    ----------
    rng : numpy.random.Generator
    masks : object with ``redraw(pictures, rng)`` or None
        Such as `SpecAugmenter`.
    mixup_alpha : float
        0 is no mixup.
    time_shift : float
        Largest circular shift, as a share of a clip's true length.
    gain : float
        Largest gain, in the units of X.
    keep_unmasked : bool
        Whether to give masked pictures together with the same unmasked, (n, 2, n_bands,
        n_frames), for nets that take both.
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
        """Give a batch of pictures (n, n_bands, n_frames) and its targets, if any."""
        views = self.rng.integers(X.shape[1], size=len(rows))
        X = X[rows, views]
        lengths = true_lengths(X)
        if self.gain:
            gains = self.rng.uniform(-self.gain, self.gain, size=len(X))
            for picture, length, gain in zip(X, lengths, gains, strict=True):
                picture[:, :length] += gain
        if self.time_shift:
            shares = self.rng.uniform(-self.time_shift, self.time_shift, size=len(X))
            shifts = np.round(shares * lengths).astype(int)
            for picture, length, shift in zip(X, lengths, shifts, strict=True):
                picture[:, :length] = np.roll(picture[:, :length], shift, axis=1)
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
            # The shorter is played again: what is mixed is sound, not padding.
            length = max(lengths[row], lengths[partner])
            own = _played(X[row], lengths[row], length)
            other = _played(X[partner], lengths[partner], length)
            mixed[row, ..., :length] = share * own + (1 - share) * other
        shares = shares[:, None]
        return mixed, shares * targets + (1 - shares) * targets[partners]


def _played(picture, true_length, length):
    if true_length >= length:
        return picture[..., :length]
    return np.take(picture, np.arange(length) % true_length, axis=-1)
