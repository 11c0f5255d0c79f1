"""Classifiers that train on where another net left off, layer by layer."""

from skaudio.fine_tuning._fine_tuned_classifier import FineTunedClassifier

__all__ = ["FineTunedClassifier"]
