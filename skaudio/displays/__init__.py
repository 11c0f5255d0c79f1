"""Plots of scores, curves and spectrograms, as scikit-learn's displays."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_class_scores_display": ["ClassScoresDisplay"],
        "_events_display": ["EventsDisplay"],
        "_few_shot_curve_display": ["FewShotCurveDisplay"],
        "_learning_curves_display": ["LearningCurvesDisplay"],
        "_log_mel_display": ["LogMelDisplay"],
        "_model_scores_display": ["ModelScoresDisplay"],
        "_noise_robustness_display": ["NoiseRobustnessDisplay"],
        "_reliability_display": ["ReliabilityDisplay"],
    },
)
