"""What shows that a file or a model has changed."""

import copy
import hashlib
import os

from skaudio._utils.exported import is_exported

# Parameters of estimators on which no score depends.
_OF_NO_ACCOUNT = ("n_jobs", "n_threads", "verbose", "cache_dir")


def sha256_of(file):
    """Hash the bytes of a file.

    Parameters
    ----------
    file : str or path-like

    Returns
    -------
    sha256 : str or None
        64 hexadecimal digits; None where the file cannot be read.
    """
    try:
        with open(file, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def file_state(file):
    """Return what shows that a file has changed: its size and time of change."""
    try:
        facts = os.stat(file)
    except OSError:  # removed
        return {"size": None, "mtime_ns": None}
    return {"size": facts.st_size, "mtime_ns": facts.st_mtime_ns}


def model_hash(model, instead="pass model_id, by which its scores are known"):
    """Hash a fitted model, whatever its number of jobs; the same in all processes.

    Parameters
    ----------
    model : fitted estimator
    instead : str
        What to do where it cannot be hashed.

    Returns
    -------
    digest : str

    Raises
    ------
    ValueError
        Where it cannot be pickled.
    """
    import joblib

    if is_exported(model):
        return str(model.facts["model"])
    try:
        model = copy.deepcopy(model)
        names = [
            name
            for name in model.get_params()
            if name.rpartition("__")[2] in _OF_NO_ACCOUNT
        ]
        return joblib.hash(model.set_params(**dict.fromkeys(names)))
    except Exception as error:  # whatever the model's own classes may raise
        raise ValueError(
            f"The {type(model).__name__} cannot be hashed ({error}): {instead}."
        ) from error
