"""Warnings that point at the line of the user, however deep they are raised."""

import sys
import warnings

# They call each other and us: none of their lines is the user's.
_NOT_THE_USERS = {
    "concurrent",
    "contextlib",
    "imblearn",
    "joblib",
    "skaudio",
    "sklearn",
    "skorch",
    "threading",
    "torch",
}


def warn_user(message, category=UserWarning):
    """Warn at the nearest line that is neither ours nor of a library that calls us.

    The user then sees which of their lines is meant, however many steps of a pipeline
    or a search stand between it and us.

    Parameters
    ----------
    message : str
    category : class of warnings, default=UserWarning
    """
    frame, level = sys._getframe(1), 2
    while frame is not None and _is_not_the_users(frame):
        frame, level = frame.f_back, level + 1
    # In a thread there is no line of the user: then the line that found the fault.
    warnings.warn(message, category, stacklevel=2 if frame is None else level)


def _is_not_the_users(frame):
    return frame.f_globals.get("__name__", "").split(".")[0] in _NOT_THE_USERS
