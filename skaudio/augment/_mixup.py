"""Mixup of clips and their targets."""

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
        mixed = np.zeros_like(X)
        for row, (partner, share) in enumerate(zip(partners, shares, strict=True)):
            length = max(lengths[row], lengths[partner])
            own = _repeated(X[row], lengths[row], length)
            other = _repeated(X[partner], lengths[partner], length)
            mixed[row, ..., :length] = share * own + (1 - share) * other
        shares = shares[:, None]
        targets = batch.targets
        batch.log_mels = mixed
        batch.lengths = np.maximum(lengths, lengths[partners])
        batch.targets = shares * targets + (1 - shares) * targets[partners]


def _repeated(log_mel, true_length, length):
    if true_length >= length:
        return log_mel[..., :length]
    return np.take(log_mel, np.arange(length) % true_length, axis=-1)
