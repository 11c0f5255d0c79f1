"""Configurations of the package transformers as plain data, and back.

A configuration can name code to fetch and run, such as kernels for its attention. So a
saved one keeps what sizes the network and its front end, and nothing else.
"""

import re

_MOST = 2**20  # a size
_MOST_LAYERS = 256
_LONGEST = 64  # list
# Text is kept of these only, as one word.
_WORDS = re.compile(r"[a-z_]{1,30}")
_TEXTS = ("_act", "_activation", "_norm", "truncation", "padding")


def plain_options(options):
    """List the sizes of a configuration or feature extractor.

    Parameters
    ----------
    options : PretrainedConfig or FeatureExtractor

    Returns
    -------
    plain : dict
        As their classes take it.
    """
    usual = type(options)().to_dict()
    return {
        key: value
        for key, value in options.to_dict().items()
        if key in usual and _is_option(key, value)
    }


def checked(plain):
    """Return what `plain_options` gave; raise ValueError where it is something else."""
    for key, value in plain.items():
        if not _is_option(key, value):
            raise ValueError(f"{key}={value!r} is no option of a network")
    return plain


def _is_option(key, value):
    if key.startswith("_") or value is None:
        return False
    if isinstance(value, str):
        return key.endswith(_TEXTS) and _WORDS.fullmatch(value) is not None
    values = value if isinstance(value, list) else [value]
    sizes = all(type(one) in (bool, int, float) and abs(one) <= _MOST for one in values)
    if not sizes or len(values) > _LONGEST:
        return False
    return not key.endswith(("layers", "depths")) or sum(values) <= _MOST_LAYERS
