"""Where the windows of a clip lie."""

import numpy as np


def cut_windows(waveform, length, hop):
    """Cut a waveform into windows that together hold every sample of it.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
    length, hop : int
        Of windows and from start to start, in samples.

    Returns
    -------
    windows : list of ndarray of shape (length,)
        Views where the waveform is long enough. The last window ends with the clip, so
        that it may overlap the one before by more than the others do. A clip that is
        shorter than one window is filled with zeros at its end.
    """
    if len(waveform) <= length:
        return [fill(waveform, length)]
    last = len(waveform) - length
    starts = [*range(0, last, hop), last]
    return [waveform[start : start + length] for start in starts]


def fill(waveform, length):
    """Add zeros at the end, up to `length` samples."""
    return np.pad(waveform, (0, max(0, length - len(waveform))))
