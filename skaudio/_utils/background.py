"""The names of classes that are no animal."""

BACKGROUND_NAMES = ("background", "noise", "other", "silence")


def is_background(label):
    """Return whether a label names a class that is no animal.

    Parameters
    ----------
    label : object
        As in `classes_`.

    Returns
    -------
    is_background : bool

    Examples
    --------
    >>> is_background("Noise"), is_background("Frog")
    (True, False)
    """
    return str(label).casefold() in BACKGROUND_NAMES
