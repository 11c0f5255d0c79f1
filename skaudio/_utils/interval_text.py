"""What the intervals of scores are, in a line."""


def interval_text(scores):
    """Say by which method each interval of a summary is made.

    Parameters
    ----------
    scores : iterable of str
        Rows of `Report.summary`.

    Returns
    -------
    text : str

    Examples
    --------
    >>> interval_text(["macro_average_precision"])
    '95 % intervals: by bootstrap over groups'
    """
    if "accuracy" not in scores:
        return "95 % intervals: by bootstrap over groups"
    return (
        "95 % intervals: of accuracies Wilson's, of the others by bootstrap over groups"
    )
