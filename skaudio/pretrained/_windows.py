"""Where the windows of a clip lie."""

import numpy as np


def cut_windows(waveform, length, hop, shortest=None, pad_mode="zero"):
    """Cut a waveform into windows that together hold every sample of it.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
    length, hop : int
        Of windows and from start to start, in samples.
    shortest : int or None, default=None
        Up to which a clip is filled at its end; None is `length`.
    pad_mode : {"zero", "repeat"}, default="zero"
        With zeros, or with the clip again from its start.

    Returns
    -------
    windows : list of ndarray of shape (length,)
        Views where the waveform is long enough. The last window ends with the clip, so
        that it may overlap the one before by more than the others do. A clip that is
        not longer than `length` is one window.
    """
    if len(waveform) <= length:
        missing = max(0, (length if shortest is None else shortest) - len(waveform))
        if pad_mode == "repeat":
            return [np.resize(waveform, len(waveform) + missing)]
        return [np.pad(waveform, (0, missing))]
    last = len(waveform) - length
    starts = [*range(0, last, hop), last]
    return [waveform[start : start + length] for start in starts]
