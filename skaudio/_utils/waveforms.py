"""Waveforms and their views, in every accepted form, as lists."""

import numpy as np
from sklearn.utils.validation import check_array, validate_data

from skaudio._utils.missing_step import refuse_unprepared


def as_waveforms(estimator, X, reset):
    """List the waveforms of `X`, view by view.

    Parameters
    ----------
    estimator : estimator
        Named in errors; its ``n_features_in_`` is set where `X` is one array.
    X : float (n, n_samples) or (n, n_views, n_samples), or object (n,) / list of 1-D
        or 2-D arrays
    reset : bool
        Whether this is a call of ``fit``.

    Returns
    -------
    clips : sequence of n sequences of 1-D float32 arrays, view 0 first
    with_views : bool
        Whether `X` has an axis of views, even of length 1.
    """
    refuse_unprepared(estimator, X, "waveforms")
    name = type(estimator).__name__
    if _is_ragged(X):
        return _ragged(X, name)
    X = X if hasattr(X, "ndim") else np.asarray(X)
    if X.ndim == 3:
        X = check_array(
            X, dtype=np.float32, allow_nd=True, ensure_all_finite=False, estimator=name
        )
        return X, True
    X = validate_data(
        estimator, X, dtype=np.float32, ensure_all_finite=False, reset=reset
    )
    return X[:, np.newaxis], False


def _is_ragged(X):
    if isinstance(X, (list, tuple)):
        return any(isinstance(entry, np.ndarray) for entry in X)
    if str(getattr(X, "dtype", None)) != "object" or np.ndim(X) != 1:
        return False
    return len(X) == 0 or isinstance(np.asarray(X)[0], (np.ndarray, list))


def _ragged(X, name):
    if len(X) == 0:
        raise ValueError(f"{name} got 0 sample(s), expected at least 1 waveform.")
    clips = []
    for row, entry in enumerate(X):
        clip = np.asarray(entry, dtype=np.float32)
        if clip.ndim not in (1, 2) or clip.shape[-1] == 0:
            raise ValueError(
                f"{name} got an array of shape {clip.shape} in row {row}, expected "
                "(n_samples,) or (n_views, n_samples) with at least 1 sample."
            )
        clips.append(clip)
    shapes = {clip.shape[:-1] for clip in clips}
    if len(shapes) > 1:
        raise ValueError(
            f"{name} got clips with unequal numbers of views: {sorted(shapes)}."
        )
    with_views = clips[0].ndim == 2
    return (clips if with_views else [clip[np.newaxis] for clip in clips]), with_views
