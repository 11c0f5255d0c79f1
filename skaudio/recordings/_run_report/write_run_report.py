"""The page of a run: what was found, when and where, to look at and listen to."""

from pathlib import Path

from skaudio._utils.atomic import write_text
from skaudio._utils.background import is_background
from skaudio._utils.counts import count, hours_text
from skaudio.recordings._run_report.run_cards import (
    best_events,
    heard,
    make_cards,
    recording_names,
)
from skaudio.recordings._run_report.run_grids import MOST_ROWS, by_day, by_hour
from skaudio.recordings._run_report.run_tables import (
    MOST_FAILED,
    class_rows,
    fact_rows,
    failed_rows,
    site_rows,
    verdict,
)
from skaudio.reports.html import LONGEST, render

_FOR_TABLES = 1.0  # MB of the page


def write_run_report(
    found, path, *, n_best=5, title=None, max_megabytes=15.0, verbose=0
):
    """Write the page of a run of `detect`: events by class, hour, day and site.

    The page is one file and loads nothing from outside. It shows the best events of
    each class as spectrograms, with their sound. It contains the names of recordings,
    relative to their common folder, and of sites: consider this before you publish it.
    Where the run had thresholds, it quotes what is promised of the events above them.

    Parameters
    ----------
    found : Bunch
        As of `detect`: ``events``, ``effort`` and ``run``. The events may be a part of
        them, such as those above a score.
    path : str or path-like
        Such as ``report.html``. Its folder must exist.
    n_best : int, default=5
        Events of each class to embed: those of highest score, from different recordings
        where possible. Each takes 20 to 80 kB.
    title : str or None, default=None
        None states the number of recordings.
    max_megabytes : float, default=15.0
        Size of the page. Where the events do not fit, those of highest rank of each
        class are embedded, those of the classes of most events first.
    verbose : int, default=0
        With 1, show on a terminal how many events have been embedded: each takes up to
        a tenth of a second.

    Returns
    -------
    path : pathlib.Path

    Raises
    ------
    ValueError
        Where `n_best` is no number of events.
    OSError
        Where the file cannot be written. An older page there stays as it was.

    See Also
    --------
    detect : Writes this page into its folder of results.
    segments : Cuts events out as sound files.

    Notes
    -----
    Hours and days are those of ``found.effort["start"]``, the clock of the recorder or
    of the place. Where no recording has a start, events are counted by the time within
    the recording. Seconds scored are spread evenly over their recording.

    Spectrogram and sound are those of the window in which an event has its highest
    score, at the sample rate and channel that the model heard; of windows longer than
    6 s the loudest 6 s. Where a recording cannot be read any more, its card gives the
    reason.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, pandas as pd
    >>> from types import SimpleNamespace
    >>> from skaudio.recordings import write_run_report
    >>> effort = pd.DataFrame(
    ...     {
    ...         "file": ["a.wav"],
    ...         "site": ["hill"],
    ...         "start": pd.to_datetime(["2024-05-14 05:30"]),
    ...         "time_zone": [None],
    ...         "seconds_recorded": [3600.0],
    ...         "seconds_scored": [3600.0],
    ...         "seconds_failed": [0.0],
    ...     }
    ... )
    >>> events = pd.DataFrame(
    ...     {
    ...         "audio_file": ["a.wav"],
    ...         "annotation": ["Wren"],
    ...         "start_time": [12.0],
    ...         "end_time": [13.5],
    ...         "score": [0.93],
    ...         "peak_start_time": [12.0],
    ...         "peak_end_time": [15.0],
    ...         "datetime": pd.to_datetime(["2024-05-14 05:30:12"]),
    ...     }
    ... )
    >>> found = SimpleNamespace(events=events, effort=effort, run={})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_run_report(found, f"{folder}/report.html")
    ...     "1 event of 1 class in 1.00 hours of 1 recording" in path.read_text("utf-8")
    True
    """
    page = _page_of(found, n_best, title, max_megabytes, verbose)
    html = render(page, "run.html.jinja", "skaudio.recordings._run_report", scripts=())
    write_text(path, html, "the page", "html")
    return Path(path)


def _page_of(found, n_best, title, max_megabytes, verbose):
    """Collect the variables of the template."""
    events, effort, run = found.events, found.effort, found.run
    chosen = best_events(events, n_best)
    rows = class_rows(events, effort)
    classes = [row["label"] for row in rows]
    drawn = classes[:MOST_ROWS]
    names = recording_names(effort["file"])
    order = {name: place for place, name in enumerate(classes)}
    # Within a rank, classes of most events first.
    chosen = chosen.assign(order=chosen["annotation"].map(order))
    chosen = chosen.sort_values(["rank", "order"], kind="stable")
    rate, channel = heard(run)
    room = (max_megabytes - _FOR_TABLES) * 1e6
    cards, n_left_out = make_cards(chosen, names, rate, channel, room, verbose)
    hours, minutes, n_untimed = by_hour(events, effort, drawn)
    failed = failed_rows(effort, run)
    asked = [str(name) for name in run.get("classes", []) if not is_background(name)]
    return {
        "title": title or f"Detections in {count(len(effort), 'recording')}",
        "verdict": verdict(events, effort),
        "warnings": list(map(str, run.get("warnings", []))),
        "classes": rows,
        "n_drawn": len(drawn),
        "thresholds": run.get("thresholds"),
        "not_found": [name for name in asked if name not in order],
        "hours": hours,
        "minutes": minutes,
        "n_untimed": n_untimed,
        "zones": sorted(effort["time_zone"].dropna().unique()),
        "months": by_day(events, effort, drawn),
        "cards": {name: cards[name] for name in classes if name in cards},
        "n_left_out": n_left_out,
        "khz": rate / 2000,
        "longest": LONGEST,
        "failed": failed[:MOST_FAILED],
        "n_failed": len(failed),
        "names": names,
        "sites": site_rows(events, effort),
        "facts": fact_rows(run),
        "count": count,
        "hours_text": hours_text,
    }
