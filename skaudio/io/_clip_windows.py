"""Tables of the windows of long recordings."""

import os

import pandas as pd
from joblib import Parallel, delayed

from skaudio._utils.choices import one_of
from skaudio._utils.counts import count
from skaudio._utils.unreadable import report_unreadable
from skaudio._utils.warn import warn_user
from skaudio._utils.windows import FINAL_CLIPS, window_step, window_times
from skaudio.io._audio_file import AudioFileError, OddAudioWarning
from skaudio.io._list_audio_files import list_audio_files
from skaudio.io._open_audio import open_audio


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
    """Cut recordings into windows, without decoding them.

    Only the beginning and the end of a file are read: listing a disk full of recordings
    takes seconds.

    Parameters
    ----------
    recordings : path or list of paths
        Sound files, or folders of them with their sub-folders.
    clip_duration : float
        Length of a window in seconds.
    clip_overlap : float or None, default=None
        Overlap of consecutive windows in seconds.
    overlap_fraction : float in [0, 1) or None, default=None
        The overlap as a fraction of `clip_duration`.
    clip_step : float or None, default=None
        Seconds from start to start. Pass at most one of the three; the default is no
        overlap.
    final_clip : {"extend", "full", "remainder"} or None, default="extend"
        What to do with windows that end after the recording: "extend" keeps them,
        "remainder" cuts them at its end, "full" moves them back to end with it (a
        recording shorter than a window is one shorter window), None drops them.
    on_error : {"warn", "raise"}, default="warn"
        What to do with recordings that cannot be opened: leave them out with a warning
        that names each and its reason, or raise.
    n_jobs : int or None, default=None
        Threads that open files in parallel; -1 uses all cores.

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
        For invalid lengths, and where no window is left.

    Warns
    -----
    OddAudioWarning
        Naming each recording that holds more or less than its header announces; its
        windows are those of what it holds.

    See Also
    --------
    WavLoader : Reads the windows.
    skaudio.self_supervised.SimCLREncoder : Learns from the windows without labels.

    Notes
    -----
    For a window that ends after its recording, `WavLoader` returns the samples up to
    the end, and `LogMelExtractor` pads with zeros that mark the end of the clip. With
    ``WavLoader(duration=...)`` the rest is digital silence instead, which later steps
    cannot distinguish from a quiet recording.

    References
    ----------
    S. Lapp et al., "OpenSoundscape: An open-source bioacoustics analysis package for
    Python", Methods in Ecology and Evolution 14 (2023), which defines these windows.

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
    step = window_step(clip_duration, clip_overlap, overlap_fraction, clip_step)
    one_of("final_clip", final_clip, FINAL_CLIPS)
    one_of("on_error", on_error, ("warn", "raise"))
    if isinstance(recordings, (str, os.PathLike)):
        recordings = [recordings]
    files = list_audio_files(recordings)
    lengths = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(_length)(file) for file in files
    )
    errors = [entry for entry in lengths if isinstance(entry, AudioFileError)]
    report_unreadable(errors, count(len(errors), "recording"), on_error)
    found = [
        (file, *length)
        for file, length in zip(files, lengths, strict=True)
        if not isinstance(length, AudioFileError)
    ]
    odd = [str(AudioFileError(file, remark)) for file, *_, remark in found if remark]
    if odd:
        text = f"{count(len(odd), 'recording')} with something wrong:"
        warn_user("\n  ".join([text, *odd]), OddAudioWarning)
    tables = []
    for file, *length, _ in found:
        times = window_times(*length, clip_duration, step, final_clip)
        table = pd.DataFrame(times, columns=["start_time", "end_time"])
        tables.append(table.assign(file=file))
    names = ["file", "start_time", "end_time"]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=names)
    if table.empty:
        raise ValueError(
            f"No window of {clip_duration} s in {count(len(files), 'recording')}, of "
            f"which {len(tables)} can be read: expected at least one; shorten "
            'clip_duration, or pass final_clip="extend".'
        )
    return table.set_index(names)


def _length(file):
    """Return samples, rate and what is odd, or the error: all errors are reported."""
    try:
        with open_audio(file) as sound:
            odd = [f"is cut short: {sound.cut}"] if sound.cut else []
            odd += [oddity.detail for oddity in sound.oddities]
            return sound.frames, sound.samplerate, "; ".join(odd)
    except AudioFileError as error:
        return error
