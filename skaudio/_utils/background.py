"""The names of classes that are no animal."""

import numpy as np

BACKGROUND_NAMES = ("background", "noise", "other", "silence")


def is_background(label):
    """Return whether a label names a class that is no animal.

    Parameters
    ----------
    label : object
        As in `classes_`.

    Returns
    -------
    is_background : bool

    Examples
    --------
    >>> is_background("Noise"), is_background("Frog")
    (True, False)
    """
    return str(label).casefold() in BACKGROUND_NAMES


def background_rows(y):
    """Return a mask of the clips without an animal.

    Parameters
    ----------
    y : array-like of shape (n,), or DataFrame of shape (n, n_classes)

    Returns
    -------
    rows : ndarray of bool, shape (n,)
        Of a background class, or of no class where clips have several.

    Examples
    --------
    >>> background_rows(["cat", "noise", "cow"]).tolist()
    [False, True, False]
    """
    if not hasattr(y, "columns"):
        return np.array([is_background(label) for label in y], bool)
    animals = [name for name in y.columns if not is_background(name)]
    return ~y[animals].to_numpy(bool).any(axis=1)


def count_background(y, classes):
    """Count the clips without an animal.

    Parameters
    ----------
    y : as of `background_rows`
    classes : iterable
        Those of the model.

    Returns
    -------
    n_background : int or None
        None where there are none, and the model has no class for them.
    """
    n_background = int(background_rows(y).sum())
    known = any(map(is_background, classes))
    return n_background if n_background or known else None
