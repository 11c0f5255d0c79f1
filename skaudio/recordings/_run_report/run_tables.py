"""The tables of the page of a run: classes, sites, failures and facts."""

import pandas as pd

from skaudio._utils.background import is_background
from skaudio._utils.counts import count, length_text

UNKNOWN = "\N{EN DASH}"
_SECONDS = ("min_duration", "merge_gap", "clip_duration", "step", "start", "end")
MOST_FAILED = 200  # rows; the others are counted


def verdict(events, effort):
    """Say in a sentence what was found."""
    length = length_text(effort["seconds_scored"].sum())
    where = f"{length} of {count(len(effort), 'recording')}"
    n_sites = effort["site"].nunique()
    where += f" at {n_sites} sites" if n_sites > 1 else ""
    start = pd.to_datetime(effort["start"]).dropna().dt.date
    if start.nunique() > 1:
        where += f", from {start.min()} to {start.max()}"
    if not len(events):
        return f"No events in {where}."
    classes = count(events["annotation"].astype(str).nunique(), "class", "classes")
    return (
        f"{count(len(events), 'event')} of {classes} in {where}; scores are no "
        "probabilities until they are checked."
    )


def class_rows(events, effort):
    """Count the events of each class, the class of most events first.

    Returns
    -------
    rows : list of dict
        ``label``, ``events``, ``share`` (0 to 100, of the most), ``recordings``,
        ``sites``, ``days``, ``highest`` and ``median`` (scores).
    """
    if not len(events):
        return []
    site = effort.set_index("file")["site"]
    table = pd.DataFrame(
        {
            "label": events["annotation"].astype(str),
            "file": events["audio_file"].map(str),
            "site": events["audio_file"].map(str).map(site),
            "day": pd.to_datetime(events["datetime"]).dt.date,
            "score": events["score"].astype(float),
        }
    )
    rows = table.groupby("label").agg(
        events=("file", "size"),
        recordings=("file", "nunique"),
        sites=("site", "nunique"),
        days=("day", "nunique"),
        highest=("score", "max"),
        median=("score", "median"),
    )
    rows = rows.sort_values("events", ascending=False, kind="stable").reset_index()
    rows["share"] = (100 * rows["events"] / rows["events"].max()).round()
    return rows.to_dict("records")


def site_rows(events, effort):
    """Sum up the effort of each site: its recordings, days, hours and events."""
    site = effort.set_index("file")["site"]
    found = events["audio_file"].map(str).map(site).value_counts()
    rows = []
    for name, own in effort.groupby("site"):
        start = pd.to_datetime(own["start"])
        end = (start + pd.to_timedelta(own["seconds_recorded"], unit="s")).dropna()
        scored = own["seconds_scored"].sum() / 3600
        n_events = int(found.get(name, 0))
        rows.append(
            {
                "site": str(name),
                "recordings": len(own),
                "first": UNKNOWN
                if start.isna().all()
                else f"{start.min():%Y-%m-%d %H:%M}",
                "last": UNKNOWN if not len(end) else f"{end.max():%Y-%m-%d %H:%M}",
                "recorded": own["seconds_recorded"].sum() / 3600,
                "scored": scored,
                "failed": own["seconds_failed"].sum() / 3600,
                "unopened": int(own["seconds_recorded"].isna().sum()),
                "events": n_events,
                "rate": n_events / scored if scored else None,
            }
        )
    return rows


def failed_rows(effort, run):
    """List the recordings that failed, wholly or in part.

    Returns
    -------
    rows : list of dict
        ``file``, ``scored`` and ``failed`` (seconds; NaN where it cannot be opened) and
        ``reason``.
    """
    reasons = {row["file"]: row["reason"] for row in run.get("failed", [])}
    lacks = effort["seconds_recorded"].isna() | (effort["seconds_failed"] > 0)
    failed = effort[lacks | effort["file"].isin(reasons)]
    return [
        {
            "file": row.file,
            "scored": row.seconds_scored,
            "failed": row.seconds_failed,
            "reason": reasons.get(row.file) or UNKNOWN,
        }
        for row in failed.itertuples()
    ]


def fact_rows(run):
    """List the facts of a run for its table: rows of name and text."""
    scoring = dict(run.get("scoring", {}))
    streams = scoring.pop("streams", [])
    classes = [str(name) for name in run.get("classes", [])]
    background = [name for name in classes if is_background(name)]
    facts = {
        "model": run.get("model"),
        "classes": count(len(classes) - len(background), "animal"),
        "background": ", ".join(background) or "none",
        "windows": run.get("windows"),
        **run.get("parameters", {}),
        **scoring,
        "heard at": ", ".join(f"{rate} Hz ({channel})" for rate, channel in streams),
        "skaudio": run.get("skaudio"),
    }
    return [
        (name.replace("_", " "), _text(value) + (" s" if name in _SECONDS else ""))
        for name, value in facts.items()
        if value is not None and value != ""
    ]


def _text(value):
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(one)}" for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
