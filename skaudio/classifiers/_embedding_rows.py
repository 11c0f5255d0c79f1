"""Rows of embeddings, of which some may be of clips that could not be read."""

import numpy as np
from sklearn.utils.validation import assert_all_finite, validate_data

from skaudio._utils.missing_step import refuse_unprepared
from skaudio._utils.unreadable import rows_to_fit


def as_embeddings(estimator, X, y="no_validation", reset=True):
    """Check embeddings, and labels where they are given, as `validate_data` does."""
    refuse_unprepared(estimator, X, "embeddings", "an embedder")
    # In float64, so that the order of summation does not matter.
    options = dict(dtype=np.float64, ensure_all_finite="allow-nan")
    return validate_data(estimator, X, y, reset=reset, **options)


def missing_rows(X):
    """Return a mask of the rows that are NaN throughout; raise for other NaN."""
    missing = np.isnan(X).all(axis=1)
    assert_all_finite(X[~missing], input_name="X")
    return missing


def readable_rows(X):
    """Return a mask of the rows to fit on; warn of the others."""
    return rows_to_fit(missing_rows(X))
