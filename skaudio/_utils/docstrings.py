"""Docstring entries that a class takes over from its base."""

import inspect
import re

_HEADER = re.compile(r"^(\w[\w ]*)\n-+$", re.MULTILINE)


def documented_by(base):
    """Decorate a class whose docstring takes entries over from that of its base.

    ``{parameters}`` and ``{attributes}`` stand for the entries of these sections of the
    base, without those that the class documents itself and without parameters that its
    constructor does not take.

    Parameters
    ----------
    base : type

    Returns
    -------
    decorate : callable
    """

    def decorate(cls):
        if cls.__doc__ and base.__doc__:
            doc = inspect.cleandoc(cls.__doc__)
            taken = set(inspect.signature(cls).parameters)
            for section in ("Parameters", "Attributes"):
                own = _entries(doc, section)
                entries = [
                    entry
                    for name, entry in _entries(base.__doc__, section).items()
                    if name not in own
                    and (section == "Attributes" or taken.issuperset(name.split(", ")))
                ]
                doc = doc.replace(f"{{{section.lower()}}}", "\n".join(entries))
            cls.__doc__ = doc
        return cls

    return decorate


def _entries(doc, section):
    """Return the entries of a section by their names, or by all names of an entry."""
    doc = inspect.cleandoc(doc)
    headers = [*_HEADER.finditer(doc)]
    ends = [header.start() for header in headers[1:]] + [len(doc)]
    for header, end in zip(headers, ends, strict=True):
        if header[1] == section:
            parts = re.split(r"\n(?=\w)", doc[header.end() : end].strip())
            return {part.split(" :")[0]: part for part in parts}
    return {}
