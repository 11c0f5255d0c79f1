"""Saved models."""

from skaudio.export._saved_models import load_model, save_model

__all__ = ["load_model", "save_model"]
