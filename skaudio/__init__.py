"""Animal-sound classifiers for scikit-learn, from small, imbalanced sets of clips."""

import lazy_loader

from skaudio._utils.version import __version__ as __version__

# Names are imported when they are first used: torch and scikit-learn take seconds.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "audit",
        "augment",
        "calibration",
        "classifiers",
        "datasets",
        "displays",
        "domain_adaptation",
        "export",
        "features",
        "fine_tuning",
        "io",
        "metrics",
        "model_selection",
        "pipelines",
        "pretrained",
        "recordings",
        "reports",
        "self_supervised",
    ],
    submod_attrs={
        "augment": [
            "CalibratedNoiseMixer",
            "NoiseMixer",
            "SpecAugmenter",
            "ViewResampler",
        ],
        "calibration": ["GroupedCalibrator", "UnknownRejector"],
        "classifiers": [
            "AlexNetMelClassifier",
            "CNN1DClassifier",
            "EnhancedCNN1DClassifier",
            "FixMatchClassifier",
            "GroupedLogisticRegressionCV",
            "MelEnsembleClassifier",
            "PrototypicalClassifier",
            "PrototypicalNetClassifier",
            "ResNetMelClassifier",
            "StatisticsMelClassifier",
            "TransformerMelClassifier",
            "WindowClassifier",
        ],
        "domain_adaptation": ["CORALAligner"],
        "export": ["ModelFileError", "load_model", "save_model"],
        "features": ["LogMelExtractor", "MFCCStatistics", "WavLoader"],
        "fine_tuning": ["FineTunedClassifier"],
        "io": ["AudioFileError"],
        "pretrained": [
            "ASTEmbedder",
            "BirdNETEmbedder",
            "EfficientATEmbedder",
            "HTSATEmbedder",
            "ONNXEmbedder",
            "PANNsEmbedder",
            "Wav2Vec2Embedder",
            "YAMNetEmbedder",
        ],
        "self_supervised": ["BYOLAEncoder", "COLAEncoder", "SimCLREncoder"],
    },
)
__all__ += ["__version__"]
