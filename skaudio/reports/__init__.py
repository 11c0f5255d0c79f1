"""Scores that people can read."""

from skaudio.reports._scores import score_predictions, wilson_interval

__all__ = ["score_predictions", "wilson_interval"]
