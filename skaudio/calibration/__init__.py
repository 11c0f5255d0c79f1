"""Scores to rely on: calibrated, with the unknown, with thresholds that promise."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_call_density": ["call_density"],
        "_grouped_calibrator": ["GroupedCalibrator"],
        "_precision_thresholds": ["PrecisionThresholds"],
        "_unknown_rejector": ["UnknownRejector"],
    },
)
