"""Start and end of the windows of a recording."""

from numbers import Real

import numpy as np

FINAL_CLIPS = (None, "remainder", "full", "extend")
_DECIMALS = 10  # of seconds, so that 3 * 0.1 is 0.3


def window_step(clip_duration, clip_overlap, overlap_fraction, clip_step):
    """Return the seconds from the start of a window to the start of the next.

    Parameters
    ----------
    clip_duration, clip_overlap, overlap_fraction, clip_step
        As `skaudio.io.clip_windows` takes them.

    Raises
    ------
    ValueError
        For invalid lengths, and for an overlap that leaves no step.
    """
    given = {
        "clip_overlap": clip_overlap,
        "overlap_fraction": overlap_fraction,
        "clip_step": clip_step,
    }
    for name, value in {"clip_duration": clip_duration, **given}.items():
        is_length = isinstance(value, Real) and np.isfinite(value) and value >= 0
        may_be_none = value is None and name != "clip_duration"
        if not (is_length or may_be_none) or (name == "clip_duration" and not value):
            raise ValueError(f"{name}={value!r}: expected a positive number.")
    given = {name: value for name, value in given.items() if value is not None}
    if len(given) > 1:
        raise ValueError(
            f"{', '.join(f'{name}={value}' for name, value in given.items())}: "
            "expected at most one of them."
        )
    if clip_step is not None:
        step = clip_step
    else:
        step = clip_duration - (clip_overlap or 0.0)
        step -= clip_duration * (overlap_fraction or 0.0)
    if step <= 0:
        (name, value), *_ = given.items()
        raise ValueError(
            f"{name}={value} with clip_duration={clip_duration}: each window must "
            "begin after the one before it."
        )
    return step


def window_times(n_samples, sample_rate, clip_duration, step, final_clip):
    """List the windows of a recording.

    Parameters
    ----------
    n_samples : int
    sample_rate : float, in Hz
    clip_duration, step : float
        In seconds.
    final_clip : one of `FINAL_CLIPS`

    Returns
    -------
    times : ndarray of float, shape (n_windows, 2)
        Start and end in seconds; each window once, in ascending order.
    """
    length = n_samples / sample_rate
    # Half a sample: a shorter remainder is no window, and rounding makes none.
    tolerance = 0.5 / sample_rate
    starts = np.arange(max(1, np.ceil((length - tolerance) / step))) * step
    ends = starts + clip_duration
    over = ends > length + tolerance
    if final_clip is None:
        starts, ends = starts[~over], ends[~over]
    elif final_clip == "remainder":
        ends[over] = length
    elif final_clip == "full":
        starts[over] = max(0.0, length - clip_duration)
        ends[over] = length
    return np.unique(np.column_stack([starts, ends]).round(_DECIMALS), axis=0)
