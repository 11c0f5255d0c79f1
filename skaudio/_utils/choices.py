"""Options with a few allowed values."""


def one_of(name, value, allowed):
    """Raise where the value of an option is not allowed.

    Parameters
    ----------
    name : str
    value : object
    allowed : collection

    Raises
    ------
    ValueError
        With the value and those allowed.
    """
    if value not in list(allowed):
        expected = ", ".join(map(repr, allowed))
        raise ValueError(f"{name}={value!r}: expected one of {expected}.")
