"""Predictions of fitted pipelines on sound files, as tables."""

from skaudio.recordings._predict_files import predict_files

__all__ = ["predict_files"]
