"""Windows of a clip."""

import numpy as np


def cut_windows(waveform, length, hop, shortest=None, pad_mode="zero"):
    """Cut a waveform into windows that together contain every sample.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
    length, hop : int
        Length of the windows and distance of their starts, in samples.
    shortest : int or None, default=None
        Length to which shorter clips are padded at the end; None is `length`.
    pad_mode : {"zero", "repeat"}, default="zero"
        Pad with zeros, or with the clip again from its start.

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
