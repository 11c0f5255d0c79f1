"""Rows of embeddings, of which some may be of clips that could not be read."""

import numpy as np
from sklearn.utils.validation import assert_all_finite

from skaudio._utils.unreadable import rows_to_fit

# In float64, so that the order of summation does not matter.
EMBEDDING_ROWS = dict(dtype=np.float64, ensure_all_finite="allow-nan")


def missing_rows(X):
    """Return a mask of the rows that are NaN throughout; raise for other NaN."""
    missing = np.isnan(X).all(axis=1)
    assert_all_finite(X[~missing], input_name="X")
    return missing


def readable_rows(X):
    """Return a mask of the rows to fit on; warn of the others."""
    return rows_to_fit(missing_rows(X))
