"""Scores that people can read: reports, comparisons, displays."""

from skaudio._scores import (
    accuracy_interval,
    bootstrap_intervals,
    score_predictions,
    wilson_interval,
)
from skaudio.reports._class_scores_display import ClassScoresDisplay
from skaudio.reports._compare import compare
from skaudio.reports._cross_validated_report import cross_validated_report
from skaudio.reports._fold_robustness import fold_robustness
from skaudio.reports._held_out_report import held_out_report
from skaudio.reports._html import write_html
from skaudio.reports._learning_curves_display import LearningCurvesDisplay
from skaudio.reports._log_mel_display import LogMelDisplay
from skaudio.reports._model_scores_display import ModelScoresDisplay
from skaudio.reports._noise_files import hold_out_noise
from skaudio.reports._noise_robustness_display import NoiseRobustnessDisplay
from skaudio.reports._reliability_display import ReliabilityDisplay
from skaudio.reports._report import Report
from skaudio.reports._report_on import report_on
from skaudio.reports._robustness import noise_robustness
from skaudio.reports._shot_curve_display import ShotCurveDisplay

__all__ = [
    "ClassScoresDisplay",
    "LearningCurvesDisplay",
    "LogMelDisplay",
    "ModelScoresDisplay",
    "NoiseRobustnessDisplay",
    "ReliabilityDisplay",
    "Report",
    "ShotCurveDisplay",
    "accuracy_interval",
    "bootstrap_intervals",
    "compare",
    "cross_validated_report",
    "fold_robustness",
    "held_out_report",
    "hold_out_noise",
    "noise_robustness",
    "report_on",
    "score_predictions",
    "wilson_interval",
    "write_html",
]
