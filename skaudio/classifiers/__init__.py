"""Classifiers over log-mels, one file per architecture, and prototypes."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_alexnet_mel": ["AlexNetMelClassifier"],
        "_base": ["AudioClassifier"],
        "_cnn1d": ["CNN1DClassifier"],
        "_enhanced_cnn1d": ["EnhancedCNN1DClassifier"],
        "_fixmatch": ["FixMatchClassifier"],
        "_grouped_logistic": ["GroupedLogisticRegressionCV"],
        "_losses": ["ClassBalancedLoss", "FocalLoss"],
        "_mel_ensemble": ["MelEnsembleClassifier"],
        "_prototypical": ["PrototypicalClassifier"],
        "_prototypical_net": ["PrototypicalNetClassifier"],
        "_resnet_mel": ["ResNetMelClassifier"],
        "_statistics_mel": ["StatisticsMelClassifier"],
        "_transformer_mel": ["TransformerMelClassifier"],
        "_window_classifier": ["WindowClassifier"],
    },
)
