"""Splits that do not leak, cross-validation, ablations, few-shot curves."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_ablate": ["ablate"],
        "_component_contributions": ["component_contributions", "components_of"],
        "_cross_validated_predictions": [
            "cross_validated_predictions",
            "fit_with_groups",
        ],
        "_cross_validated_report": ["cross_validated_report"],
        "_few_shot_curve": ["few_shot_curve"],
        "_fold_robustness": ["fold_robustness"],
        "_held_out_report": ["held_out_report"],
        "_hold_out_noise": ["hold_out_noise"],
        "_noise_robustness": ["noise_robustness"],
        "_source_group_kfold": ["SourceGroupKFold"],
    },
)
