"""Thresholds of an earlier calibration, for a run of `detect`."""

import json
from pathlib import Path

import pandas as pd

from skaudio._utils.windows import window_step

# Options of events that give way to those of the calibration: the defaults of detect.
_EVENTS = {
    "threshold": None,
    "continue_threshold": None,
    "smoothing": 3,
    "min_duration": 0.0,
    "merge_gap": 0.0,
}
_NEEDED = ("model", "parameters", "scoring", "events", "thresholds", "promises")
_OVERLAPS = ("clip_overlap", "overlap_fraction", "clip_step")
# What scores depend on, beside the model and the recording, and the defaults.
_SCORING = {"final_clip": "extend", "channel": None, "sample_rate": None}
_SLACK = 1e-9


def read_thresholds(path):
    """Read the file of thresholds that `calibrate` wrote.

    Parameters
    ----------
    path : path

    Returns
    -------
    kept : dict
        Its content, and ``path``.

    Raises
    ------
    ValueError
        Where it is no such file.
    OSError
    """
    wanted = "expected thresholds.json of skaudio calibrate"
    try:
        kept = json.loads(Path(path).read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: is no JSON ({error}), {wanted}.") from error
    if not isinstance(kept, dict):
        raise ValueError(f"{path}: holds a {type(kept).__name__}, {wanted}.")
    lacking = [name for name in _NEEDED if not kept.get(name) and name != "thresholds"]
    if lacking:
        raise ValueError(
            f"{path}: lacks {', '.join(lacking)}, {wanted} of this version: detect and "
            "calibrate again."
        )
    scores = kept.get("thresholds")
    if not isinstance(scores, dict) or not all(
        isinstance(score, (int, float)) for score in scores.values()
    ):
        raise ValueError(
            f"{path}: thresholds={scores!r}, expected a number for each class."
        )
    return kept | {"path": str(path)}


def settle(kept, model_id, options, windows):
    """Take the options of a run from the calibration; refuse those that differ.

    Parameters
    ----------
    kept : dict
        As of `read_thresholds`.
    model_id : str
    options : dict
        Parameters of `find_events`; what is as `detect` has it by default gives way.
    windows : dict
        Parameters of `score_recordings`; what is left out, or None, gives way.

    Returns
    -------
    options, windows : dict
        Those of the calibration.

    Raises
    ------
    ValueError
        Where the model or an option is another.
    """
    if _identity(model_id) != _identity(kept["model"]):
        raise ValueError(
            f"{kept['path']}: is of the model {kept['model']}, and this one is "
            f"{model_id}: thresholds hold for the scores of one model; detect, review "
            "and calibrate with this one."
        )
    options, windows = dict(options), dict(windows)
    for name, default in _EVENTS.items():
        theirs = kept["parameters"].get(name, default)
        if options[name] == default:
            options[name] = theirs
        elif options[name] != theirs:
            _refuse(kept, name, options[name], theirs)
    scoring = kept["scoring"]
    for name in ("clip_duration", *_SCORING):
        theirs, ours = scoring.get(name, _SCORING.get(name)), windows.get(name)
        if ours is not None and ours != theirs:
            _refuse(kept, name, ours, theirs)
        windows[name] = theirs
    overlaps = {name: windows.pop(name, None) for name in _OVERLAPS}
    if any(value is not None for value in overlaps.values()):
        step = window_step(windows["clip_duration"], **overlaps)
        if abs(step - scoring["step"]) > _SLACK:
            ours = ", ".join(f"{k}={v}" for k, v in overlaps.items() if v is not None)
            _refuse(kept, "step", f"{step:g} ({ours})", scoring["step"])
    windows["clip_step"] = scoring["step"]
    return options, windows


def above(kept, events):
    """Return the events whose score reaches the threshold of their class."""
    from skaudio.calibration import PrecisionThresholds  # it imports scikit-learn

    thresholds = PrecisionThresholds()
    thresholds.thresholds_ = kept["thresholds"]
    return thresholds.apply(events)


def quoted(kept, events, is_same):
    """Say what is promised of the events of a run.

    Parameters
    ----------
    kept : dict
        As of `read_thresholds`.
    events : DataFrame
        All events of the run.
    is_same : bool
        Whether these are the events from which the checked ones were drawn.

    Returns
    -------
    facts : dict
        For ``run.json`` and the page: ``file``, ``date`` (of the calibration),
        ``same_recordings``, ``thresholds``, ``events``, the number above them, and
        ``promises``, a sentence for each class.
    """
    named = {str(row["label"]): row for row in kept["promises"]}
    found = events["annotation"].map(str).unique()
    promises = []
    for label in sorted({*named, *found}):
        if label not in named:
            promises.append(f"nothing can be promised for {label}: none was checked")
            continue
        text = named[label]["promise"]
        if label in kept["thresholds"] and not is_same:
            text += "; " + _elsewhere(named[label].get("new_recordings_low"))
        promises.append(text)
    return {
        "file": kept["path"],
        "date": kept.get("date"),
        "same_recordings": is_same,
        "thresholds": kept["thresholds"],
        "events": len(above(kept, events)),
        "promises": promises,
    }


def _elsewhere(low):
    """Say what holds for recordings from which no events were drawn."""
    if low is None or pd.isna(low):
        return (
            "for other recordings, such as these, nothing is known: an estimate needs "
            "checks on 20 recordings"
        )
    return f"for other recordings like those, an estimate: at least {100 * low:.0f} %"


def _identity(model_id):
    """Return what a model is known by: its hash, whatever its file is called."""
    return str(model_id).rpartition("sha256:")[2]


def _refuse(kept, name, ours, theirs):
    raise ValueError(
        f"{name}={ours}: {kept['path']} was calibrated with {theirs}, and holds for no "
        "other: leave it out, or detect, review and calibrate with it."
    )
