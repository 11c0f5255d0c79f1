"""The version of skaudio, and what a saved estimator says of the one that saved it."""

__version__ = "0.1.0"


class NewerVersionError(ValueError):
    """A saved estimator that was made by a newer skaudio than the one that loads it."""


def saved_version():
    """Give the entry that goes into every saved state."""
    return {"_skaudio_version": __version__}


def check_saved_version(state, name):
    """Take the entry out of a state and refuse one from a newer version.

    Patch releases load each other's models; an older model loads.
    """
    saved = state.pop("_skaudio_version", None)
    if saved is not None and _minor(saved) > _minor(__version__):
        raise NewerVersionError(
            f"this {name} was saved by skaudio {saved}, here is {__version__}: "
            f"pip install 'skaudio>={saved}', or train again"
        )


def _minor(version):
    return tuple(int(part) for part in version.split(".")[:2])
