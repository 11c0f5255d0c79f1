"""Fitted pipelines on sound files: a table of what is in each."""

from skaudio.recordings._predict_files import predict_files

__all__ = ["predict_files"]
