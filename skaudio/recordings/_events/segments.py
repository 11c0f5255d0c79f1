"""The sound of events, cut out of the recordings."""

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from sklearn.utils import check_random_state

from skaudio._utils.atomic import atomic_write, make_folder
from skaudio._utils.choices import one_of
from skaudio._utils.clip_columns import listed
from skaudio._utils.counts import count, first_names
from skaudio._utils.unreadable import report_unreadable
from skaudio._utils.warn import warn_user
from skaudio.io import AudioFileError, is_audio_file, open_audio

_NEEDED = ("audio_file", "annotation", "start_time", "end_time")
_SEGMENT = re.compile(r".+_\d+\.\d{3}-\d+\.\d{3}s\.wav")  # as `_name` names it
_UNSAFE = re.compile(r'[\0-\x1f<>:"/\\|?*\x7f]')  # on any system


def segments(
    events,
    output,
    *,
    per_class=None,
    pick="best",
    padding=0.0,
    random_state=None,
    on_error="warn",
):
    """Cut the sound of events out of the recordings, one folder per class.

    To listen to what was found, or to sort it and train on it: the folders are those
    that `load_audio_folder` reads.

    Parameters
    ----------
    events : DataFrame
        As of `find_events`, or any annotation table: ``audio_file, annotation,
        start_time, end_time`` (seconds), and ``score`` if there is one.
    output : path
        Folder for the segments. It is made; segments of the same names are replaced.
        Other sound files must not be in it or in its sub-folders.
    per_class : int or None, default=None
        How many of each class; None takes all.
    pick : {"best", "random"}, default="best"
        Which: those of the highest score (the first ones, where there are no scores),
        or a random sample, which shows what the scores are worth.
    padding : float, default=0.0
        Seconds of sound before and after each event.
    random_state : int, RandomState or None, default=None
        Draws the sample.
    on_error : {"warn", "raise"}, default="warn"
        What to do with recordings that cannot be read: name each in a warning and go
        on, or raise.

    Returns
    -------
    table : DataFrame
        One row per segment: ``file`` (WAV, 16 bit, with the rate and the channels of
        the recording), ``label``, ``audio_file``, ``start_time`` and ``end_time`` in
        the recording, ``score``.

    Warns
    -----
    UserWarning
        Of other segments in the folders of the classes, as of an earlier call.

    Raises
    ------
    ValueError
        Where columns lack, or no event can be cut.
    FileExistsError
        Before any work, where `output` holds sound files that are no segments, such as
        labelled clips, among which they could not be told apart any more.
    OSError
        Where a file cannot be written.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np, pandas as pd, soundfile
    >>> from skaudio.recordings import segments
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = f"{folder}/dawn.wav"
    ...     soundfile.write(recording, np.zeros(8000 * 9), 8000)
    ...     events = pd.DataFrame(
    ...         {
    ...             "audio_file": [recording],
    ...             "annotation": ["Wren"],
    ...             "start_time": [2.5],
    ...             "end_time": [4.0],
    ...             "score": [0.93],
    ...         }
    ...     )
    ...     table = segments(events, f"{folder}/segments")
    ...     print(os.path.relpath(table["file"][0], folder))
    segments/Wren/0.930_dawn_2.500-4.000s.wav
    """
    one_of("pick", pick, ("best", "random"))
    one_of("on_error", on_error, ("warn", "raise"))
    lacking = [name for name in _NEEDED if name not in events]
    if lacking:
        raise ValueError(
            f"events: no column {', '.join(lacking)}; it has {listed(events.columns)}: "
            "expected events as of find_events."
        )
    if "score" not in events:
        events = events.assign(score=np.nan)
    if not padding >= 0:
        raise ValueError(f"padding={padding!r}: expected seconds, at least 0.")
    _refuse_clips(output)
    chosen = _chosen(events, per_class, pick, check_random_state(random_state))
    rows, errors = [], {}
    for row in chosen.itertuples():
        try:
            sound, rate, start, end = _cut(row, padding)
        except AudioFileError as error:
            errors[error.file] = error
            continue
        name = _name(row, start, end)
        folder = Path(output, _UNSAFE.sub("_", str(row.annotation)).strip(". ") or "_")
        make_folder(folder, "the segments")
        path = folder / name
        with atomic_write(path, "the segment") as file:
            soundfile.write(file, sound, rate, subtype="PCM_16", format="WAV")
        rows.append((str(path), row.annotation, row.audio_file, start, end, row.score))
    _warn_of_others({path for path, *_ in rows})
    report_unreadable([*errors.values()], count(len(errors), "recording"), on_error)
    if not rows:
        raise ValueError(f"None of {len(events)} events can be cut out.")
    names = ["file", "label", "audio_file", "start_time", "end_time", "score"]
    return pd.DataFrame(rows, columns=names)


def _refuse_clips(output):
    """Raise where sound files that are no segments lie in a folder for segments."""
    clips = sorted(
        str(path)
        for pattern in ("*", "*/*")
        for path in Path(output).glob(pattern)
        if is_audio_file(path) and not _SEGMENT.fullmatch(path.name)
    )
    if clips:
        raise FileExistsError(
            f"{output}: holds sound files that are no segments "
            f"({first_names(clips, 1)}), and segments with labels of a model would lie "
            "among them: choose another folder (-o)"
        )


def _warn_of_others(paths):
    """Warn of files in the folders of the classes that are not of this call."""
    folders = {os.path.dirname(path) for path in paths}
    others = sorted(
        path
        for folder in folders
        for path in map(str, Path(folder).iterdir())
        if is_audio_file(path) and path not in paths
    )
    if others:
        warn_user(
            f"{first_names(others, 1)}: in the folders of the segments before, and not "
            "of these events. Take another folder, or remove what is not to be trained "
            "on."
        )


def _chosen(events, per_class, pick, random_state):
    """Choose events of each class, and sort them by recording."""
    if per_class is not None:
        if pick == "random":
            events = events.iloc[random_state.permutation(len(events))]
        else:
            events = events.sort_values("score", ascending=False, kind="stable")
        events = events.groupby("annotation", sort=False).head(per_class)
    return events.sort_values(["audio_file", "start_time"], kind="stable")


def _cut(row, padding):
    """Read an event; return sound of all channels, rate, start and end."""
    with open_audio(row.audio_file) as sound:
        rate = sound.samplerate
        first = max(0, round((row.start_time - padding) * rate))
        last = min(sound.frames, round((row.end_time + padding) * rate))
        if first >= last:
            raise AudioFileError(
                row.audio_file,
                f"an event from {row.start_time:g} to {row.end_time:g} s, which lies "
                f"outside the {sound.frames / rate:g} s of the recording",
            )
        waveform, _ = sound.read(first, last)
    return waveform, rate, first / rate, last / rate


def _name(row, start, end):
    stem = _UNSAFE.sub("_", os.path.splitext(os.path.basename(row.audio_file))[0])
    score = "" if np.isnan(row.score) else f"{row.score:.3f}_"
    return f"{score}{stem[:100]}_{start:.3f}-{end:.3f}s.wav"
