"""Scores, intervals, calibration curves and significance tests."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_event_matching": ["match_events"],
        "_event_recall": ["recall_at_false_positive_rate"],
        "_event_scores": ["event_scores"],
        "_event_segments": ["segment_average_precision"],
        "_intervals": [
            "accuracy_interval",
            "bootstrap_intervals",
            "paired_difference_interval",
            "wilson_interval",
        ],
        "_multilabel_scores": ["average_precision_difference", "multilabel_scores"],
        "_reliability": ["reliability_curve"],
        "_scores": ["score_predictions"],
        "_significance": ["corrected_t_test"],
        "_summary": ["SCORES", "score_summary"],
    },
)
