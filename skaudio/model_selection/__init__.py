"""Splits that do not leak, cross-validation, ablations, few-shot curves."""

from skaudio.model_selection._ablate import ablate
from skaudio.model_selection._component_contributions import (
    component_contributions,
    components_of,
)
from skaudio.model_selection._cross_validated_predictions import (
    cross_validated_predictions,
    fit_with_groups,
)
from skaudio.model_selection._cross_validated_report import cross_validated_report
from skaudio.model_selection._few_shot_curve import few_shot_curve
from skaudio.model_selection._fold_robustness import fold_robustness
from skaudio.model_selection._held_out_report import held_out_report
from skaudio.model_selection._hold_out_noise import hold_out_noise
from skaudio.model_selection._noise_robustness import noise_robustness
from skaudio.model_selection._source_group_kfold import SourceGroupKFold

__all__ = [
    "SourceGroupKFold",
    "ablate",
    "component_contributions",
    "components_of",
    "cross_validated_predictions",
    "cross_validated_report",
    "few_shot_curve",
    "fit_with_groups",
    "fold_robustness",
    "held_out_report",
    "hold_out_noise",
    "noise_robustness",
]
