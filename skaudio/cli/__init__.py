"""The `skaudio` command."""

from skaudio.cli._app import main

__all__ = ["main"]
