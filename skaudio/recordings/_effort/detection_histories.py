"""Events per site and day, as occupancy models take them."""

import os

import numpy as np
import pandas as pd

from skaudio._utils.warn import warn_user
from skaudio.recordings._effort.datetimes import add_datetimes, check_effort

_DAY = pd.Timedelta(days=1)


def detection_histories(
    events, effort, *, classes=None, min_score=None, count=False, min_seconds=1.0
):
    """Tabulate for each class, site and day whether it was found.

    Parameters
    ----------
    events : DataFrame
        Annotation table: ``audio_file, annotation, start_time, end_time``, with
        `min_score` also ``score``.
    effort : DataFrame
        As of `recording_effort`: every recording, also those without events.
    classes : list of str or None, default=None
        Those of which a table is wanted, also where none was found. None takes those
        that `events` has.
    min_score : float or None, default=None
        Events with a lower score, or none, are left out.
    count : bool, default=False
        Whether to give the number of events instead of 1.
    min_seconds : float, default=1.0
        Days with less sound do not count as recorded, unless something was found:
        a recording may end some milliseconds after midnight.

    Returns
    -------
    histories : DataFrame of float
        Rows by ``class`` and ``site``, a column per ``day`` (datetime64) on which some
        site recorded. 1, or the count, where the class was found, 0 where it was not,
        NaN where nothing was recorded or scored.

    Raises
    ------
    ValueError
        Where `events` has recordings that `effort` lacks, or a column lacks.

    Warns
    -----
    UserWarning
        Naming the number of recordings without a start, which are left out with their
        events, and of events outside their recordings.

    See Also
    --------
    daily_effort : The seconds behind each cell.

    Notes
    -----
    Days are those of ``effort["start"]``: of the place, where `recording_effort` knew
    its time zone. A recording over midnight counts for both days, an event for the day
    on which it begins. Recordings of which nothing could be scored count as not
    recorded.

    References
    ----------
    D. I. MacKenzie et al., "Estimating site occupancy rates when detection
    probabilities are less than one", Ecology 83 (2002).

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.recordings import detection_histories
    >>> effort = pd.DataFrame(
    ...     {
    ...         "file": ["a.wav", "b.wav", "c.wav"],
    ...         "site": ["hill", "marsh", "marsh"],
    ...         "start": ["2024-05-14 05:30", "2024-05-14 05:30", "2024-05-15 05:30"],
    ...         "seconds_recorded": [600.0, 600.0, 600.0],
    ...     }
    ... )
    >>> events = pd.DataFrame(
    ...     {
    ...         "audio_file": ["b.wav"],
    ...         "annotation": ["Wren"],
    ...         "start_time": [12.0],
    ...         "end_time": [13.5],
    ...     }
    ... )
    >>> detection_histories(events, effort)
    day          2024-05-14  2024-05-15
    class site
    Wren  hill          0.0         NaN
          marsh         1.0         0.0
    """
    seconds = daily_effort(effort)
    found = add_datetimes(events, effort)
    if min_score is not None:
        if "score" not in found.columns:
            raise ValueError(f"min_score={min_score}: the events have no scores.")
        found = found[found["score"] >= min_score]
    site = check_effort(effort).set_index("file")["site"]
    found = found.assign(
        annotation=found["annotation"].astype(object),
        site=found["audio_file"].map(os.fspath).map(site),
    )[found["datetime"].notna()]
    if classes is None:
        classes = sorted(found["annotation"].unique())
    found = found[found["annotation"].isin(list(classes))]
    day = found["datetime"].dt.floor("D")
    counts = pd.crosstab([found["annotation"], found["site"]], day)
    index = pd.MultiIndex.from_product(
        [classes, seconds.index], names=["class", "site"]
    )
    counts = counts.reindex(index=index, columns=seconds.columns, fill_value=0)
    counts = counts.astype(float)
    recorded = seconds.loc[index.get_level_values("site")].to_numpy() >= min_seconds
    histories = counts.where(recorded | (counts > 0))
    return histories if count else histories.clip(upper=1)


def daily_effort(effort):
    """Sum up how many seconds were recorded, and scored, per site and day.

    Parameters
    ----------
    effort : DataFrame
        As of `recording_effort`.

    Returns
    -------
    seconds : DataFrame of float
        Rows by ``site``, a column per ``day`` (datetime64) on which some site recorded.
        Where ``seconds_scored`` is known, it is spread evenly over the recording. 0
        where nothing was recorded.

    Warns
    -----
    UserWarning
        Naming the number of recordings without a start or seconds, which are left out.

    See Also
    --------
    detection_histories : Has the same sites and days.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.recordings import daily_effort
    >>> effort = pd.DataFrame(
    ...     {
    ...         "file": ["a.wav"],
    ...         "site": ["hill"],
    ...         "start": ["2024-05-14 23:50"],
    ...         "seconds_recorded": [3600.0],
    ...     }
    ... )
    >>> daily_effort(effort)
    day   2024-05-14  2024-05-15
    site
    hill       600.0      3000.0
    """
    effort = check_effort(effort)
    known = effort["start"].notna() & effort["seconds_recorded"].notna()
    if not known.all():
        warn_user(
            f"{(~known).sum()} of {len(effort)} recordings have no known start or "
            f"length and are left out, such as {effort['file'][~known].iloc[0]}."
        )
    effort = effort[known]
    parts = []
    for row in effort.itertuples():
        end = row.start + pd.Timedelta(seconds=row.seconds_recorded)
        scored = row.seconds_recorded if np.isnan(row.scored) else row.scored
        share = scored / row.seconds_recorded if row.seconds_recorded else 0.0
        day = row.start.floor("D")
        while day < end:
            span = min(end, day + _DAY) - max(row.start, day)
            parts.append((row.site, day, span.total_seconds() * share))
            day += _DAY
    table = pd.DataFrame(parts, columns=["site", "day", "seconds"])
    table = table.astype({"day": "datetime64[us]", "seconds": float})
    table = table[table["seconds"] > 0]
    return table.pivot_table(
        index="site", columns="day", values="seconds", aggfunc="sum", fill_value=0.0
    ).reindex(sorted(effort["site"].unique()), fill_value=0.0)
