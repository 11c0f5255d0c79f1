"""Calibrated probabilities, and clips of classes that a model does not know."""

from skaudio.calibration._unknown_rejector import UnknownRejector

__all__ = ["UnknownRejector"]
"""Scores that can be relied on: thresholds that keep a promise, numbers of calls."""
from skaudio.calibration._precision_thresholds import PrecisionThresholds

__all__ = ["PrecisionThresholds"]
