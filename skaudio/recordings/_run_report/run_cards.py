"""The best events of each class, with spectrogram and sound."""

import os
import warnings
from numbers import Integral

import pandas as pd

from skaudio.io import OddAudioWarning
from skaudio.recordings._scoring.progress import counted
from skaudio.reports.html import SAMPLE_RATE, clip_media, name_clips


def best_events(events, n_best):
    """Choose the events of highest score, from different recordings where possible.

    Parameters
    ----------
    events : DataFrame
        As of `find_events`.
    n_best : int
        Events of a class.

    Returns
    -------
    chosen : DataFrame
        Sorted by rank within the class, so that the best of every class comes first;
        with ``rank``.
    """
    if not isinstance(n_best, Integral) or n_best < 0:
        raise ValueError(f"n_best={n_best!r}: expected a number of events, from 0.")
    events = events.assign(annotation=events["annotation"].astype(str))
    events = events.sort_values("score", ascending=False, kind="stable")
    own = ["annotation", "audio_file"]
    # The best of each recording before the second best of any.
    events = events.assign(turn=events.groupby(own).cumcount())
    events = events.sort_values("turn", kind="stable")
    chosen = events.groupby("annotation", sort=False).head(n_best)
    chosen = chosen.sort_values("score", ascending=False, kind="stable")
    chosen = chosen.assign(rank=chosen.groupby("annotation").cumcount())
    return chosen.sort_values("rank", kind="stable").drop(columns="turn")


def make_cards(chosen, names, rate, channel, n_bytes, verbose=0):
    """Read, draw and encode events, as many as there is room for.

    Parameters
    ----------
    chosen : DataFrame
        As of `best_events`.
    names : dict of str to str
        Of the recordings, as the page shows them.
    rate, channel : int, and str or int
        Of what the model heard.
    n_bytes : float
        Room for spectrograms and sounds.
    verbose : int
        With 1, show on a terminal how many there have been.

    Returns
    -------
    cards : dict of str to list of dict
        By class: ``name``, ``span``, ``time`` (or None), ``score`` and ``media``.
    n_left_out : int
        Events for which there was no room.
    """
    cards, used, n_made = {}, 0, 0
    rows = counted(chosen.itertuples(), len(chosen), "events of the page", verbose)
    for row in rows:
        if used >= n_bytes:
            break
        with warnings.catch_warnings():  # of the recording, which was scored before
            warnings.simplefilter("ignore", OddAudioWarning)
            media = clip_media(
                *(row.audio_file, row.peak_start_time, row.peak_end_time),
                *(rate, channel),
            )
        used += len(media.spectrogram or "") + len(media.sound or "")
        n_made += 1
        after = pd.Timedelta(seconds=row.peak_start_time - row.start_time)
        time = pd.to_datetime(row.datetime) + after
        card = {
            "name": names[os.fspath(row.audio_file)],
            "span": f"{clock(row.peak_start_time)} to {clock(row.peak_end_time)}",
            "time": None if pd.isna(time) else f"{time:%Y-%m-%d %H:%M:%S}",
            "score": row.score,
            "media": media,
        }
        cards.setdefault(row.annotation, []).append(card)
    return cards, len(chosen) - n_made


def heard(run):
    """Return the sample rate in Hz and the channel of what the model heard."""
    streams = run.get("scoring", {}).get("streams", [])
    rates = [(rate or SAMPLE_RATE, channel) for rate, channel in streams]
    return max(rates, key=lambda one: one[0], default=(SAMPLE_RATE, "mix"))


def recording_names(files):
    """Name recordings by their paths within the folder that they share.

    Parameters
    ----------
    files : iterable of str or path-like

    Returns
    -------
    names : dict of str to str
    """
    files = list(dict.fromkeys(map(os.fspath, files)))
    rows = [(file, None, None, None) for file in files]
    columns = ["file", "start_time", "end_time", "row"]
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    return dict(zip(files, name_clips(table), strict=True))


def clock(seconds):
    """Format a time within a recording, such as 1:02:03.5."""
    minutes, seconds = divmod(round(float(seconds), 1), 60)
    hours, minutes = divmod(int(minutes), 60)
    rest = f"{seconds:04.1f}".removesuffix(".0")
    return f"{hours}:{minutes:02d}:{rest}" if hours else f"{minutes}:{rest}"
