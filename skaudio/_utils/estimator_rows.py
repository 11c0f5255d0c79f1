"""Rows of any estimator: clips, waveforms, log-mels or features."""

import numpy as np
from sklearn.utils.validation import check_array, validate_data

from skaudio._utils.clips import find_clips


def as_rows(estimator, X, reset):
    """Check what a meta-estimator takes, and make arrays of lists.

    Parameters
    ----------
    estimator : estimator
        Named in errors; its ``n_features_in_`` is set and compared where rows are
        vectors.
    X : list or table of clips, waveforms, log-mels or features
    reset : bool
        Whether this is a call of ``fit``.

    Returns
    -------
    X : ndarray, list or table
        Lists and tables of clips as they are; an object array of waveforms of several
        lengths; else an array of numbers.
    """
    if not _is_numeric(X):
        if find_clips(X) is not None:
            return X
        if _is_ragged(X):
            rows = np.empty(len(X), dtype=object)
            rows[:] = [np.asarray(row) for row in X]
            return rows
    options = dict(dtype="numeric", ensure_all_finite="allow-nan")
    X = X if hasattr(X, "shape") else np.asarray(X)
    if len(X.shape) > 2:
        return check_array(X, allow_nd=True, estimator=estimator, **options)
    return validate_data(estimator, X, reset=reset, **options)


def missing_rows(X):
    """Return a mask of the rows that are NaN throughout, as of unreadable clips.

    Parameters
    ----------
    X : as `as_rows` returns it

    Returns
    -------
    missing : ndarray of bool, shape (n,)
    """
    if _is_numeric(X):
        return np.isnan(X).reshape(len(X), -1).all(axis=1)
    rows = X.to_numpy() if hasattr(X, "to_numpy") else X
    return np.array([_is_numeric(row) and np.isnan(row).all() for row in rows], bool)


def _is_numeric(X):
    return getattr(getattr(X, "dtype", None), "kind", "O") in "fiub"


def _is_ragged(X):
    if isinstance(X, np.ndarray):
        return X.dtype == object and X.ndim == 1
    return isinstance(X, (list, tuple)) and len({np.shape(row) for row in X}) > 1
