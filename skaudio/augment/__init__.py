"""Augmentation: views of clips for training, with no change at predict time."""

from skaudio.augment._calibrated_noise_mixer import CalibratedNoiseMixer
from skaudio.augment._list_noise_files import list_noise_files
from skaudio.augment._noise_mixer import NoiseMixer
from skaudio.augment._spec_augmenter import SpecAugmenter
from skaudio.augment._view_resampler import ViewResampler

__all__ = [
    "CalibratedNoiseMixer",
    "NoiseMixer",
    "SpecAugmenter",
    "ViewResampler",
    "list_noise_files",
]
