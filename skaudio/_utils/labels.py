"""Checks of labels and groups, before numpy makes text of what is missing."""

import unicodedata
from numbers import Number

import numpy as np

from skaudio._utils.warn import warn_user

_SHOWN = 5  # pairs of names in a warning
# What `astype(str)` makes of a missing value. A class may be called "None".
_MISSING = {"", "nan", "<NA>", "NaT"}


def as_labels(y, name="y", warn=True):
    """Return labels as an array, and warn of names that look alike.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, n_classes)
        Of two dimensions only missing numbers are looked for.
    name : str, default="y"
        For messages.
    warn : bool, default=True

    Returns
    -------
    labels : ndarray

    Raises
    ------
    ValueError
        Where a row has no label (None, NaN, ``pandas.NA`` or empty text), or labels are
        text in one row and a number in another.
    """
    _check(y, name, "a label", "label these rows, or leave them out", _MISSING)
    labels = np.asarray(y)
    if warn and labels.ndim == 1 and labels.dtype.kind in "OU":
        warn_of_look_alikes(labels.tolist())
    return labels


def as_groups(groups, n_rows=None, name="groups"):
    """Return groups as an array.

    Parameters
    ----------
    groups : array-like of shape (n,)
    n_rows : int or None, default=None
        How many there must be.
    name : str, default="groups"
        For messages.

    Returns
    -------
    groups : ndarray of shape (n,)

    Raises
    ------
    ValueError
        As `as_labels`, and for another shape.
    """
    remedy = "give a clip of unknown source a group of its own"
    _check(groups, name, "a group", remedy, _MISSING | {"None"})
    groups = np.asarray(groups)
    if groups.ndim != 1:
        raise ValueError(
            f"{name} has the shape {groups.shape}: expected one value for each row."
        )
    if n_rows is not None and len(groups) != n_rows:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {name} has "
            f"{len(groups)} entries, expected one for each of the {n_rows} rows."
        )
    return groups


def warn_of_look_alikes(names):
    """Warn of names of classes that differ only by case or space."""
    found = look_alikes(names)
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        warn_user(
            f"Classes that differ only by case or space count as different: "
            f"{'; '.join(found[:_SHOWN])}{more}. Give them one name if they are one "
            "class."
        )


def look_alikes(names):
    """List the names of classes that differ only by case or space.

    Parameters
    ----------
    names : iterable
        Names that are not text are passed over.

    Returns
    -------
    found : list of str
        Such as ``["'Cat' and 'cat '"]``.
    """
    alike = {}
    for name in dict.fromkeys(names):
        if isinstance(name, str):
            # Also the two ways in which Unicode writes an accent: macOS has one.
            plain = unicodedata.normalize("NFKC", name).casefold()
            alike.setdefault(" ".join(plain.split()), []).append(name)
    return [
        " and ".join(repr(str(name)) for name in sorted(found))
        for found in alike.values()
        if len(found) > 1
    ]


def _check(values, name, what, remedy, words):
    """Raise where a value is missing, or text stands beside numbers."""
    import pandas as pd

    kind = getattr(getattr(values, "dtype", None), "kind", "O")
    if kind in "biu" and not hasattr(values, "isna"):
        return
    values = np.asarray(values, dtype=object) if kind in "OUST" else np.asarray(values)
    missing = pd.isna(values)
    if values.ndim != 1:
        if kind == "f" and missing.any():
            raise ValueError(f"{name} contains NaN: expected {what} in every row.")
        return
    if kind in "OUST":
        texts = [isinstance(v, str) and v.strip() in words for v in values]
        missing |= np.array(texts, bool)
    if missing.any():
        row = int(np.argmax(missing))
        value = values[row]
        value = repr(value) if isinstance(value, str) else str(value)
        raise ValueError(
            f"{name} contains NaN, None or empty text: row {row} is {value} "
            f"({missing.sum()} of {len(values)} rows); expected {what} in every row: "
            f"{remedy}."
        )
    if kind == "O":
        _check_kinds(values, name)


def _check_kinds(values, name):
    first = {}
    for value in values:
        kind = "text" if isinstance(value, str) else "numbers"
        if isinstance(value, (str, Number, np.generic)):
            first.setdefault(kind, value)
    if len(first) > 1:
        raise ValueError(
            f"{name} mixes text and numbers, such as {first['text']!r} and "
            f"{first['numbers']!r}: expected values of one kind."
        )
