"""Optional packages, imported where they are used."""

import importlib


def import_optional(module, package, extra):
    """Import a module, or say how to install it.

    Parameters
    ----------
    module : str
        As in an import statement.
    package : str
        Its name on PyPI.
    extra : str
        The extra of skaudio that installs it.

    Raises
    ------
    ImportError
        Where it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{package} is not installed, but this step needs it: "
            f"pip install 'skaudio[{extra}]'"
        ) from error
