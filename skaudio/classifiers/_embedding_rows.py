"""Rows of embeddings, of which some may be of clips that could not be read."""

import warnings

import numpy as np
from sklearn.utils.validation import assert_all_finite

# In float64, so that the order of summation does not matter.
EMBEDDING_ROWS = dict(dtype=np.float64, ensure_all_finite="allow-nan")


def missing_rows(X):
    """Return a mask of the rows that are NaN throughout; raise for other NaN."""
    missing = np.isnan(X).all(axis=1)
    assert_all_finite(X[~missing], input_name="X")
    return missing


def readable_rows(X):
    """Return a mask of the rows to fit on; warn of the others."""
    missing = missing_rows(X)
    if missing.all():
        raise ValueError(f"All {len(X)} rows are NaN: no clip could be read.")
    if missing.any():
        warnings.warn(
            f"{missing.sum()} of {len(X)} clips are NaN (they could not be read) and "
            f"are left out of the fit: rows {np.flatnonzero(missing).tolist()}.",
            stacklevel=4,
        )
    return ~missing
