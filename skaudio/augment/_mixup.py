"""Mixup of clips and their targets."""

from copy import deepcopy
from numbers import Real

import numpy as np

from skaudio._utils.sklearn_compat import Interval, validate_parameters
from skaudio.augment._training_batch import BatchAugmenter


class Mixup(BatchAugmenter):
    """Mix each clip of a training batch with another one, and their targets.

    Parameters
    ----------
    alpha : float, default=0.2
        Shares are drawn from Beta(alpha, alpha); 0.2 to 0.4 are usual.

    References
    ----------
    H. Zhang et al., "mixup: Beyond empirical risk minimization", ICLR 2018.

    Examples
    --------
    >>> from skaudio import SpecAugmenter, TransformerMelClassifier
    >>> from skaudio.augment import Mixup
    >>> classifier = TransformerMelClassifier(augment=[SpecAugmenter(), Mixup(0.3)])
    >>> classifier.augment[1]
    Mixup(alpha=0.3)
    """

    takes_tensors = True

    _parameter_constraints = {"alpha": [Interval(Real, 0, None, closed="neither")]}

    def __init__(self, alpha=0.2):
        self.alpha = alpha

    def augment_batch(self, batch, rng):
        """Mix; the shorter clip is repeated, so that no padding is mixed in.

        Parameters
        ----------
        batch : TrainingBatch
        rng : numpy.random.Generator

        Raises
        ------
        ValueError
            Where the batch has no targets.
        """
        validate_parameters(self)
        if batch.targets is None:
            raise ValueError(
                f"{self!r} in a batch with no targets to mix: leave it out of "
                "`augment` (PrototypicalNetClassifier trains without targets)."
            )
        X, lengths = batch.log_mels, batch.lengths
        partners = rng.permutation(len(X))
        shares = rng.beta(self.alpha, self.alpha, size=len(X)).astype(np.float32)
        longest = np.maximum(lengths, lengths[partners])
        mixed = deepcopy(X)
        for row, (partner, length) in enumerate(zip(partners, longest, strict=True)):
            own, other = (_repeated(batch, clip, length) for clip in (row, partner))
            share = float(shares[row])
            mixed[row, :, :length] = share * own + (1 - share) * other
        shares = shares[:, None]
        targets = batch.targets
        batch.log_mels = mixed
        batch.lengths = longest
        batch.targets = shares * targets + (1 - shares) * targets[partners]


def _repeated(batch, clip, length):
    """Give a clip, repeated up to a length."""
    log_mel, own_length = batch.log_mels[clip], batch.lengths[clip]
    if own_length >= length:
        return log_mel[:, :length]
    return log_mel[:, batch.beside_log_mels(np.arange(length) % own_length)]
