"""Packages that skaudio works without, imported where they are used."""

import importlib


def import_optional(module, package, extra):
    """Import a module, or say how to install it.

    Parameters
    ----------
    module : str
        As in an import statement.
    package : str
        What it is called on PyPI.
    extra : str
        The extra of skaudio that brings it.

    Raises
    ------
    ImportError
        Where it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{package} is not installed, which this step needs: "
            f"pip install 'skaudio[{extra}]'"
        ) from error
