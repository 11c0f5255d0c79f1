"""Save a fitted pipeline so that the file is whole or untouched; load it again."""

import os
import tempfile
from pathlib import Path

from skaudio._version import NewerVersionError


def save_model(model, path):
    """Save a fitted estimator or pipeline with joblib, all or nothing.

    The model is written beside `path` first and moved over it when it is complete, so
    that a full disk or an interruption leaves an older model as it was.

    Parameters
    ----------
    model : estimator
    path : str or path-like
        Such as ``model.joblib``. Missing folders are not made.

    Raises
    ------
    OSError
        Where the file cannot be written, naming it and the reason.

    See Also
    --------
    load_model : Its counterpart; ``joblib.load`` reads the file too.

    Examples
    --------
    >>> import os, tempfile
    >>> from skaudio import LogMelExtractor, load_model, save_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.joblib")
    ...     save_model(LogMelExtractor(n_mels=64), path)
    ...     load_model(path)
    LogMelExtractor(n_mels=64)
    """
    import joblib

    path = Path(path)
    if path.is_dir() or not path.parent.is_dir():
        reason = "is a folder" if path.is_dir() else "its folder does not exist"
        raise OSError(f"{path}: the model cannot be saved there, {reason}")
    handle, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            joblib.dump(model, file, compress=3)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(unfinished, _mode_of(path))
        os.replace(unfinished, path)
    except OSError as error:
        reason = error.strerror or str(error)
        kept = "; the older model there is untouched" if path.exists() else ""
        raise OSError(f"{path}: the model cannot be saved ({reason}){kept}") from error
    finally:
        if os.path.exists(unfinished):
            os.unlink(unfinished)


def load_model(path):
    """Load what `save_model` or ``joblib.dump`` wrote.

    Loading executes code that is in the file: open only files that you trust.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    model : estimator

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where it is no saved model, or one from a newer skaudio.

    Examples
    --------
    >>> from skaudio import load_model
    >>> load_model("missing.joblib")
    Traceback (most recent call last):
        ...
    FileNotFoundError: missing.joblib: no such model
    """
    import joblib

    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path}: no such model")
    try:
        model = joblib.load(path)
    except NewerVersionError as error:
        raise NewerVersionError(f"{path}: {error}") from error
    except Exception as error:
        raise ValueError(
            f"{path}: not a model that can be loaded ({type(error).__name__}: {error})"
        ) from error
    if not hasattr(model, "get_params"):
        raise ValueError(
            f"{path}: holds a {type(model).__name__}, expected a saved estimator"
        )
    return model


def _mode_of(path):
    """Permissions for the new file: the old one's, else what the umask leaves."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
