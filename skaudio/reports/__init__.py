"""Scores that people can read."""

from skaudio._scores import bootstrap_intervals, score_predictions, wilson_interval

__all__ = ["bootstrap_intervals", "score_predictions", "wilson_interval"]
