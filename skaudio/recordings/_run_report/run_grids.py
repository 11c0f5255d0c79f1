"""When events were found: by hour of the day, and by day, beside the effort."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from skaudio.recordings._effort.datetimes import check_effort
from skaudio.recordings._effort.detection_histories import (
    daily_effort,
    detection_histories,
)

MOST_ROWS = 40  # classes, or sites, of a grid
_LEAST_SECONDS = 1.0  # of an hour or day that counts as recorded
_HOUR = pd.Timedelta(hours=1)
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)  # minutes
_MOST_COLUMNS = 24


class Grid(NamedTuple):
    """Counts of events as rows of cells.

    Attributes
    ----------
    columns : list of (str, str)
        Short and long heading of each.
    effort : list of float
        Hours scored, by column.
    parts : list of (str, list of (str, list))
        A heading and its rows: a name and, by column, None where nothing was scored,
        else the count and a shade from 0 to 100.
    """

    columns: list
    effort: list
    parts: list


def by_hour(events, effort, classes):
    """Count events by hour of the day, or where no start is known, by time within.

    Parameters
    ----------
    events, effort : DataFrame
        As of `detect`.
    classes : list of str
        In the order of their rows.

    Returns
    -------
    grid : Grid or None
        None where no second was scored.
    minutes : int or None
        The width of a column within the recording; None for hours of the day.
    n_left_out : int
        Events of recordings whose start is not known, where that of others is.
    """
    effort = _scored_effort(effort)
    if not len(effort):
        return None, None, 0
    if effort["start"].notna().any():
        timed = events[events["datetime"].notna()]
        at = pd.to_datetime(timed["datetime"]).dt.hour.to_numpy()
        seconds = _seconds_by_hour(effort[effort["start"].notna()])
        columns = [(str(h), f"{h}:00 to {h + 1}:00") for h in range(24)]
        minutes, n_left_out = None, len(events) - len(timed)
    else:
        timed, n_left_out = events, 0
        minutes, seconds = _seconds_within(effort)
        last = len(seconds) - 1
        at = np.minimum(events["start_time"] / 60 // minutes, last).astype(int)
        columns = [
            (str(k * minutes), f"minute {k * minutes} to {(k + 1) * minutes}")
            for k in range(len(seconds))
        ]
    counts = _counts(timed["annotation"].astype(str), at, classes, len(columns))
    rows = [(name, _cells(row, seconds)) for name, row in counts]
    return Grid(columns, list(seconds / 3600), [("Classes", rows)]), minutes, n_left_out


def by_day(events, effort, classes):
    """Count events by day, a grid for each month that has recordings.

    Parameters
    ----------
    events, effort, classes
        As of `by_hour`.

    Returns
    -------
    months : list of (str, Grid)
        Empty where fewer than two days were recorded. A site counts as recorded on a
        day, or a class anywhere, as in `detection_histories`.
    """
    effort = effort[effort["start"].notna() & effort["seconds_recorded"].notna()]
    seconds = daily_effort(effort)
    if seconds.shape[1] < 2:
        return []
    events = events[events["audio_file"].map(str).isin(effort["file"])]
    events = events.assign(annotation=events["annotation"].astype(str))
    histories = detection_histories(events, effort, classes=classes, count=True)
    of_class = histories.groupby(level="class", sort=False).sum(min_count=1)
    every = events.assign(annotation="all")
    of_site = detection_histories(every, effort, classes=["all"], count=True)
    of_site = of_site.droplevel("class")
    most = of_site.sum(axis=1).sort_values(ascending=False, kind="stable")
    of_site = of_site.loc[of_site.index.isin(most.index[:MOST_ROWS])]
    tables = {"Classes": of_class.reindex(classes)}
    if len(of_site) > 1:
        tables = {"Sites": of_site} | tables
    highest = {
        name: table.max(axis=1, skipna=True).to_dict() for name, table in tables.items()
    }
    months = []
    days = pd.date_range(seconds.columns[0], seconds.columns[-1])
    for month in seconds.columns.to_period("M").unique():
        own = days[days.to_period("M") == month]
        parts = [
            (
                name,
                [
                    (str(label), _shaded(row, highest[name][label]))
                    for label, row in table.reindex(columns=own).iterrows()
                ],
            )
            for name, table in tables.items()
        ]
        columns = [(str(day.day), f"{day:%A}, {day.date()}") for day in own]
        hours = seconds.sum().reindex(own, fill_value=0.0) / 3600
        months.append((f"{month:%B %Y}", Grid(columns, list(hours), parts)))
    return months


def _scored_effort(effort):
    """Return the recordings that have sound, with the share of it that was scored."""
    effort = check_effort(effort)
    effort = effort[effort["seconds_recorded"] > 0]
    scored = effort["scored"].fillna(effort["seconds_recorded"])
    share = scored / effort["seconds_recorded"]
    return effort.assign(share=share)[share > 0]


def _seconds_by_hour(effort):
    """Sum up the seconds scored in each hour of the day, spread over the recording."""
    seconds = np.zeros(24)
    for row in effort.itertuples():
        n_days, rest = divmod(row.seconds_recorded, 86400)
        seconds += 3600 * n_days * row.share
        at, end = row.start, row.start + pd.Timedelta(seconds=rest)
        while at < end:
            until = min(at.floor("h") + _HOUR, end)
            seconds[at.hour] += (until - at).total_seconds() * row.share
            at = until
    return seconds


def _seconds_within(effort):
    """Return the width of the columns in minutes, and the seconds scored in each."""
    lengths = effort["seconds_recorded"].to_numpy()
    longest = lengths.max() / 60
    fitting = [step for step in _STEPS if step * _MOST_COLUMNS >= longest]
    step = fitting[0] if fitting else int(np.ceil(longest / _MOST_COLUMNS))
    edges = 60.0 * step * np.arange(max(1, int(np.ceil(longest / step))))
    inside = np.clip(lengths[:, None] - edges, 0, 60 * step)
    return step, (inside * effort["share"].to_numpy()[:, None]).sum(axis=0)


def _counts(labels, at, classes, n_columns):
    """List each class with its counts."""
    counts = []
    for name in classes:
        own = np.asarray(at)[(labels == name).to_numpy()]
        counts.append((name, np.bincount(own, minlength=n_columns)))
    return counts


def _cells(counts, seconds):
    """Shade counts by their rate per hour scored."""
    # At least a minute, so that a rate of a few seconds does not pale all others.
    rate = counts / np.maximum(seconds, 60)
    top = rate.max() or 1
    return [
        None
        if not count and length < _LEAST_SECONDS
        else (int(count), _shade(one, top))
        for count, length, one in zip(counts, seconds, rate, strict=True)
    ]


def _shaded(counts, top):
    return [
        None if np.isnan(count) else (int(count), _shade(count, top or 1))
        for count in counts
    ]


def _shade(value, top):
    return round(100 * float(value) / float(top))
