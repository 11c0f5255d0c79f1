"""Pipelines to choose from, splits that do not leak, out-of-fold predictions."""

from skaudio.model_selection._cross_validation import (
    cross_validated_predictions,
    fit_with_groups,
)
from skaudio.model_selection._leaks import (
    check_split,
    check_training,
    drop_leaks,
    leave_source_out,
    remember_training,
    take_clips,
)
from skaudio.model_selection._pipelines import PIPELINES, make_pipeline

__all__ = [
    "PIPELINES",
    "check_split",
    "check_training",
    "cross_validated_predictions",
    "drop_leaks",
    "fit_with_groups",
    "leave_source_out",
    "make_pipeline",
    "remember_training",
    "take_clips",
]
