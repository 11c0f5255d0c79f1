"""Tables of scores."""


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
