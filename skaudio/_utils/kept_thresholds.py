"""Thresholds of an earlier calibration, and the options that they hold for.

Of the standard library alone: `skaudio export --runtime` copies it into run.py.
"""

import json
from pathlib import Path

# Options of events that give way to those of the calibration: the defaults of detect.
_EVENTS = {
    "threshold": None,
    "continue_threshold": None,
    "smoothing": 3,
    "min_duration": 0.0,
    "merge_gap": 0.0,
}
_NEEDED = ("model", "parameters", "scoring", "events", "thresholds", "promises")
_STEPS = {
    "clip_overlap": lambda duration, overlap: duration - overlap,
    "overlap_fraction": lambda duration, share: duration * (1 - share),
    "clip_step": lambda duration, step: step,
}
# What scores depend on, beside the model and the recording, and the defaults.
_SCORING = {"final_clip": "extend", "channel": None, "sample_rate": None}
_STEP_SLACK = 1e-9


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


def kept_in(facts, path):
    """Return the calibration that an exported model carries.

    Parameters
    ----------
    facts : dict
        What the model says of itself.
    path : path
        Of the model, for errors.

    Returns
    -------
    kept : dict or None
        As of `read_thresholds`.
    """
    kept = facts.get("calibration")
    return kept and kept | {"path": str(path), "is_carried": True}


def check_model(kept, *model_ids):
    """Raise where thresholds are of another model than one of these names."""
    if _identity(kept["model"]) not in map(_identity, model_ids):
        raise ValueError(
            f"{kept['path']}: is of the model {kept['model']}, and this one is "
            f"{model_ids[-1]}: thresholds hold for the scores of one model; detect, "
            "review and calibrate with this one."
        )


def check_as_they_come(kept):
    """Raise where only `find_events` can find the events of a calibration."""
    parameters, scoring = kept["parameters"], kept["scoring"]
    if not isinstance(parameters.get("threshold"), (int, float)):
        _need(kept, "threshold", parameters.get("threshold"), "a number")
    if parameters.get("continue_threshold") is not None:
        _need(kept, "continue_threshold", parameters["continue_threshold"], "None")
    if (final := scoring.get("final_clip", "extend")) != "extend":
        _need(kept, "final_clip", final, "extend")


def settle(kept, options, windows):
    """Take the options of a run from the calibration; refuse those that differ.

    Parameters
    ----------
    kept : dict
        As of `read_thresholds`.
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
        Where an option is another.
    """
    options, windows = dict(options), dict(windows)
    for name, default in _EVENTS.items():
        options.setdefault(name, default)
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
    for name, step_of in _STEPS.items():
        ours = windows.pop(name, None)
        if ours is None:
            continue
        step = step_of(windows["clip_duration"], ours)
        if abs(step - scoring["step"]) > _STEP_SLACK:
            theirs = f"a window every {scoring['step']:g} s"
            _refuse(kept, name, ours, theirs)
    windows["clip_step"] = scoring["step"]
    return options, windows


def _identity(model_id):
    """Return what a model is known by: its hash, whatever its file is called."""
    return str(model_id).rpartition("sha256:")[2]


def _refuse(kept, name, ours, theirs):
    aside = ", or give one threshold (--min-confidence), which sets these aside"
    raise ValueError(
        f"{name}={ours}: {kept['path']} was calibrated with {theirs}, and holds for no "
        "other: leave it out, or detect, review and calibrate with it"
        f"{aside if kept.get('is_carried') else ''}."
    )


def _need(kept, name, value, expected):
    raise ValueError(
        f"{kept['path']}: was calibrated with {name}={value}, expected {expected}, for "
        "run.py and the page know no other: detect, review and calibrate with it."
    )
