"""The classes of a model as plain Python, which its file repeats."""

import numpy as np


def classes_of(model):
    """List the classes of a model; None where it has none."""
    classes = getattr(model, "classes_", None)
    return None if classes is None else plain(classes)


def plain(value):
    """Turn arrays and numpy's numbers, also inside lists and dicts, into Python's."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    return value
