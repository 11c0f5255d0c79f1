"""A batch of log-mels on its way to a net, and the base of what changes it."""

from abc import ABCMeta, abstractmethod
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator


@dataclass
class TrainingBatch:
    """The clips of one training batch, which augmenters change in place.

    Attributes
    ----------
    log_mels : ndarray of float32, shape (n, n_mels, n_frames)
        Padded with zeros. A Tensor on the GPU where a net trains on one, if all
        augmenters take tensors.
    lengths : ndarray of int, shape (n,)
        Frames of each clip before its padding.
    targets : ndarray of float32, shape (n, n_targets), or None
        One-hot rows times the weights of the clips; with several labels per clip, the
        weights of the classes that are present, followed by those of the absent ones.
        A mixture of two clips has the same mixture of their targets. None for clips
        without a label.
    decibel : float
        One decibel in the units of the log-mels.
    """

    log_mels: np.ndarray
    lengths: np.ndarray
    targets: np.ndarray | None = None
    decibel: float = 1.0

    def beside_log_mels(self, array):
        """Give an array as the log-mels are: itself, or a Tensor on their device.

        So that code for arrays works with tensors, too, where it uses only what both
        have: arithmetic, indexing, assignment.

        Parameters
        ----------
        array : ndarray

        Returns
        -------
        array : ndarray or Tensor
        """
        if isinstance(self.log_mels, np.ndarray):
            return array
        import torch

        return torch.from_numpy(array).to(self.log_mels.device)


class BatchAugmenter(BaseEstimator, metaclass=ABCMeta):
    """Base of the augmenters that change each training batch anew.

    A classifier takes one, or a list that is applied in order, as `augment`. They act
    in training only. A subclass has its parameters in its constructor, and
    `augment_batch`.

    Attributes
    ----------
    takes_tensors : bool
        Whether `augment_batch` also takes log-mels that are a Tensor. With
        ``device="cuda"`` the batches are then made on the GPU; else each is made on the
        CPU and copied there. False unless a subclass sets it.

    Examples
    --------
    >>> from skaudio.augment import BatchAugmenter
    >>> class Louder(BatchAugmenter):
    ...     def augment_batch(self, batch, rng):
    ...         batch.log_mels += 3 * batch.decibel
    >>> Louder()
    Louder()
    """

    takes_tensors = False

    @abstractmethod
    def augment_batch(self, batch, rng):
        """Change a batch.

        Parameters
        ----------
        batch : TrainingBatch
            Changed in place.
        rng : numpy.random.Generator
            All randomness comes from it.
        """
