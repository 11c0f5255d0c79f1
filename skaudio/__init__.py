"""Animal-sound recognition for scikit-learn, when data are few and uneven."""

import lazy_loader

from skaudio._version import __version__ as __version__

# Names are imported when they are first used: torch and scikit-learn take seconds.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "adaptation",
        "augment",
        "classifiers",
        "datasets",
        "features",
        "fine_tuning",
        "model_selection",
        "pretrained",
        "reports",
        "selfsupervised",
    ],
    submod_attrs={
        "_audio_file": ["AudioFileError"],
        "_persistence": ["load_model", "save_model"],
        "adaptation": ["CORALAligner"],
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
            "PrototypicalClassifier",
            "PrototypicalNetClassifier",
            "TransformerMelClassifier",
        ],
        "features": ["LogMelExtractor", "MFCCStatistics", "WavLoader"],
        "fine_tuning": ["FineTunedClassifier"],
        "pretrained": [
            "ASTEmbedder",
            "BirdNETEmbedder",
            "HTSATEmbedder",
            "PANNsEmbedder",
            "Wav2Vec2Embedder",
            "YAMNetEmbedder",
        ],
        "selfsupervised": ["BYOLAEncoder", "COLAEncoder", "SimCLREncoder"],
    },
)
__all__ += ["__version__"]
