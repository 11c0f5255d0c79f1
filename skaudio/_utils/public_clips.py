"""The clips of the public data sets: path, label, size and hash of each."""

from pathlib import Path

import pandas as pd

_REGISTRY = Path(__file__).with_name("registry")


def read_registry(name):
    """Read the list of a data set's files.

    Parameters
    ----------
    name : {"animals_sounds", "esc10", "sasmaz_tek"}

    Returns
    -------
    clips : DataFrame
        ``path``, ``label``, ``bytes`` and ``sha256`` of each file.
    """
    return pd.read_csv(_REGISTRY / f"{name}.csv")
