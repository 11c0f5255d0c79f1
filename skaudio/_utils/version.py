"""The version of skaudio, here and in saved estimators."""

__version__ = "0.1.0"


class NewerVersionError(ValueError):
    """A saved estimator is from a newer version of skaudio than the installed one."""


def saved_version():
    """Return the entry that every saved state contains."""
    return {"_skaudio_version": __version__}


def check_saved_version(state, name):
    """Remove the entry from a state; raise where it is from a newer version.

    Patch releases load each other's models; older models load.
    """
    saved = state.pop("_skaudio_version", None)
    if saved is not None and _minor(saved) > _minor(__version__):
        raise NewerVersionError(
            f"this {name} was saved by skaudio {saved}, installed is {__version__}: "
            f"pip install 'skaudio>={saved}', or train again"
        )


def _minor(version):
    return tuple(int(part) for part in version.split(".")[:2])
