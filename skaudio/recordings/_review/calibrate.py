"""From verdicts to the thresholds of a folder of detections."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from skaudio._utils.atomic import check_writable, write_text
from skaudio._utils.bunch import Bunch
from skaudio._utils.hashing import sha256_of
from skaudio._utils.table_text import read_table_text
from skaudio._utils.verdicts import VERDICTS, window_keys
from skaudio._utils.version import __version__
from skaudio.calibration import PrecisionThresholds, call_density
from skaudio.recordings._review.read_verdicts import read_verdicts

_LOST = 0.01  # of the events of a class, for which the rows do not stand
_EVENTS, _RUN = "events.csv", "run.json"
_THRESHOLDS, _CHECKED = "thresholds.json", "events_checked.csv"


def calibrate(found, verdicts, *, precision=0.9, confidence=0.95):
    """Set thresholds for a folder of detections from what a person checked of them.

    Parameters
    ----------
    found : path
        Folder of `detect`, with ``events.csv`` and ``run.json``.
    verdicts : DataFrame or path
        As of `draw_for_review`, of these events, with verdicts; or a CSV file of them.
    precision, confidence : float
        As of `PrecisionThresholds`.

    Returns
    -------
    calibrated : Bunch
        ``thresholds`` (the fitted `PrecisionThresholds`), ``promises`` (DataFrame),
        ``density`` (DataFrame, as of `call_density`) and ``events``, those of which
        something is promised. The folder holds two more files:

        - ``thresholds.json``: the thresholds and promises, with the model and the
          parameters of the run, what was checked, by whom and when;
        - ``events_checked.csv``: the events, as ``events.csv`` has them.

    Raises
    ------
    ValueError
        Where the verdicts are not of these events, rows of their draw lack, or a
        parameter or value is not as expected.
    OSError
        Where a file is not there or cannot be written.

    See Also
    --------
    draw_for_review : Draws the events to check.

    Notes
    -----
    Events below the threshold of `detect` are not counted: detect with a low one, such
    as 0.1. A new run of `detect` into the folder makes other events and removes
    ``events_checked.csv``: run it with ``thresholds="found/thresholds.json"``, or
    calibrate again, which works with the same verdicts where the events are the same.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> import numpy as np, pandas as pd
    >>> from skaudio.recordings import calibrate, draw_for_review
    >>> starts = np.arange(90.0)
    >>> events = pd.DataFrame(
    ...     {
    ...         "audio_file": "dawn.wav",
    ...         "annotation": "Frog",
    ...         "start_time": starts,
    ...         "end_time": starts + 1,
    ...         "score": np.linspace(0.1, 0.99, 90),
    ...         "peak_start_time": starts,
    ...         "peak_end_time": starts + 1,
    ...     }
    ... )
    >>> verdicts = draw_for_review(events, 60, random_state=0)
    >>> verdicts["verdict"] = np.where(verdicts["score"] > 0.4, "yes", "no")
    >>> with tempfile.TemporaryDirectory() as found:
    ...     events.to_csv(Path(found, "events.csv"), index=False)
    ...     _ = Path(found, "run.json").write_text('{"model": "frogs.skaudio"}')
    ...     calibrated = calibrate(found, verdicts)
    ...     written = json.loads(Path(found, "thresholds.json").read_text())
    >>> written["model"], round(written["thresholds"]["Frog"], 1)
    ('frogs.skaudio', 0.5)
    """
    found = Path(found)
    events, run = _read_found(found)
    source = None
    if isinstance(verdicts, (str, os.PathLike)):
        source = {"file": Path(verdicts).name, "sha256": sha256_of(verdicts)}
        # It takes off what guards cells against spreadsheets.
        verdicts = read_verdicts(verdicts)
    thresholds = PrecisionThresholds(precision, confidence).fit(verdicts)
    _refuse_others(verdicts, events, found / _EVENTS)
    density = call_density(verdicts, confidence)
    text = _facts(thresholds, density, verdicts, source, run, found)
    kept = thresholds.apply(events.assign(score=pd.to_numeric(events["score"])))
    for name in (_THRESHOLDS, _CHECKED):
        check_writable(found / name, "the thresholds", name)
    table = kept.to_csv(index=False)
    write_text(found / _CHECKED, table, "the events above the thresholds", _CHECKED)
    write_text(found / _THRESHOLDS, text, "the thresholds", _THRESHOLDS)
    # As one of its tables, so that a new run of detect replaces it.
    files = run.get("files", {}) | {_CHECKED: sha256_of(found / _CHECKED)}
    text = json.dumps(run | {"files": files}, indent=2) + "\n"
    write_text(found / _RUN, text, "the facts of the run")
    return Bunch(
        thresholds=thresholds,
        promises=thresholds.promises_,
        density=density,
        events=kept,
    )


def _read_found(found):
    """Read the events of a folder, as text, and the facts of the run."""
    for name in (_EVENTS, _RUN):
        if not (found / name).is_file():
            raise FileNotFoundError(
                f"{found}: has no {name}, expected a folder of skaudio detect"
            )
    events = read_table_text(found / _EVENTS)
    try:
        run = json.loads((found / _RUN).read_text("utf-8"))
    except ValueError as error:
        raise ValueError(
            f"{found / _RUN}: is damaged ({error}): run detect again."
        ) from error
    return events, run


def _refuse_others(verdicts, events, path):
    """Raise where verdicts are not of these events, or do not stand for all of them."""
    names = ["file", "start_time", "end_time", "label"]
    peaks = ["audio_file", "peak_start_time", "peak_end_time", "annotation"]
    there = set(window_keys(events[peaks]))
    keys = window_keys(verdicts[names])
    unknown = [key for key in keys if key not in there]
    if unknown:
        file, start, end, label = unknown[0]
        raise ValueError(
            f"verdicts: {label} in {file} from {start:g} to {end:g} s is no event of "
            f"{path} ({len(unknown)} of {len(keys)} rows): expected verdicts of these "
            "events; draw and check again after a new run of detect."
        )
    chance = pd.to_numeric(verdicts["inclusion_probability"]).astype(float)
    stands_for = (1 / chance).groupby(verdicts["label"].map(str)).sum()
    counts = events["annotation"].map(str).value_counts()
    wrong = [
        label
        for label, number in stands_for.items()
        if abs(number - counts[label]) > _LOST * counts[label]
    ]
    if wrong:
        label = wrong[0]
        raise ValueError(
            f"verdicts: those of {label} stand for {stands_for[label]:.0f} events, "
            f"{path} has {counts[label]}: expected all rows that were drawn, "
            "also those without a verdict."
        )


def _facts(thresholds, density, verdicts, source, run, found):
    """Write down what is promised, of which model, and from what."""
    said = verdicts["verdict"].fillna("").astype(str).str.strip().str.casefold()
    reviewers = verdicts.get("reviewer", pd.Series(dtype=object)).dropna()
    counts = {name: int((said == name).sum()) for name in VERDICTS}
    facts = {
        "skaudio": __version__,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": run.get("model"),
        "parameters": run.get("parameters"),
        "scoring": run.get("scoring"),
        "events": {"file": _EVENTS, "sha256": sha256_of(found / _EVENTS)},
        "verdicts": (source or {})
        | {"drawn": len(verdicts), **counts}
        | {"reviewers": sorted(map(str, set(reviewers)))},
        "precision": thresholds.precision,
        "confidence": thresholds.confidence,
        "thresholds": thresholds.thresholds_,
        "promises": _records(thresholds.promises_),
        "density": _records(density),
    }
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def _records(table):
    """List the rows of a table, with null where a number lacks."""
    return [
        {
            name: None if isinstance(value, float) and np.isnan(value) else value
            for name, value in row.items()
        }
        for row in table.to_dict("records")
    ]
