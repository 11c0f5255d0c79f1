"""The thresholds of a run, and what is promised of its events."""

import pandas as pd

from skaudio._utils.exported import is_exported
from skaudio._utils.hashing import model_hash
from skaudio._utils.kept_thresholds import check_model, kept_in, read_thresholds, settle

_THRESHOLD = 0.5


def chosen(model, thresholds, model_id, options, windows):
    """Choose the thresholds of a run: of a file, one number, or those in the model.

    Parameters
    ----------
    model : fitted classifier
        One that was exported may carry thresholds.
    thresholds : path or None
        As of `read_thresholds`.
    model_id : str or None
        None is a hash of the model.
    options, windows : dict
        As of `settle`.

    Returns
    -------
    kept : dict or None
        The calibration whose thresholds are taken.
    options, windows : dict
        Of the run. With thresholds by class and no calibration, ``classes`` too.
    """
    kept, own = None, None
    if thresholds is not None:
        kept = read_thresholds(thresholds)
        ids = [model_hash(model) if model_id is None else model_id]
        # What it was exported from gives the same scores.
        check_model(kept, *ids, *([model.facts["model"]] if is_exported(model) else []))
    elif options["threshold"] is None and is_exported(model):
        kept, own = kept_in(model.facts, model.path), model.facts["thresholds"]
    if kept is not None:
        return kept, *settle(kept, options, windows)
    if own is not None:
        by_class = {
            label: own[str(label)]
            for label in model.classes_.tolist()
            if str(label) in own
        }
        options = options | {"threshold": by_class, "classes": list(by_class)}
    elif options["threshold"] is None:
        options = options | {"threshold": _THRESHOLD}
    return None, options, windows


def above(kept, events):
    """Return the events whose score reaches the threshold of their class."""
    # As `PrecisionThresholds.apply`, which needs scikit-learn.
    least = events["annotation"].map(str).map(kept["thresholds"]).astype(float)
    return events[events["score"] >= least].reset_index(drop=True)


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
