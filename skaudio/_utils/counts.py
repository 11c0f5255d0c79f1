"""Counts and lengths in words."""


def count(n, noun, plural=None):
    """Format a count, such as "1 class" or "3 classes".

    Parameters
    ----------
    n : int
    noun : str
    plural : str or None, default=None
        None adds an s.

    Returns
    -------
    text : str
    """
    return f"{n} {noun if n == 1 else plural or noun + 's'}"


def first_names(names, n_shown):
    """List the first of some names, and how many there are beside: "a, b and 3 more".

    Parameters
    ----------
    names : list of str
    n_shown : int

    Returns
    -------
    text : str
    """
    rest = len(names) - n_shown
    return ", ".join(names[:n_shown]) + (f" and {rest} more" if rest > 0 else "")


def hours_text(hours):
    """Format hours: 0.17, 3.52 or 512."""
    return f"{hours:.2f}" if hours < 10 else f"{hours:,.0f}"


def length_text(seconds):
    """Format how much sound there is: 40 seconds, 3.5 minutes or 8.00 hours."""
    if round(seconds) < 60:
        return count(round(seconds), "second")
    if seconds < 360:
        return f"{seconds / 60:.1f} minutes"
    return f"{hours_text(seconds / 3600)} hours"
