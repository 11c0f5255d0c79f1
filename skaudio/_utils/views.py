"""Log-mel spectrograms and their views, as classifiers take them."""

import numpy as np
from sklearn.utils.validation import assert_all_finite, check_array, validate_data

from skaudio._utils.labels import as_labels
from skaudio._utils.missing_step import refuse_unprepared
from skaudio._utils.unreadable import rows_to_fit


def as_views(estimator, X, y=None, reset=None, multi_output=False):
    """Check rows and give them a view axis.

    Parameters
    ----------
    estimator : classifier
        Named in errors; its ``n_features_in_`` is set where `y` is given.
    X : array-like of shape (n, n_samples), (n, n_mels, n_frames) or
        (n, n_views, n_mels, n_frames)
    y : array-like of shape (n,) or (n, n_outputs), or None
        Given in ``fit``.
    reset : bool or None
        Whether this is a call of ``fit``. None: where `y` is given.
    multi_output : bool
        Whether `y` has two dimensions.

    Returns
    -------
    X : ndarray of float32, shape (n, n_views, n_mels, n_frames)
    y : ndarray or None

    Raises
    ------
    ValueError
        For other shapes, for rows that are NaN in part or infinite, and where a row of
        `y` has no label. Rows of `X` that are NaN throughout pass: these are clips that
        could not be read.
    """
    refuse_unprepared(estimator, X, "log-mel spectrograms", "a LogMelExtractor")
    X = X if hasattr(X, "ndim") else np.asarray(X)
    if X.ndim == 4:
        views = check_array(
            X, dtype=np.float32, allow_nd=True, ensure_all_finite="allow-nan"
        )
        # scikit-learn would count the views as features.
        clips = views[:, 0]
    else:
        views, clips = None, X
    options = dict(dtype=np.float32, allow_nd=True, ensure_all_finite="allow-nan")
    if y is None:
        clips = validate_data(estimator, clips, reset=bool(reset), **options)
    else:
        options["multi_output"] = multi_output
        clips, y = validate_data(
            estimator, clips, y if multi_output else as_labels(y), **options
        )
    if clips.ndim > 3:
        raise ValueError(
            f"Expected X of shape (n, n_mels, n_frames) or (n, n_views, n_mels, "
            f"n_frames), got {clips.ndim} dimensions."
        )
    if views is None:
        views = clips[:, np.newaxis] if clips.ndim == 3 else clips[:, None, None]
    assert_all_finite(views[~unreadable_rows(views)], input_name="X")
    return views, y


def unreadable_rows(views):
    """Return a mask of the rows that are NaN throughout."""
    suspects = np.isnan(views[:, 0, 0, 0])
    rows = np.flatnonzero(suspects)
    suspects[rows] = np.isnan(views[rows]).all(axis=(1, 2, 3))
    return suspects


def readable_rows(views):
    """Return a mask of the rows to keep, or None for all; warn of the others."""
    missing = unreadable_rows(views)
    return rows_to_fit(missing) if missing.any() else None


def most_probable(probabilities, classes):
    """Return the most probable label of each row.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    labels : ndarray of shape (n,)
    """
    _refuse_missing(probabilities)
    return classes[probabilities.argmax(axis=1)]


def predicted_labels(classifier, X):
    """Return the most probable label of each row, or its classes.

    Parameters
    ----------
    classifier : fitted classifier
        Has ``multilabel_``.
    X : what it takes

    Returns
    -------
    labels : ndarray of shape (n,), or of int, shape (n, n_classes)
        With several labels per clip, 1 where a probability exceeds one half.
    """
    probabilities = classifier.predict_proba(X)
    if not classifier.multilabel_:
        return most_probable(probabilities, classifier.classes_)
    _refuse_missing(probabilities)
    return (probabilities > 0.5).astype(int)


def _refuse_missing(probabilities):
    missing = np.flatnonzero(np.isnan(probabilities[:, 0]))
    if len(missing):
        raise ValueError(
            f"Cannot predict {len(missing)} of {len(probabilities)} rows that are "
            f"NaN, as unreadable clips are: rows {missing.tolist()}. Leave them "
            "out, or use predict_proba, which returns NaN for them."
        )


def as_fitted_views(estimator, X):
    """Check rows, and that their shape is the one that an estimator was fitted on.

    Parameters
    ----------
    estimator : fitted classifier
        Has ``input_shape_``.
    X : as in `as_views`

    Returns
    -------
    X : ndarray of float32, shape (n, n_views, n_mels, n_frames)
    """
    X, _ = as_views(estimator, X)
    if X.shape[2:] != estimator.input_shape_:
        raise ValueError(
            f"X has log-mels of {times(X.shape[2:])} (bands x frames), but this "
            f"{type(estimator).__name__} was fitted on "
            f"{times(estimator.input_shape_)}: use the LogMelExtractor it was fitted "
            "with."
        )
    return X


def times(shape):
    """Format a shape: 128 x 500."""
    return " x ".join(map(str, shape))
