"""Random gain of log-mels."""

from numbers import Real

import numpy as np

from skaudio._utils.sklearn_compat import Interval, validate_parameters
from skaudio.augment._training_batch import BatchAugmenter


class Gain(BatchAugmenter):
    """Make each clip of a training batch louder or softer.

    Parameters
    ----------
    max_db : float, default=6.0
        Largest gain or loss, in decibels. In normalised log-mels one decibel is a 17th
        of their standard deviation (17 dB is the median of 590 field clips).

    Examples
    --------
    >>> from skaudio import AlexNetMelClassifier
    >>> from skaudio.augment import Gain
    >>> AlexNetMelClassifier(augment=Gain(max_db=3.0)).get_params()["augment__max_db"]
    3.0
    """

    takes_tensors = True

    _parameter_constraints = {"max_db": [Interval(Real, 0, None, closed="left")]}

    def __init__(self, max_db=6.0):
        self.max_db = max_db

    def augment_batch(self, batch, rng):
        """Add a uniformly drawn gain to each clip; padding stays zero.

        Parameters
        ----------
        batch : TrainingBatch
        rng : numpy.random.Generator
        """
        validate_parameters(self)
        largest = self.max_db * batch.decibel
        gains = rng.uniform(-largest, largest, size=(len(batch.log_mels), 1))
        there = np.arange(batch.log_mels.shape[-1]) < batch.lengths[:, None]
        gains = batch.beside_log_mels((gains * there).astype(np.float32))
        batch.log_mels += gains[:, None]
