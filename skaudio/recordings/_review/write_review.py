"""The page on which a person checks windows, one at a time."""

import base64
import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.utils import check_random_state

from skaudio._utils.atomic import write_text
from skaudio._utils.background import is_background
from skaudio._utils.choices import one_of
from skaudio._utils.clip_columns import listed
from skaudio._utils.counts import count
from skaudio._utils.unreadable import report_unreadable
from skaudio._utils.verdicts import VERDICTS
from skaudio.io import AudioFileError
from skaudio.recordings._review.review_media import window_media
from skaudio.recordings._run_report.run_cards import clock, recording_names
from skaudio.recordings._scoring.progress import counted
from skaudio.reports.html import render

_NEEDED = ("file", "start_time", "end_time", "label")
_HIDDEN = ("score", "stratum", "inclusion_probability")
_SAID = ("verdict", "verdict_label", "reviewer")
_MEGABYTES, _WINDOWS = 25.0, 500
_FOR_TEXT = 0.06  # MB of the page beside its windows
_TEXT = 600  # bytes of a window beside its spectrogram and sound
_MOST_BYTES = 100_000  # of a window, however few there are


def write_review(
    windows,
    path,
    *,
    classes=None,
    padding=1.0,
    shuffle=True,
    sample_rate=None,
    channel="mix",
    title=None,
    max_megabytes=None,
    n_jobs=None,
    on_error="warn",
    verbose=0,
):
    """Write the page on which a person says of windows whether the label is right.

    The page is one file that loads nothing from outside: it can be sent to a colleague
    and works without a network, with the keyboard and on a phone. It shows one window
    at a time, as spectrogram and sound, hides the score until the verdict, and gives
    the verdicts as ``verdicts.csv``. It contains the paths of the recordings, for that
    table: consider this before you publish it.

    Parameters
    ----------
    windows : DataFrame
        A row per window, as `draw_for_review` gives them: ``file``, ``start_time`` and
        ``end_time`` in seconds, ``label``, and if known ``score``, ``stratum`` and
        ``inclusion_probability``, which are handed on to the verdicts. Where some have
        a ``verdict`` (with ``verdict_label, reviewer``), the page begins with it.
    path : str or path-like
        Such as ``review.html``. Its folder must exist.
    classes : list or None, default=None
        What else a window may be, in the order of their keys. None takes the labels of
        the windows. A reviewer can add others.
    padding : float, default=1.0
        Seconds of sound before and after each window, which are marked.
    shuffle : bool, default=True
        Whether the windows of a label come in random order, so that it says nothing of
        the score and that any part of them is a random sample.
    sample_rate : int or None, default=None
        In Hz, such as that of the model, to hear what it heard. None is that of each
        recording.
    channel : {"mix", "loudest"} or int, default="mix"
        As of `WavLoader`.
    title : str or None, default=None
        None states the number of windows.
    max_megabytes : float or None, default=None
        Size of the page. None allows 25 for up to 500 windows, and as much more as
        there are more of them. Where the sound does not fit at a good quality, it gets
        a lower one; where that does not fit either, the loudest part of it is kept and
        marked.
    n_jobs : int or None, default=None
        Threads that read and encode; -1 uses all cores.
    on_error : {"warn", "raise"}, default="warn"
        What to do with windows that cannot be read: name each in a warning and show the
        others, or raise. They stay in the table of verdicts, as not judged.
    verbose : int, default=0
        Whether to show progress.

    Returns
    -------
    path : pathlib.Path

    Raises
    ------
    ValueError
        Where columns lack, a window has no length or occurs twice with one label, or
        no window can be read.
    OSError
        Where the file cannot be written. An older page there stays as it was.

    See Also
    --------
    draw_for_review : Draws the windows by a design that makes the verdicts worth more.
    read_verdicts : Reads what the page gives.

    Notes
    -----
    Spectrograms have a linear frequency axis, up to half the sample rate, and show the
    70 dB below their maximum or less, without the even noise between calls. Sound is
    MP3 of one channel and at most 32 kHz, at an even loudness. Sound of a sample rate
    above 96 kHz is slowed down 10 times, its frequencies with it, and the padding
    shortened as much.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, pandas as pd, soundfile
    >>> from skaudio.recordings import write_review
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     noise = np.random.default_rng(0).normal(0, 0.1, 8000 * 9)
    ...     soundfile.write(f"{folder}/dawn.wav", noise, 8000)
    ...     windows = pd.DataFrame(
    ...         {
    ...             "file": f"{folder}/dawn.wav",
    ...             "start_time": [0.0, 3.0],
    ...             "end_time": [3.0, 6.0],
    ...             "label": ["Wren", "Robin"],
    ...             "score": [0.93, 0.4],
    ...         }
    ...     )
    ...     path = write_review(windows, f"{folder}/review.html")
    ...     path.stat().st_size < 300_000
    True
    """
    one_of("on_error", on_error, ("warn", "raise"))
    if not padding >= 0:
        raise ValueError(f"padding={padding!r}: expected seconds, 0 or more.")
    table = _checked(windows)
    table = _ordered(table, shuffle)
    if max_megabytes is None:
        max_megabytes = _MEGABYTES * max(1, len(table) / _WINDOWS)
    n_bytes = (max_megabytes - _FOR_TEXT) * 1e6 / len(table) - _TEXT
    n_bytes = min(n_bytes, _MOST_BYTES)
    if not n_bytes > 0:
        raise ValueError(
            f"max_megabytes={max_megabytes!r}: too few for {len(table)} windows."
        )
    made = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
        delayed(_media)(row, padding, sample_rate, channel, n_bytes)
        for row in table.itertuples()
    )
    made = [*counted(made, len(table), "windows", verbose)]
    errors = [one for one in made if isinstance(one, AudioFileError)]
    distinct = {str(error): error for error in errors}
    if len(errors) == len(table):
        first = next(iter(distinct))
        raise ValueError(
            f"None of {len(table)} windows can be read ({first}): expected paths that "
            "lead to the recordings from the folder in which this runs."
        )
    report_unreadable(
        [*distinct.values()], f"{len(errors)} of {len(table)} windows", on_error
    )
    n_shown = len(table) - len(errors)
    page = {
        "title": title or f"{count(n_shown, 'window')} to check",
        "n_unreadable": len(errors),
        "data": _data(table, made, classes),
    }
    html = render(
        page,
        "review.html.jinja",
        "skaudio.recordings._review",
        scripts=("review_csv.js", "review.js"),
        styles=("review.css",),
    )
    write_text(path, html, "the page", "html")
    return Path(path)


def _checked(windows):
    """Check the windows; return them with all columns, of plain types."""
    lacking = [name for name in _NEEDED if name not in windows]
    if lacking:
        raise ValueError(
            f"windows: no column {', '.join(lacking)}; it has "
            f"{listed(windows.columns)}: expected those of draw_for_review."
        )
    if not len(windows):
        raise ValueError("windows: no rows, expected at least one window.")
    table = windows.reset_index(drop=True)
    table = table.reindex(columns=[*_NEEDED, *_HIDDEN, *_SAID])
    table["file"] = pd.Series(list(map(os.fspath, table["file"])), dtype=object)
    table["label"] = pd.Series([str(name) for name in table["label"]], dtype=object)
    for name in ("start_time", "end_time", "score", "inclusion_probability"):
        table[name] = pd.to_numeric(table[name]).astype(float)
    for wrong, what in (
        (~(table["end_time"] > table["start_time"]), "has no length"),
        (table.duplicated(list(_NEEDED)), "is there twice with this label"),
        (
            table["verdict"].notna() & ~table["verdict"].isin(VERDICTS),
            "has another verdict than yes, no and unsure",
        ),
    ):
        if wrong.any():
            row = table[wrong].iloc[0]
            raise ValueError(
                f"windows: {row['file']} from {row['start_time']:g} to "
                f"{row['end_time']:g} s ({row['label']}) {what}: expected windows with "
                "start_time < end_time, each once per label, and such verdicts or none."
            )
    return table


def _ordered(table, shuffle):
    """Put the windows of a label together: many of one are judged more quickly."""
    if shuffle:
        rng = check_random_state(0)  # so that a page written again is the same
        table = table.iloc[rng.permutation(len(table))]
    return table.sort_values("label", kind="stable").reset_index(drop=True)


def _media(row, padding, sample_rate, channel, n_bytes):
    try:
        return window_media(
            *(row.file, row.start_time, row.end_time),
            *(padding, sample_rate, channel, n_bytes),
        )
    except AudioFileError as error:
        return error


def _data(table, made, classes):
    """Collect what the script reads."""
    names = recording_names(table["file"])
    windows = []
    for row, media in zip(table.itertuples(), made, strict=True):
        hidden = [_plain(getattr(row, name)) for name in _HIDDEN]
        window = {
            "file": row.file,
            "name": names[row.file],
            "start": row.start_time,
            "end": row.end_time,
            "at": f"{clock(row.start_time)} to {clock(row.end_time)}",
            "label": row.label,
            # Not to be read before the verdict, not even by chance.
            "hidden": base64.b64encode(json.dumps(hidden).encode()).decode(),
        }
        if not pd.isna(row.verdict):
            said = [_plain(getattr(row, name)) or "" for name in _SAID]
            window["said"] = said
        if not isinstance(media, AudioFileError):
            window |= media._asdict()
        windows.append(window)
    if classes is None:
        classes = table["label"].unique()
    classes = [str(name) for name in classes if not is_background(name)]
    # The same windows in the same order have the same place in the browser's storage.
    is_shown = ["sound" in window for window in windows]
    identity = json.dumps(table.loc[is_shown, list(_NEEDED)].to_numpy().tolist())
    return {
        "digest": hashlib.sha256(identity.encode()).hexdigest()[:16],
        "classes": list(dict.fromkeys(classes)),
        "windows": windows,
    }


def _plain(value):
    """Return a value for JSON: None where it is missing."""
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
