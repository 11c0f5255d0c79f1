"""Fine-tuning of published networks and of encoders, layer by layer."""

from skaudio.fine_tuning._fine_tuned_classifier import FineTunedClassifier

__all__ = ["FineTunedClassifier"]
