"""Scores, intervals, calibration curves and significance tests."""

from skaudio.metrics._event_matching import match_events
from skaudio.metrics._event_recall import recall_at_false_positive_rate
from skaudio.metrics._event_scores import event_scores
from skaudio.metrics._event_segments import segment_average_precision
from skaudio.metrics._intervals import (
    accuracy_interval,
    bootstrap_intervals,
    wilson_interval,
)
from skaudio.metrics._reliability import reliability_curve
from skaudio.metrics._scores import score_predictions
from skaudio.metrics._significance import corrected_t_test
from skaudio.metrics._summary import SCORES, score_summary

__all__ = [
    "SCORES",
    "accuracy_interval",
    "bootstrap_intervals",
    "corrected_t_test",
    "event_scores",
    "match_events",
    "recall_at_false_positive_rate",
    "reliability_curve",
    "score_predictions",
    "score_summary",
    "segment_average_precision",
    "wilson_interval",
]
