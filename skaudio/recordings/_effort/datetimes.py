"""When events happened, by the clock of the place."""

import os

import numpy as np
import pandas as pd

from skaudio._utils.clip_columns import listed
from skaudio._utils.counts import count
from skaudio._utils.warn import warn_user

_EVENTS = ("audio_file", "annotation", "start_time", "end_time")
_EFFORT = ("file", "site", "start", "seconds_recorded")


def add_datetimes(events, effort):
    """Add to each event when it began.

    Parameters
    ----------
    events : DataFrame
        Annotation table: ``audio_file, annotation, start_time, end_time``.
    effort : DataFrame
        As of `recording_effort`, or read from its CSV.

    Returns
    -------
    events : DataFrame
        A copy with ``datetime`` (datetime64), by the clock of the place as ``start`` of
        `effort`, NaT where that is not known; and ``time_zone`` of that clock (str or
        None).

    Raises
    ------
    ValueError
        Where `events` has recordings that `effort` lacks, or a column lacks.

    Warns
    -----
    UserWarning
        Naming the number of events that lie outside their recordings, which have no
        time.

    Notes
    -----
    Time runs on within a recording, as recorders do it, also where a place changes to
    or from daylight saving.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.recordings import add_datetimes
    >>> effort = pd.DataFrame(
    ...     {
    ...         "file": ["a.wav"],
    ...         "site": ["hill"],
    ...         "start": ["2024-05-14 05:30"],
    ...         "seconds_recorded": [600.0],
    ...     }
    ... )
    >>> events = pd.DataFrame(
    ...     {
    ...         "audio_file": ["a.wav"],
    ...         "annotation": ["Wren"],
    ...         "start_time": [12.25],
    ...         "end_time": [13.5],
    ...     }
    ... )
    >>> add_datetimes(events, effort)["datetime"].tolist()
    [Timestamp('2024-05-14 05:30:12.250000')]
    """
    effort = check_effort(effort).set_index("file")
    _refuse_lacking(events, _EVENTS, "events")
    files = events["audio_file"].map(os.fspath, na_action="ignore")
    unknown = files[~files.isin(effort.index)]
    if len(unknown):
        n_unknown = unknown.nunique(dropna=False)
        raise ValueError(
            f"events has {count(n_unknown, 'recording')} that effort does not have, "
            f"such as {unknown.iloc[0]}: expected the same paths in both."
        )
    begin = events["start_time"].to_numpy(dtype=float)
    length = files.map(effort["seconds_recorded"]).to_numpy(dtype=float)
    outside = ~(begin >= 0) | (begin >= length)
    if outside.any():
        place = int(np.argmax(outside))
        warn_user(
            f"{outside.sum()} of {len(events)} events lie outside their recordings and "
            f"get no time, such as {files.iloc[place]} at {begin[place]} s of "
            f"{length[place]} s."
        )
    after = pd.to_timedelta(np.where(outside, np.nan, begin), unit="s")
    start = files.map(effort["start"]).astype("datetime64[us]")
    zone = files.map(effort["time_zone"]).astype(object)
    return events.assign(
        datetime=(start + after).astype("datetime64[us]"),
        time_zone=zone.where(zone.notna(), None),
    )


def check_effort(effort):
    """Return a table of effort as `recording_effort` gives it, from CSV, too.

    Parameters
    ----------
    effort : DataFrame

    Returns
    -------
    effort : DataFrame
        With ``scored``, the seconds scored, NaN where these are not known.

    Raises
    ------
    ValueError
    """
    _refuse_lacking(effort, _EFFORT, "effort")
    again = effort["file"].duplicated()
    if again.any():
        raise ValueError(
            f"effort has several rows of {effort['file'][again].iloc[0]}: expected one "
            "for each recording."
        )
    effort = effort.reset_index(drop=True)
    try:
        start = pd.to_datetime(effort["start"]).astype("datetime64[us]")
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"effort has starts that are no local times: {error}."
        ) from error
    zone = effort["time_zone"] if "time_zone" in effort.columns else None
    scored = effort["seconds_scored"] if "seconds_scored" in effort.columns else np.nan
    return effort.assign(
        start=start,
        time_zone=zone,
        seconds_recorded=effort["seconds_recorded"].astype(float),
        scored=pd.Series(scored, index=effort.index, dtype=float),
    )


def _refuse_lacking(table, needed, what):
    lacks = [name for name in needed if name not in table.columns]
    if lacks:
        raise ValueError(
            f"{what} has no column {lacks[0]}: got {listed(table.columns)}, expected "
            f"{', '.join(needed)}."
        )
