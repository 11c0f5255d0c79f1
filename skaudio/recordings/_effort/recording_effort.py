"""What was recorded, where and when, and how much of it was scored."""

import os
import re
import warnings
from collections.abc import Mapping
from datetime import tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from skaudio._utils.choices import one_of
from skaudio._utils.counts import count
from skaudio._utils.recorder_names import clock
from skaudio._utils.unreadable import report_unreadable
from skaudio._utils.warn import warn_user
from skaudio.io import (
    AudioFileError,
    OddAudioWarning,
    list_audio_files,
    read_recorder,
)
from skaudio.recordings._scoring.recording_length import recording_length

_CLIP = ["file", "start_time", "end_time"]
_DECIMALS = 6  # of seconds
_SHOWN = 20  # recordings in a warning


def recording_effort(
    recordings, scores=None, *, sites=None, time_zone=None, on_error="warn", n_jobs=None
):
    r"""Measure the effort: what was recorded, where and when, and what was scored.

    Parameters
    ----------
    recordings : path or list of paths
        Sound files, or folders of them with their sub-folders.
    scores : DataFrame or None, default=None
        The clip table of `score_recordings`. A window that failed is NaN throughout.
    sites : None, str, dict or callable, default=None
        Where each recording was made. None: the prefix of a Song Meter's file name,
        else the folder. A text is a regular expression with a group in parentheses,
        looked for in the path: ``"/(site\d+)/"``. A dict gives the site of a path, or
        another name for the site that None finds. A function takes the path.
    time_zone : str, tzinfo or None, default=None
        Where the recorders stood, such as "Europe/Berlin". Times with a zone are
        converted to it, others are taken to be in it. None leaves the clock of the
        recorder: an AudioMoth's is UTC unless it was set to another zone.
    on_error : {"warn", "raise"}, default="warn"
        What to do with recordings that cannot be opened: keep their rows, without
        seconds, and name each in a warning, or raise.
    n_jobs : int or None, default=None
        Threads that open files in parallel; -1 uses all cores.

    Returns
    -------
    effort : DataFrame
        One row per recording, in the order of their paths:

        - ``file``, ``site`` (str);
        - ``start`` (datetime64, NaT where unknown): by the clock of the place, without
          a zone, so that recorders of several zones fit one column;
        - ``time_zone`` (str or None): that of ``start``, such as "UTC+02:00"; None
          where only the local time is known;
        - ``seconds_recorded`` (float): what the file holds, NaN where it cannot be
          opened;
        - ``seconds_scored``, ``seconds_failed`` (float): in windows with scores, and in
          failed windows only, each second once, up to the end of the recording; NaN
          without `scores`.

    Raises
    ------
    AudioFileError
        With ``on_error="raise"``, naming every recording that cannot be opened.
    ValueError
        Where a recording has no site or `scores` are of other recordings.

    Warns
    -----
    OddAudioWarning
        In one warning, naming the recordings whose remarks and names give different
        starts.

    See Also
    --------
    detection_histories : Per site and day, whether each class was found.
    skaudio.io.read_recorder : When a recording began.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio.recordings import recording_effort
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/MARSH_20240514_053000.wav"
    ...     soundfile.write(path, np.zeros(8000 * 5), 8000)
    ...     effort = recording_effort(folder, time_zone="Europe/Berlin")
    >>> effort[["site", "start", "time_zone", "seconds_recorded"]]
        site               start  time_zone  seconds_recorded
    0  MARSH 2024-05-14 05:30:00  UTC+02:00               5.0
    """
    one_of("on_error", on_error, ("warn", "raise"))
    zone = _zone(time_zone)
    if isinstance(recordings, (str, os.PathLike)):
        recordings = [recordings]
    files = list(dict.fromkeys(list_audio_files(recordings)))
    # Here, also where a cluster scores: its machines may be in another folder.
    lengths = Parallel(n_jobs=n_jobs, require="sharedmem")(
        delayed(recording_length)(file) for file in files
    )
    errors = [entry for entry in lengths if isinstance(entry, AudioFileError)]
    _report(errors, on_error)
    facts = _recorders(files)
    clocks = [_clock(fact and fact.start, zone) for fact in facts]
    effort = pd.DataFrame(
        {
            "file": pd.Series(files, dtype=object),
            "site": pd.Series(_sites(files, facts, sites), dtype=object),
            "start": pd.to_datetime([start for start, _ in clocks]),
            "time_zone": pd.Series([zone for _, zone in clocks], dtype=object),
            "seconds_recorded": [
                np.nan if isinstance(entry, AudioFileError) else entry
                for entry in lengths
            ],
        }
    )
    effort["start"] = effort["start"].astype("datetime64[us]")
    scored, failed = _scored(effort, scores)
    return effort.assign(seconds_scored=scored, seconds_failed=failed)


def _zone(time_zone):
    if time_zone is None or isinstance(time_zone, tzinfo):
        return time_zone
    try:
        return ZoneInfo(time_zone)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ValueError(
            f"time_zone={time_zone!r} is none that is known: expected a name such as "
            "'Europe/Berlin' or 'UTC'."
        ) from error


def _report(errors, on_error):
    if on_error == "raise":
        report_unreadable(errors, "", on_error)
    elif errors:
        lines = "\n  ".join(map(str, errors[:_SHOWN]))
        more = f"\n  and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
        warn_user(
            f"{count(len(errors), 'recording')} cannot be opened, length unknown:"
            f"\n  {lines}{more}"
        )


def _recorders(files):
    """List the facts of the recorders, None where a file cannot be opened."""
    facts = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", OddAudioWarning)
        for file in files:
            try:
                facts.append(read_recorder(file))
            except AudioFileError:
                facts.append(None)
    odd = [str(entry.message) for entry in caught]
    if odd:
        more = [f"and {len(odd) - _SHOWN} more"] if len(odd) > _SHOWN else []
        lines = [f"{count(len(odd), 'recording')} of odd start:", *odd[:_SHOWN], *more]
        warn_user("\n  ".join(lines), OddAudioWarning)
    return facts


def _clock(start, zone):
    """Return what the clock of the place shows, and its zone as text."""
    if start is None:
        return None, None
    if zone is not None:
        aware = start.tzinfo is not None
        start = start.astimezone(zone) if aware else start.replace(tzinfo=zone)
    return clock(start)


def _sites(files, facts, sites):
    """Return the site of each recording, as text."""
    own = [
        _folder(file) if fact is None else fact.site
        for file, fact in zip(files, facts, strict=True)
    ]
    if sites is None:
        found = own
    elif isinstance(sites, (str, re.Pattern)):
        found = _matched(files, sites)
    elif isinstance(sites, Mapping):
        found = [
            sites.get(file, sites.get(site))
            for file, site in zip(files, own, strict=True)
        ]
    elif callable(sites):
        found = [sites(file) for file in files]
    else:
        raise ValueError(
            f"sites={sites!r}: expected None, a regular expression, a dict or a "
            "function."
        )
    for file, site in zip(files, found, strict=True):
        if site is None or pd.isna(site) or str(site) == "":
            raise ValueError(f"{file}: has no site; expected one from sites={sites!r}.")
    return [str(site) for site in found]


def _folder(file):
    return os.path.basename(os.path.dirname(os.path.abspath(file)))


def _matched(files, pattern):
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(
            f"sites={pattern!r} is no regular expression: {error}."
        ) from error
    if not compiled.groups:
        raise ValueError(
            f"sites={pattern!r} has no group: expected parentheses around the name of "
            r"the site, such as '/(site\d+)/'."
        )
    matches = [compiled.search(file.replace(os.sep, "/")) for file in files]
    return [match and next(filter(None, match.groups()), None) for match in matches]


def _scored(effort, scores):
    """Return the seconds scored and failed of each recording."""
    unknown = np.full(len(effort), np.nan)
    if scores is None:
        return unknown, unknown
    windows = scores.index.to_frame(index=False)
    if list(windows.columns) != _CLIP:
        raise ValueError(
            f"scores has the index levels {list(windows.columns)}, expected {_CLIP}: "
            "pass the table that score_recordings gives."
        )
    codes, names = pd.factorize(windows["file"])
    places = pd.Index(effort["file"]).get_indexer(names)
    if (places < 0).any():
        strange = names[places < 0]
        raise ValueError(
            f"scores has windows of {count(len(strange), 'recording')} not among the "
            f"{len(effort)} given, such as {strange[0]}: expected the same paths."
        )
    rows = places[codes] if len(codes) else codes
    length = effort["seconds_recorded"].to_numpy()
    ends = np.fmin(windows["end_time"].to_numpy(dtype=float), length[rows])
    starts = np.maximum(windows["start_time"].to_numpy(dtype=float), 0)
    good = scores.notna().any(axis=1).to_numpy()
    covered = _covered(rows, starts, ends, len(effort))
    scored = _covered(rows[good], starts[good], ends[good], len(effort))
    failed = np.where(np.isnan(length), np.nan, covered - scored)
    return scored.round(_DECIMALS), failed.round(_DECIMALS) + 0.0


def _covered(rows, starts, ends, n_rows):
    """Return the seconds that spans of each row cover, each second once."""
    order = np.lexsort((starts, rows))
    rows, starts, ends = rows[order], starts[order], ends[order]
    latest = pd.Series(ends).groupby(rows).cummax()
    before = latest.groupby(rows).shift().fillna(-np.inf).to_numpy()
    new = np.clip(ends - np.maximum(starts, before), 0, None)
    return np.bincount(rows, new, minlength=n_rows)
