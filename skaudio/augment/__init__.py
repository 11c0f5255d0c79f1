"""Augmentation: views of clips for training, with no change at predict time."""

from skaudio.augment._calibrated_noise_mixer import CalibratedNoiseMixer
from skaudio.augment._gain import Gain
from skaudio.augment._list_noise_files import list_noise_files
from skaudio.augment._mel_shift import MelShift
from skaudio.augment._mixup import Mixup
from skaudio.augment._noise_mixer import NoiseMixer
from skaudio.augment._place_in_background import place_in_background
from skaudio.augment._spec_augmenter import SpecAugmenter
from skaudio.augment._time_shift import TimeShift
from skaudio.augment._training_batch import BatchAugmenter, TrainingBatch
from skaudio.augment._view_resampler import ViewResampler

__all__ = [
    "BatchAugmenter",
    "CalibratedNoiseMixer",
    "Gain",
    "MelShift",
    "Mixup",
    "NoiseMixer",
    "SpecAugmenter",
    "TimeShift",
    "TrainingBatch",
    "ViewResampler",
    "list_noise_files",
    "place_in_background",
]
