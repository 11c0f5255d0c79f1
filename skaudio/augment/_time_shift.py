"""Random circular shifts of log-mels along time."""

from copy import deepcopy
from numbers import Real

import numpy as np

from skaudio._utils.sklearn_compat import Interval, validate_parameters
from skaudio.augment._training_batch import BatchAugmenter


class TimeShift(BatchAugmenter):
    """Shift each clip of a training batch circularly along time.

    Parameters
    ----------
    max_shift : float in [0, 1], default=0.5
        Largest shift, as a share of each clip's true length.

    Examples
    --------
    >>> from skaudio import AlexNetMelClassifier
    >>> from skaudio.augment import TimeShift
    >>> AlexNetMelClassifier(augment=TimeShift(0.2)).augment
    TimeShift(max_shift=0.2)
    """

    takes_tensors = True

    _parameter_constraints = {"max_shift": [Interval(Real, 0, 1, closed="both")]}

    def __init__(self, max_shift=0.5):
        self.max_shift = max_shift

    def augment_batch(self, batch, rng):
        """Shift each clip by a uniformly drawn share of its length, either way.

        Parameters
        ----------
        batch : TrainingBatch
        rng : numpy.random.Generator
        """
        validate_parameters(self)
        n_clips = len(batch.log_mels)
        shares = rng.uniform(-self.max_shift, self.max_shift, size=n_clips)
        shifts = np.round(shares * batch.lengths).astype(int)
        before = deepcopy(batch.log_mels)
        rows = zip(batch.log_mels, before, batch.lengths, shifts, strict=True)
        for log_mel, old, length, shift in rows:
            shift %= length
            log_mel[:, shift:length] = old[:, : length - shift]
            log_mel[:, :shift] = old[:, length - shift : length]
