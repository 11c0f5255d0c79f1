"""Calibration errors, and what a confidence was before calibration."""

import numpy as np
from scipy.special import softmax

from skaudio._utils.names import nested_attribute

_LEAST = np.finfo(float).tiny  # of a probability


def uncalibrated_confidence(estimator, probabilities):
    """Undo temperature scaling.

    Parameters
    ----------
    estimator : fitted classifier or Pipeline
    probabilities : ndarray of shape (n, n_classes), or None
        Its own.

    Returns
    -------
    confidence : ndarray of shape (n,), or None
        Of the most probable class before. None where there is no `GroupedCalibrator`.

    Examples
    --------
    >>> import numpy as np
    >>> class Calibrated:
    ...     temperature_ = 2.0  # odds are the square root of what they were
    >>> uncalibrated_confidence(Calibrated(), np.array([[0.75, 0.25]])).round(2)
    array([0.9])
    """
    # What is around a calibrator, such as `WindowClassifier`, passes probabilities on.
    temperature = nested_attribute(estimator, "temperature_")
    if temperature is None or probabilities is None:
        return None
    logits = np.log(np.maximum(probabilities, _LEAST)) * temperature
    return softmax(logits, axis=1).max(axis=1)


def calibration_text(reliability):
    """Return calibration errors as text, that before calibration in brackets.

    Parameters
    ----------
    reliability : dict of str to DataFrame
        As of `Report`.

    Returns
    -------
    text : str
        Such as "0.041 (before calibration 0.120)"; empty without probabilities.
    """
    errors = [f"{bins.attrs['error']:.3f}" for bins in reliability.values()]
    return " (before calibration ".join(errors) + ")" * (len(errors) - 1)
