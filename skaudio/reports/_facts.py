"""What the scores of a report depend on, in words that JSON can hold."""

import inspect
import platform
from datetime import UTC, datetime

import numpy as np
import sklearn
import torch

from skaudio._utils.version import __version__

_LONGEST = 200  # characters of a value; noise may be many files, or waveforms


def facts_of(estimator, predictions, classes):
    """Gather what is known of any report.

    Parameters
    ----------
    estimator : estimator
    predictions : DataFrame
        As of `Report`.
    classes : list

    Returns
    -------
    facts : dict
        As of `Report`; what only a cross-validation has is left open.
    """
    scored = predictions[predictions["repeat"] == predictions["repeat"].min()]
    return {
        "n_clips": len(scored),
        "n_groups": int(scored["group"].nunique()),
        "n_train": None,
        "classes": classes,
        "cv": None,
        "n_repeats": 1,
        "seed": None,
        "parameters": changed_parameters(estimator),
        "versions": {
            "skaudio": __version__,
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "torch": str(torch.__version__),
            "numpy": np.__version__,
        },
        "command": None,
        "created": datetime.now(UTC).date().isoformat(),
    }


def changed_parameters(estimator):
    """List the steps of an estimator, and its parameters that are not the defaults.

    Returns
    -------
    parameters : dict of str to str
        Names as ``set_params`` takes them; values as Python writes them, cut where they
        are long.

    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> changed_parameters(make_pipeline(StandardScaler(), LogisticRegression(C=2)))
    {'logisticregression': 'LogisticRegression',
     'logisticregression__C': '2',
     'standardscaler': 'StandardScaler'}
    """
    everything = estimator.get_params()
    changed = {}
    for name, value in sorted(everything.items()):
        owner_name, _, leaf = name.rpartition("__")
        owner = everything[owner_name] if owner_name else estimator
        defaults = inspect.signature(type(owner)).parameters
        text = _written(value)
        if leaf not in defaults:
            changed[name] = text  # a step, which has a name of its own
        elif _names_steps(value):
            continue
        elif text != _written(defaults[leaf].default):
            changed[name] = text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
    return changed


def _written(value):
    """Write a value without where it lies in memory, which would differ every time."""
    if hasattr(value, "get_params"):
        return type(value).__name__
    if inspect.isroutine(value) or inspect.isclass(value):
        return getattr(value, "__qualname__", repr(value))
    return repr(value)


def _names_steps(value):
    """Whether this is a list of named steps, each of which is listed by itself."""
    return isinstance(value, list) and all(
        isinstance(entry, tuple) and len(entry) > 1 and isinstance(entry[0], str)
        for entry in value
    )
