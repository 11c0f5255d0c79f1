"""Exported models, for which neither scikit-learn nor torch is imported."""


def is_exported(model):
    """Return whether a model is one that `skaudio.export.load_onnx` opened.

    Parameters
    ----------
    model : object

    Returns
    -------
    is_exported : bool
    """
    return getattr(model, "_is_exported", False)
