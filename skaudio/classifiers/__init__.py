"""Classifiers over log-mel pictures, one file an architecture."""

from skaudio.classifiers._base import AudioClassifier
from skaudio.classifiers._cnn1d import CNN1DClassifier
from skaudio.classifiers._enhanced_cnn1d import EnhancedCNN1DClassifier

__all__ = ["AudioClassifier", "CNN1DClassifier", "EnhancedCNN1DClassifier"]
