"""Columns and rows of tables."""


def names_column(names):
    """Return file names as a column of objects.

    Not every file name is text that pyarrow, which pandas uses where it is installed,
    can hold.

    Parameters
    ----------
    names : sequence of str

    Returns
    -------
    column : Series of object
    """
    import pandas as pd

    return pd.Series(names, dtype=object)


def summary_row(summary):
    """Return a summary as one row of a table of models.

    Returns
    -------
    row : dict
        ``accuracy``, ``accuracy_low``, ``accuracy_high`` and so on.
    """
    endings = {"value": "", "low": "_low", "high": "_high"}
    return {
        f"{score}{ending}": float(summary.loc[score, column])
        for score in summary.index
        for column, ending in endings.items()
    }
