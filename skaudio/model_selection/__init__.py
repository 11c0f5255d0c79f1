"""Pipelines to choose from and predictions that no clip's relatives have helped."""

from skaudio.model_selection._cross_validation import (
    cross_validated_predictions,
    fit_with_groups,
)
from skaudio.model_selection._pipelines import PIPELINES, make_pipeline

__all__ = [
    "PIPELINES",
    "cross_validated_predictions",
    "fit_with_groups",
    "make_pipeline",
]
