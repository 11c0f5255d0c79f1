"""Estimators in joblib files, written whole or not at all."""

from skaudio._utils.atomic import atomic_write
from skaudio._utils.model_files import ModelFileError, check_is_file, one_line
from skaudio._utils.version import NewerVersionError


def dump_estimator(estimator, path):
    """Save an estimator with joblib; an interruption leaves the older file as it was.

    Parameters
    ----------
    estimator : estimator
    path : str or path-like

    Raises
    ------
    OSError
        Where the file cannot be written, naming it and the reason.
    """
    import joblib

    with atomic_write(path, "the model", "model") as file:
        joblib.dump(estimator, file, compress=3)


def load_estimator(path):
    """Load what `dump_estimator` or ``joblib.dump`` wrote, which executes code in it.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    estimator : estimator

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ModelFileError
        Where it is no saved model, or was saved by a newer skaudio.
    """
    import joblib

    check_is_file(path)
    try:
        estimator = joblib.load(path)
    except NewerVersionError as error:
        raise ModelFileError(f"{path}: {error}") from error
    except Exception as error:
        raise ModelFileError(
            f"{path}: not a model that can be loaded "
            f"({type(error).__name__}: {one_line(error)})"
        ) from error
    if not hasattr(estimator, "get_params"):
        raise ModelFileError(
            f"{path}: holds a {type(estimator).__name__}, expected a saved estimator"
        )
    return estimator
