"""Check log-mel spectrograms and their views; find where each clip ends."""

import numpy as np
from sklearn.utils.validation import check_array, validate_data

from skaudio._utils.missing_step import refuse_unprepared


def as_log_mels(estimator, X, reset):
    """Check log-mel spectrograms, with or without views.

    Parameters
    ----------
    estimator : estimator
        Named in errors; its ``n_features_in_`` is set where `X` has no views.
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
    refuse_unprepared(estimator, X, "log-mel spectrograms", "a LogMelExtractor")
    options = dict(dtype=np.float32, allow_nd=True, ensure_all_finite="allow-nan")
    if getattr(X, "ndim", None) == 4:
        # scikit-learn would count the views as features.
        return check_array(X, estimator=estimator, **options)
    X = validate_data(estimator, X, reset=reset, **options)
    if X.ndim > 3:
        raise ValueError(
            "Expected X of shape (n, n_mels, n_frames) or (n, n_views, n_mels, "
            f"n_frames), got {X.ndim} dimensions."
        )
    return X


def true_lengths(X):
    """Count the frames before the trailing all-zero frames, which are padding.

    Parameters
    ----------
    X : ndarray or Tensor of shape (n, n_mels, n_frames)

    Returns
    -------
    lengths : ndarray or Tensor of int, shape (n,)
        At least 1; a clip that is zero throughout (silence) has its full length.
    """
    # Only what numpy arrays and torch tensors share; torch's `any` takes four times as
    # long as the sum.
    nonzero = abs(X).sum(1) != 0
    n_so_far = (nonzero * 2).cumsum(1)  # numbers: ONNX adds no booleans
    n_nonzero = n_so_far[:, -1:]
    lengths = (n_so_far < n_nonzero).sum(1) + 1
    return lengths + (n_nonzero[:, 0] == 0) * (X.shape[-1] - 1)
