"""Windows of recordings without animals."""

import numpy as np

from skaudio.augment import list_noise_files
from skaudio.features import WavLoader
from skaudio.io import clip_windows


def background_windows(
    background, clip_duration, sample_rate, n_most, random_state, n_jobs=None
):
    """Cut recordings into windows that overlap by half.

    Parameters
    ----------
    background : folder, file, list of paths or arrays, or None
    clip_duration : float, in seconds
    sample_rate : int, in Hz
    n_most : int
        Where there are more windows, as many are drawn at random.
    random_state : numpy.random.RandomState
    n_jobs : int or None
        Threads that decode.

    Returns
    -------
    windows : list of ndarray of float32
        A recording shorter than a window is one shorter window.
    sources : list
        The recording of each window.
    """
    if background is None:
        return [], []
    files = list_noise_files(background)
    if files is not None:
        # Only the windows that are drawn are decoded: there may be hours.
        table = clip_windows(
            files, clip_duration, overlap_fraction=0.5, final_clip="full", n_jobs=n_jobs
        )
        table = table.iloc[_draw(len(table), n_most, random_state)]
        loader = WavLoader(sample_rate=sample_rate, n_jobs=n_jobs)
        return [*loader.transform(table)], [*table.index.get_level_values("file")]
    arrays = [background] if np.ndim(background[0]) == 0 else background
    cut = [
        (window, row)
        for row, waveform in enumerate(arrays)
        for window in cut_windows(_checked(waveform, row), clip_duration, sample_rate)
    ]
    cut = [cut[place] for place in _draw(len(cut), n_most, random_state)]
    return [window for window, _ in cut], [row for _, row in cut]


def cut_windows(waveform, clip_duration, sample_rate):
    """Cut a waveform into windows that overlap by half; the last ends with it.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
    clip_duration : float, in seconds
    sample_rate : int, in Hz

    Returns
    -------
    windows : list of ndarray of shape (n_window,)
        The waveform itself where it is shorter.
    """
    length = max(1, round(clip_duration * sample_rate))
    last = len(waveform) - length
    if last <= 0:
        return [waveform]
    starts = {*range(0, last, max(1, length // 2)), last}
    return [waveform[start : start + length] for start in sorted(starts)]


def _draw(n_windows, n_most, random_state):
    if n_windows <= n_most:
        return np.arange(n_windows)
    return np.sort(random_state.choice(n_windows, n_most, replace=False))


def _checked(waveform, row):
    waveform = np.asarray(waveform, dtype=np.float32)
    if waveform.ndim != 1 or not waveform.size or not np.isfinite(waveform).all():
        raise ValueError(
            f"background[{row}] of shape {waveform.shape}: expected a waveform, a 1-D "
            "array of finite numbers."
        )
    return waveform
