"""Log-mel spectrograms and their views, checked; where each clip ends."""

import numpy as np
from sklearn.utils.validation import check_array, validate_data


def as_log_mels(estimator, X, reset):
    """Check pictures, their views beside them or not.

    Parameters
    ----------
    estimator : estimator
        Named in errors; its ``n_features_in_`` is set where views do not hide it.
    X : array-like of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
        A 2-D X is taken as one-band signals.
    reset : bool
        Whether this is a call of ``fit``.

    Returns
    -------
    X : ndarray of float32, the same shape

    Raises
    ------
    ValueError
        For other shapes.
    """
    options = dict(dtype=np.float32, allow_nd=True, ensure_all_finite="allow-nan")
    if getattr(X, "ndim", None) == 4:
        # scikit-learn would take the views for the features.
        return check_array(X, estimator=estimator, **options)
    X = validate_data(estimator, X, reset=reset, **options)
    if X.ndim > 3:
        raise ValueError(
            "Expected X of shape (n, n_mels, n_frames) or (n, n_views, n_mels, "
            f"n_frames), got {X.ndim} dimensions."
        )
    return X


def true_lengths(X):
    """Count the frames before the trailing all-zero ones, which are padding.

    Parameters
    ----------
    X : ndarray or Tensor of shape (n, n_mels, n_frames)

    Returns
    -------
    lengths : ndarray or Tensor of int, shape (n,)
        At least 1; a clip that is zero throughout (silence) counts in full.
    """
    # Only methods that numpy's and torch's arrays share.
    there = (X != 0).any(1)
    n_seen = there.cumsum(1)
    n_there = n_seen[:, -1:]
    lengths = (n_seen < n_there).sum(1) + 1
    return lengths + (n_there[:, 0] == 0) * (X.shape[-1] - 1)
