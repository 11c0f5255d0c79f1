"""From long recordings to a table of spans of one length."""

import os
import warnings
from numbers import Real

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from skaudio.io._audio_file import AudioFileError, open_audio
from skaudio.io._list_audio_files import list_audio_files

_FINAL_CLIPS = (None, "remainder", "full", "extend")
_DECIMALS = 10  # of seconds, so that 3 * 0.1 is 0.3


def clip_windows(
    recordings,
    clip_duration,
    clip_overlap=None,
    *,
    overlap_fraction=None,
    clip_step=None,
    final_clip="extend",
    on_error="warn",
    n_jobs=None,
):
    """Cut recordings into windows, without reading their sound.

    Only the headers are read, so that a hard disk of recordings is listed in seconds.

    Parameters
    ----------
    recordings : path or list of paths
        Sound files, or folders that are searched for them.
    clip_duration : float
        Length of a window in seconds.
    clip_overlap : float or None, default=None
        Seconds that a window shares with the next.
    overlap_fraction : float in [0, 1) or None, default=None
        The same as a share of `clip_duration`.
    clip_step : float or None, default=None
        The same as the seconds from start to start. At most one of the three; none is
        no overlap.
    final_clip : {"extend", "full", "remainder"} or None, default="extend"
        What becomes of windows that would end after the recording: "extend" lets them,
        "remainder" cuts them at its end, "full" moves them back to end with it (a
        recording shorter than a window is one shorter window), None drops them.
    on_error : {"warn", "raise"}, default="warn"
        What to do with recordings that cannot be opened: leave them out with a warning
        that names each and its reason, or raise.
    n_jobs : int or None, default=None
        Threads that open files at once; -1 uses all cores.

    Returns
    -------
    windows : DataFrame
        Without columns; its index has the levels ``file``, ``start_time`` and
        ``end_time`` (seconds), as clip tables of OpenSoundscape. `WavLoader` takes it,
        and slices of it such as ``windows[:1000]``.

    Raises
    ------
    AudioFileError
        With ``on_error="raise"``, naming every recording that cannot be opened.
    ValueError
        For lengths that do not fit, and where no window is left.

    See Also
    --------
    WavLoader : Reads the windows.
    skaudio.self_supervised.SimCLREncoder : Learns from them without labels.

    Notes
    -----
    Of a window that ends after its recording `WavLoader` gives the sound there is, and
    `LogMelExtractor` pads it where padding is known for what it is. With
    ``WavLoader(duration=...)`` the rest is digital silence instead, which no later step
    tells from a quiet place.

    References
    ----------
    S. Lapp et al., "OpenSoundscape: An open-source bioacoustics analysis package for
    Python", Methods in Ecology and Evolution 14 (2023), whose windows these are.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np, soundfile
    >>> from skaudio.io import clip_windows
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     soundfile.write(Path(folder, "dawn.wav"), np.zeros(8000 * 7), 8000)
    ...     windows = clip_windows(folder, clip_duration=3.0)
    >>> windows.index.droplevel("file").tolist()
    [(0.0, 3.0), (3.0, 6.0), (6.0, 9.0)]
    """
    step = _step(clip_duration, clip_overlap, overlap_fraction, clip_step)
    if final_clip not in _FINAL_CLIPS:
        raise ValueError(f"final_clip={final_clip!r}: expected one of {_FINAL_CLIPS}.")
    if on_error not in ("warn", "raise"):
        raise ValueError(f'on_error={on_error!r}: expected "warn" or "raise".')
    if isinstance(recordings, (str, os.PathLike)):
        recordings = [recordings]
    files = list_audio_files(recordings)
    lengths = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(_length)(file) for file in files
    )
    _report([entry for entry in lengths if isinstance(entry, Exception)], on_error)
    tables = [
        _windows(*length, clip_duration, step, final_clip).assign(file=file)
        for file, length in zip(files, lengths, strict=True)
        if not isinstance(length, AudioFileError)
    ]
    names = ["file", "start_time", "end_time"]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=names)
    if table.empty:
        raise ValueError(
            f"No window of {clip_duration} s in {len(files)} recording(s), of which "
            f"{len(tables)} can be read: expected at least one; shorten clip_duration, "
            'or pass final_clip="extend".'
        )
    return table.set_index(names)


def _step(clip_duration, clip_overlap, overlap_fraction, clip_step):
    """Give the seconds from start to start."""
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
            f"{', '.join(given)} say the same in different ways: pass one of them."
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


def _length(file):
    """Give samples and rate, or the error as a value, so that all errors are told."""
    try:
        with open_audio(file) as sound:
            return sound.frames, sound.samplerate
    except AudioFileError as error:
        return error


def _windows(n_samples, sample_rate, clip_duration, step, final_clip):
    length = n_samples / sample_rate
    # Half a sample: what is shorter holds no sound, and rounding makes nothing new.
    hair = 0.5 / sample_rate
    starts = np.arange(max(1, np.ceil((length - hair) / step))) * step
    ends = starts + clip_duration
    over = ends > length + hair
    if final_clip is None:
        starts, ends = starts[~over], ends[~over]
    elif final_clip == "remainder":
        ends[over] = length
    elif final_clip == "full":
        starts[over] = max(0.0, length - clip_duration)
        ends[over] = length
    table = pd.DataFrame({"start_time": starts, "end_time": ends})
    return table.round(_DECIMALS).drop_duplicates()


def _report(errors, on_error):
    if not errors:
        return
    if on_error == "raise":
        more = f"; and {len(errors) - 1} more: " + "; ".join(map(str, errors[1:]))
        reason = errors[0].reason + (more if len(errors) > 1 else "")
        raise AudioFileError(errors[0].file, reason)
    warnings.warn(
        f"{len(errors)} recording(s) cannot be read and are left out:\n  "
        + "\n  ".join(map(str, errors)),
        stacklevel=3,
    )
