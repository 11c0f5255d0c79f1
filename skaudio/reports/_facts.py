"""What the scores of a report depend on, ready for JSON."""

import inspect
import platform
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
import sklearn

from skaudio._utils.background import count_background
from skaudio._utils.version import __version__
from skaudio.reports._predictions import true_labels

_LONGEST = 200  # characters of a value; noise may be many files, or waveforms


def facts_of(estimator, predictions, classes):
    """Collect the facts that every report has.

    Parameters
    ----------
    estimator : estimator
    predictions : DataFrame
        As of `Report`.
    classes : list

    Returns
    -------
    facts : dict
        As of `Report`. ``n_train``, ``cv`` and ``seed`` are None, ``n_repeats`` is 1.
    """
    return facts_of_clips(predictions, classes) | {
        "n_train": None,
        "n_train_background": None,
        "classes": classes,
        "cv": None,
        "n_repeats": 1,
        "seed": None,
        "parameters": changed_parameters(estimator),
        "versions": {
            "skaudio": __version__,
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "torch": version("torch"),
            "numpy": np.__version__,
        },
        "command": None,
        "created": datetime.now(UTC).date().isoformat(),
    }


def facts_of_clips(predictions, classes):
    """Count the scored clips.

    Parameters
    ----------
    predictions : DataFrame
        As of `Report`.
    classes : list

    Returns
    -------
    facts : dict
        ``n_clips``, ``n_groups``, ``n_background``.
    """
    scored = predictions[predictions["repeat"] == predictions["repeat"].min()]
    return {
        "n_clips": len(scored),
        "n_groups": int(scored["group"].nunique()),
        "n_background": count_background(true_labels(scored, classes), classes),
    }


def changed_parameters(estimator):
    """List the steps of an estimator and its parameters that are not the defaults.

    Returns
    -------
    parameters : dict of str to str
        Names as in ``set_params``, to the ``repr`` of each value, shortened where it is
        long.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> changed_parameters(make_pipeline(StandardScaler(), LogisticRegression(C=2)))
    {'logisticregression': 'LogisticRegression',
     'logisticregression__C': '2',
     'standardscaler': 'StandardScaler'}
    """
    parameters = estimator.get_params()
    changed = {}
    for name, value in sorted(parameters.items()):
        owner_name, _, leaf = name.rpartition("__")
        owner = parameters[owner_name] if owner_name else estimator
        defaults = inspect.signature(type(owner)).parameters
        text = _as_text(value)
        if leaf not in defaults:
            changed[name] = text  # a step of a pipeline
        elif _is_step_list(value):
            continue  # each step is listed by itself
        elif text != _as_text(defaults[leaf].default):
            changed[name] = text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
    return changed


def _as_text(value):
    """Write a value without its memory address, which differs from run to run."""
    if hasattr(value, "get_params"):
        return type(value).__name__
    if inspect.isroutine(value) or inspect.isclass(value):
        return getattr(value, "__qualname__", repr(value))
    return repr(value)


def _is_step_list(value):
    return isinstance(value, list) and all(
        isinstance(entry, tuple) and len(entry) > 1 and isinstance(entry[0], str)
        for entry in value
    )
