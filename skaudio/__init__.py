"""Animal-sound recognition for scikit-learn, when data are few and uneven."""

import lazy_loader

from skaudio._version import __version__ as __version__

# Names are imported when they are first used: torch and scikit-learn take seconds.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "augment",
        "classifiers",
        "datasets",
        "features",
        "model_selection",
        "reports",
        "selfsupervised",
    ],
    submod_attrs={
        "_audio_file": ["AudioFileError"],
        "_persistence": ["load_model", "save_model"],
        "augment": [
            "CalibratedNoiseMixer",
            "NoiseMixer",
            "SpecAugmenter",
            "ViewResampler",
        ],
        "classifiers": [
            "AlexNetMelClassifier",
            "CNN1DClassifier",
            "EnhancedCNN1DClassifier",
            "FineTunedClassifier",
            "TransformerMelClassifier",
        ],
        "features": ["LogMelExtractor", "MFCCStatistics", "WavLoader"],
        "selfsupervised": ["BYOLAEncoder", "COLAEncoder", "SimCLREncoder"],
    },
)
__all__ += ["__version__"]
