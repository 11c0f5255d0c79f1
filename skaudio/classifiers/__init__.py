"""Classifiers over log-mels, one file per architecture, and prototypes."""

from skaudio.classifiers._alexnet_mel import AlexNetMelClassifier
from skaudio.classifiers._base import AudioClassifier
from skaudio.classifiers._cnn1d import CNN1DClassifier
from skaudio.classifiers._enhanced_cnn1d import EnhancedCNN1DClassifier
from skaudio.classifiers._fixmatch import FixMatchClassifier
from skaudio.classifiers._grouped_logistic import GroupedLogisticRegressionCV
from skaudio.classifiers._losses import ClassBalancedLoss, FocalLoss
from skaudio.classifiers._mel_ensemble import MelEnsembleClassifier
from skaudio.classifiers._prototypical import PrototypicalClassifier
from skaudio.classifiers._prototypical_net import PrototypicalNetClassifier
from skaudio.classifiers._resnet_mel import ResNetMelClassifier
from skaudio.classifiers._statistics_mel import StatisticsMelClassifier
from skaudio.classifiers._transformer_mel import TransformerMelClassifier
from skaudio.classifiers._window_classifier import WindowClassifier

__all__ = [
    "AlexNetMelClassifier",
    "AudioClassifier",
    "CNN1DClassifier",
    "ClassBalancedLoss",
    "EnhancedCNN1DClassifier",
    "FixMatchClassifier",
    "FocalLoss",
    "GroupedLogisticRegressionCV",
    "MelEnsembleClassifier",
    "PrototypicalClassifier",
    "PrototypicalNetClassifier",
    "ResNetMelClassifier",
    "StatisticsMelClassifier",
    "TransformerMelClassifier",
    "WindowClassifier",
]
