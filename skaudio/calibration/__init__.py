"""Scores to rely on: calibrated, with the unknown, with thresholds that promise."""

from skaudio.calibration._call_density import call_density
from skaudio.calibration._grouped_calibrator import GroupedCalibrator
from skaudio.calibration._precision_thresholds import PrecisionThresholds
from skaudio.calibration._unknown_rejector import UnknownRejector

__all__ = [
    "GroupedCalibrator",
    "PrecisionThresholds",
    "UnknownRejector",
    "call_density",
]
