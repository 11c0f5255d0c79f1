"""Errors that name the options of the command line, not the parameters of Python."""

import os
import re

# Parameters that have another name than the option; the others have the same.
_OPTIONS = {
    "clip_duration": ("--window",),
    "clip_overlap": ("--overlap",),
    "embedder": ("--features",),
    "formats": ("--format",),
    "head": ("--classifier",),
    "merge_gap": ("--merge",),
    "n": ("--top", "--number"),
    "n_repeats": ("--repeats",),
    "n_seeds": ("--seeds",),
    "pattern": ("--group-pattern",),
    "sample_rate": ("--rate",),
    "threshold": ("--min-confidence",),
}
# At the beginning only: what follows may hold file names.
_FIRST = re.compile(r"(?P<name>[a-z_]\w*)=(?=\S)")
_SECOND = re.compile(r"(?P<before>(?:'[^']*'|[^\s:'\"]+) with )(?P<name>[a-z_]\w*)=")
_OF_SCIKIT_LEARN = re.compile(
    r"The '(?P<name>\w+)' parameter of \w+ must be (?P<expected>.*)\. "
    r"Got (?P<value>.*) instead\.",
    re.DOTALL,
)


def with_option_names(text, options):
    """Name options in an error that names parameters of Python.

    Parameters
    ----------
    text : str
        Such as "clip_overlap=5.0 with clip_duration=3.0: ...".
    options : collection of str
        Those of the command, such as "--overlap". Other names stay as they are.

    Returns
    -------
    text : str
        Such as "--overlap 5.0 with --window 3.0: ...".

    Examples
    --------
    >>> from skaudio.cli._option_names import with_option_names
    >>> with_option_names("threshold=2.0: expected 0 to 1", ["--min-confidence"])
    '--min-confidence 2.0: expected 0 to 1'
    """
    if match := _OF_SCIKIT_LEARN.fullmatch(text):
        option = _option(match["name"], options)
        if option is None:
            return text
        return f"{option} {match['value']}: expected {match['expected']}"
    first = _FIRST.match(text)
    if first is None or os.path.exists(text.partition(": ")[0]):  # a file of this name
        return text
    option = _option(first["name"], options)
    if option is None:
        return text
    rest = text[first.end() :]
    if rest.startswith("None:"):  # nobody has typed it
        return f"{option}{rest.removeprefix('None')}"
    second = _SECOND.match(rest)
    other = second and _option(second["name"], options)
    if other is not None:
        rest = f"{second['before']}{other} {rest[second.end() :]}"
    return f"{option} {rest}"


def _option(name, options):
    names = _OPTIONS.get(name, (f"--{name.replace('_', '-')}",))
    return next((one for one in names if one in options), None)
