"""Checks of the parameters of generators."""

from numbers import Integral

import numpy as np


def check_integer(name, value, low, high=np.inf):
    """Raise where a value is no integer of a range.

    Parameters
    ----------
    name : str
        Of the parameter.
    value : object
    low, high : float
        Both included.

    Raises
    ------
    ValueError
        With the name, the value and the range.
    """
    if not isinstance(value, Integral) or not low <= value <= high:
        expected = f"at least {low}" if high == np.inf else f"from {low} to {high}"
        raise ValueError(
            f"{name}={value!r}, expected an integer {expected}: change {name}."
        )


def check_range(name, value, low, unit):
    """Return a number, or a pair of numbers, as a pair.

    Parameters
    ----------
    name : str
        Of the parameter.
    value : float or (float, float)
    low : float
        The least that is allowed; may be -inf.
    unit : str
        For the error.

    Returns
    -------
    pair : ndarray of shape (2,)

    Raises
    ------
    ValueError
        With the name, the value and what is expected.
    """
    pair = np.ravel(value) if np.ndim(value) else np.array([value, value])
    ok = pair.shape == (2,) and pair.dtype.kind in "iuf" and np.isfinite(pair).all()
    if not ok or not low <= pair[0] <= pair[1]:
        bound = f", at least {low}" if np.isfinite(low) else ""
        raise ValueError(
            f"{name}={value!r}, expected a number or a pair (low, high) of {unit}"
            f"{bound}: change {name}."
        )
    return pair
