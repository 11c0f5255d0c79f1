"""What a folder of results holds before a run, and what must not be lost of it."""

import json
import os

import pandas as pd

from skaudio._utils.counts import count, first_names
from skaudio._utils.hashing import sha256_of
from skaudio._utils.warn import warn_user

RUN, EVENTS, CHECKED, EFFORT = (
    *("run.json", "events.csv", "events_checked.csv"),
    "effort.csv",
)
FOLDER = "working_folder"  # in run.json: where relative paths of the tables begin
_THRESHOLDS = "thresholds.json"


def refuse_to_replace(output, files, read):
    """Raise where a run would replace results of recordings that it does not read.

    Parameters
    ----------
    output : Path
        Folder of results.
    files, read : iterable of str
        The recordings of the run, and those of them that can be read.

    Raises
    ------
    FileExistsError
        Naming the folder, one of these recordings, and what to do.
    """
    lost = _recordings(output) - {*map(os.path.realpath, read)}
    if not lost:
        return
    n_given = len(lost & {*map(os.path.realpath, files)})
    what = "are not given to this run"
    if n_given == len(lost):
        what = "cannot be read now"
    elif n_given:
        what += " or cannot be read now"
    raise FileExistsError(
        f"{output}: holds the results of {count(len(lost), 'recording')} that {what}, "
        f"such as {min(lost)}, which this run would replace: choose another folder "
        "(-o), give all of the recordings at once, or pass --replace (replace=True in "
        "Python)"
    )


def _recordings(output):
    """Return the full paths of the recordings of which a folder holds results."""
    try:
        effort = pd.read_csv(
            output / EFFORT,
            dtype={"file": str},
            keep_default_na=False,
            na_values={"seconds_scored": [""]},
        )
        scored = effort.loc[effort["seconds_scored"] > 0, "file"]
    except (OSError, ValueError, KeyError, TypeError):  # there is none, or another
        return set()
    begin = _facts(output).get(FOLDER, "")
    return {os.path.realpath(os.path.join(begin, file)) for file in scored}


def unchanged_files(output):
    """List the files of an earlier run; raise where somebody worked in one since."""
    files = _facts(output).get("files", {})
    there = {output / name: own for name, own in files.items()}
    there = {path: own for path, own in there.items() if path.is_file()}
    changed = [str(path) for path, own in there.items() if sha256_of(path) != own]
    if changed:
        raise FileExistsError(
            f"{first_names(changed, 1)}: changed since the last run wrote it, and "
            "would be replaced: move it away, or choose another folder for the results"
        )
    return list(there)


def _facts(output):
    path = output / RUN
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def still_checked(output):
    """List the table above the thresholds, if the events are those of the calibration.

    Call it when the events of a run without thresholds have been written.

    Parameters
    ----------
    output : Path

    Returns
    -------
    files : list of Path

    Warns
    -----
    UserWarning
        Where the calibration in the folder is of other events.
    """
    path = output / _THRESHOLDS
    try:
        own = json.loads(path.read_text("utf-8"))["events"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # there is no calibration
    if own == sha256_of(output / EVENTS):
        return [one for one in [output / CHECKED] if one.is_file()]
    warn_user(
        f"{path}: is a calibration of other events than those that {EVENTS} holds now, "
        f"and {CHECKED} is not kept: run detect with these thresholds (--thresholds), "
        "or draw events, check them and calibrate again."
    )
    return []
