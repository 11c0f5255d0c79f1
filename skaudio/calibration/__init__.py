"""Scores to rely on: the unknown, thresholds that keep a promise, numbers of calls."""

from skaudio.calibration._call_density import call_density
from skaudio.calibration._precision_thresholds import PrecisionThresholds
from skaudio.calibration._unknown_rejector import UnknownRejector

__all__ = ["PrecisionThresholds", "UnknownRejector"]
from skaudio.calibration._grouped_calibrator import GroupedCalibrator

__all__ = ["GroupedCalibrator", "UnknownRejector"]
__all__ = ["PrecisionThresholds", "call_density"]
