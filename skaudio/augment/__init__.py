"""Augmentation: views of clips for training, with no change at predict time."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_calibrated_noise_mixer": ["CalibratedNoiseMixer"],
        "_gain": ["Gain"],
        "_list_noise_files": ["list_noise_files"],
        "_mel_shift": ["MelShift"],
        "_mixup": ["Mixup"],
        "_noise_mixer": ["NoiseMixer"],
        "_place_in_background": ["place_in_background"],
        "_spec_augmenter": ["SpecAugmenter"],
        "_time_shift": ["TimeShift"],
        "_training_batch": ["BatchAugmenter", "TrainingBatch"],
        "_view_resampler": ["ViewResampler"],
    },
)
