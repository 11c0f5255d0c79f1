"""Random shifts of log-mels along the mel axis."""

from numbers import Integral

import numpy as np

from skaudio._utils.sklearn_compat import Interval, validate_parameters
from skaudio.augment._training_batch import BatchAugmenter


class MelShift(BatchAugmenter):
    """Shift each clip of a training batch along the mel axis: another individual.

    Individuals of one species differ in pitch. Bands that enter at the edge repeat the
    edge.

    Parameters
    ----------
    max_bands : int, default=6
        Largest shift, in mel bands, up or down. 6 of 128 bands are about a sixth of an
        octave at 2 kHz.

    Examples
    --------
    >>> from skaudio import AlexNetMelClassifier
    >>> from skaudio.augment import MelShift
    >>> AlexNetMelClassifier(augment=MelShift(4)).augment
    MelShift(max_bands=4)
    """

    takes_tensors = True

    _parameter_constraints = {"max_bands": [Interval(Integral, 0, None, closed="left")]}

    def __init__(self, max_bands=6):
        self.max_bands = max_bands

    def augment_batch(self, batch, rng):
        """Shift each clip by a uniformly drawn number of bands; padding stays zero.

        Parameters
        ----------
        batch : TrainingBatch
        rng : numpy.random.Generator
        """
        validate_parameters(self)
        n_clips, n_bands = batch.log_mels.shape[:2]
        most = min(self.max_bands, n_bands - 1)
        shifts = rng.integers(-most, most + 1, size=(n_clips, 1))
        bands = np.clip(np.arange(n_bands) - shifts, 0, n_bands - 1)
        clips, bands = map(batch.beside_log_mels, (np.arange(n_clips)[:, None], bands))
        batch.log_mels[:] = batch.log_mels[clips, bands]
