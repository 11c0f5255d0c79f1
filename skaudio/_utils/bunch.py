"""What our functions return by several names, shown in a few lines."""

import reprlib
from html import escape

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = 3


class Bunch(dict):
    """A dict whose values are attributes, shown by their sizes.

    As scikit-learn's, without its import: a small machine that detects has none.
    """

    def __init__(self, **values):
        super().__init__(values)

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def __setattr__(self, name, value):
        self[name] = value

    def __dir__(self):
        return [*super().__dir__(), *self]

    def __repr__(self):
        """Return one line per entry."""
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:<{width}}  {_summary(self[name])}" for name in self)

    def _repr_html_(self):
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(str(name))}</th>"
            f"<td style='text-align:left'>{escape(_summary(value))}</td></tr>"
            for name, value in self.items()
        )
        return f"<table>{rows}</table>"


def _summary(value):
    kind = type(value).__name__
    if hasattr(value, "columns"):
        return f"{kind}, {len(value)} rows x {value.shape[1]} columns"
    if hasattr(value, "shape") and value.shape:
        return f"{kind} of shape {value.shape}, {value.dtype}"
    if isinstance(value, (list, tuple)):
        return f"{kind} of {len(value)}: {_SHORT.repr(value)}"
    return _SHORT.repr(value)
