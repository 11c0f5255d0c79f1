"""Calibrated probabilities, and clips of classes that a model does not know."""

from skaudio.calibration._unknown_rejector import UnknownRejector

__all__ = ["UnknownRejector"]
