"""Saved models."""

import lazy_loader

from skaudio._utils.model_files import ModelFileError as ModelFileError

# Lazily, since reading a card needs neither torch nor scikit-learn.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_export_onnx": ["export_onnx"],
        "_export_runtime": ["export_runtime"],
        "_export_web": ["export_web"],
        "_load_model": ["load_model"],
        "_model_card": ["read_model_card"],
        "_onnx_model": ["load_onnx"],
        "_save_model": ["save_model"],
        "model_files": ["ModelFileError"],
    },
)
