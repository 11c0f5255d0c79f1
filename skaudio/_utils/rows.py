"""Rows of what estimators take: arrays, lists and tables."""


def take_rows(X, places):
    """Index an array, a list or a table by row."""
    if hasattr(X, "iloc"):
        return X.iloc[places]
    return X[places] if hasattr(X, "ndim") else [X[place] for place in places]
