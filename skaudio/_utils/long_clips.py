"""Clips that are so long that they are recordings."""

import numpy as np

from skaudio._utils.counts import first_names
from skaudio._utils.no_cache import is_without_cache
from skaudio._utils.warn import warn_user

_LONGEST_CLIP = 30.0  # s; longer ones are recordings, whatever the model


def longest_clip(window):
    """Return how long a clip is at most: 30 s, or two windows of the model.

    Parameters
    ----------
    window : float or None
        In seconds; None where the model has none.

    Returns
    -------
    seconds : float
    """
    return max(_LONGEST_CLIP, 2 * (window or 0.0))


def warn_of_long_clips(clips, sample_rate, window):
    """Warn where a network is about to average over whole recordings.

    Not of windows that were cut from recordings on purpose: they are in `no_cache`.

    Parameters
    ----------
    clips : list of (n_views, n_samples) waveforms
    sample_rate : int
    window : float or None
        In seconds.
    """
    if is_without_cache():
        return
    lengths = np.array([len(views[0]) for views in clips]) / sample_rate
    limit = longest_clip(window)
    rows = np.flatnonzero(lengths > limit)
    if not rows.size:
        return
    named = [f"row {row} ({lengths[row]:.1f} s)" for row in rows]
    warn_user(
        f"{len(rows)} of {len(lengths)} clips are longer than {limit:g} s, "
        f"{first_names(named, 3)}: one prediction for so long a recording misses most "
        "of what calls in it. Score its windows with score_recordings (`skaudio "
        "detect`)."
    )
