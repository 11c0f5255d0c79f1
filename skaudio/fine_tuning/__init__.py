"""Classifiers that train on where another net left off, layer by layer."""

from skaudio.fine_tuning._fine_tuned_classifier import FineTunedClassifier
from skaudio.fine_tuning._published import BACKBONES

__all__ = ["BACKBONES", "FineTunedClassifier"]
