"""Pipelines to choose from, splits that do not leak, ablations and their tests."""

from skaudio.model_selection._ablate import ablate
from skaudio.model_selection._contributions import (
    component_contributions,
    components_of,
)
from skaudio.model_selection._cross_validation import (
    cross_validated_predictions,
    fit_with_groups,
)
from skaudio.model_selection._embedding_pipelines import (
    FEATURES,
    HEADS,
    embedding_pipeline,
)
from skaudio.model_selection._floors import floor_pipelines
from skaudio.model_selection._leaks import (
    check_split,
    check_training,
    drop_leaks,
    leave_source_out,
    remember_training,
    take_clips,
)
from skaudio.model_selection._pipelines import (
    PIPELINES,
    make_pipeline,
    reference_pipelines,
)
from skaudio.model_selection._shot_curve import shot_curve
from skaudio.model_selection._significance import corrected_t_test

__all__ = [
    "FEATURES",
    "HEADS",
    "PIPELINES",
    "ablate",
    "check_split",
    "check_training",
    "component_contributions",
    "components_of",
    "corrected_t_test",
    "cross_validated_predictions",
    "drop_leaks",
    "embedding_pipeline",
    "fit_with_groups",
    "floor_pipelines",
    "leave_source_out",
    "make_pipeline",
    "reference_pipelines",
    "remember_training",
    "shot_curve",
    "take_clips",
]
