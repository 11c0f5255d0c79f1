"""Plots of scores, curves and spectrograms, as scikit-learn's displays."""

from skaudio.displays._class_scores_display import ClassScoresDisplay
from skaudio.displays._events_display import EventsDisplay
from skaudio.displays._few_shot_curve_display import FewShotCurveDisplay
from skaudio.displays._learning_curves_display import LearningCurvesDisplay
from skaudio.displays._log_mel_display import LogMelDisplay
from skaudio.displays._model_scores_display import ModelScoresDisplay
from skaudio.displays._noise_robustness_display import NoiseRobustnessDisplay
from skaudio.displays._reliability_display import ReliabilityDisplay

__all__ = [
    "ClassScoresDisplay",
    "EventsDisplay",
    "FewShotCurveDisplay",
    "LearningCurvesDisplay",
    "LogMelDisplay",
    "ModelScoresDisplay",
    "NoiseRobustnessDisplay",
    "ReliabilityDisplay",
]
