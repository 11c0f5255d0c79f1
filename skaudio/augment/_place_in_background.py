"""A clip somewhere in a window of background."""

import numpy as np

from skaudio._utils.active_part import centre, is_silent, mean_power, sounding_part


def place_in_background(clip, background, snr_db, sample_rate, random_state):
    """Mix a clip into a window of background, at a random place.

    This is how a call is met in a recording: not from the start of the window to its
    end, and never without the sound of the place. The background keeps its level, and
    the clip is brought to the signal-to-noise ratio.

    Parameters
    ----------
    clip : ndarray of shape (n_samples,)
        What comes before its first active frame and after its last (30 dB below the
        loudest) is left out. Of a clip longer than the window a part is taken that
        holds an active frame.
    background : ndarray of shape (n_window,)
    snr_db : float
        10 log10 of the power of the clip over that of the background, over the active
        frames of the clip.
    sample_rate : int, in Hz
    random_state : numpy.random.RandomState

    Returns
    -------
    window : ndarray of float32, shape (n_window,)
        Scaled down where its peak is above full scale. A silent clip leaves the
        background as it is; in a silent background the clip keeps its own level.

    See Also
    --------
    CalibratedNoiseMixer : Mixes noise into whole clips.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.augment import place_in_background
    >>> random_state = np.random.RandomState(0)
    >>> wind = random_state.normal(0, 0.01, 48000)
    >>> call = np.sin(np.arange(8000) / 5)
    >>> place_in_background(call, wind, 10.0, 16000, random_state).shape
    (48000,)
    """
    window = np.array(background, dtype=np.float64)
    clip = np.asarray(clip)
    if is_silent(clip):
        return window.astype(np.float32)
    clip = centre(clip)
    active = sounding_part(clip, "active", sample_rate)
    clip, active = _trimmed(clip, active, len(window), random_state)
    start = random_state.randint(len(window) - len(clip) + 1)
    span = slice(start, start + len(clip))
    noise_power = mean_power(centre(window)[span], active)
    power = mean_power(clip, active)
    gain = 1.0
    if not is_silent(window) and noise_power and power:
        gain = np.sqrt(noise_power / power * 10 ** (snr_db / 10))
    window[span] += gain * clip
    return (window / max(1.0, np.abs(window).max())).astype(np.float32)


def _trimmed(clip, active, n_window, random_state):
    """Cut a clip to its active part, and that to the window."""
    places = np.flatnonzero(active)
    first, last = places[0], places[-1] + 1
    if last - first > n_window:
        # An active sample in the middle half of the window, so that it is heard.
        at = places[random_state.randint(len(places))]
        low = at - n_window * 3 // 4
        start = low + random_state.randint(n_window // 2 + 1)
        first = min(max(first, start), last - n_window)
        last = first + n_window
    return clip[first:last], active[first:last]
