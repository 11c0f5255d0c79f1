"""Checks of tables of events and annotations."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from skaudio._utils.annotation_table import read_table, refuse_outside
from skaudio._utils.background import is_background
from skaudio._utils.clip_columns import listed
from skaudio._utils.labels import as_groups, warn_of_look_alikes
from skaudio._utils.same_recording import find_recordings


class Comparison(NamedTuple):
    """Events and annotations of the same recordings and classes.

    Attributes
    ----------
    events, truth : DataFrame
        As `read_table` returns them, with ``recording``, a number.
    recordings : list of str
    hours : ndarray of float, shape (n_recordings,)
        NaN where they are not known.
    classes : list
    """

    events: pd.DataFrame
    truth: pd.DataFrame
    recordings: list
    hours: np.ndarray
    classes: list

    def class_index(self, table):
        """Number the classes of the rows of events or truth."""
        codes = {name: code for code, name in enumerate(self.classes)}
        return table["annotation"].map(codes).to_numpy(dtype=int)


METHODS = ("overlap", "collar")


def read_pair(events, truth, recordings_duration=None, classes=None, needed=()):
    """Check events and truth, and bring them to the same names of recordings.

    Parameters
    ----------
    events, truth, recordings_duration, classes
        As of `event_scores`.
    needed : tuple of str
        Further columns of events.

    Returns
    -------
    comparison : Comparison
    """
    events = read_table(events, "events", needed)
    truth = read_table(truth, "truth")
    if recordings_duration is None:
        hours = dict.fromkeys(events["audio_file"], np.nan)
    else:
        hours = _hours(recordings_duration)
    events = _located(events, hours, "events", recordings_duration is not None)
    truth = _located(truth, hours, "truth", recordings_duration is not None)
    names = list(hours)
    codes = {name: code for code, name in enumerate(names)}
    events, truth = (
        table.assign(recording=table["audio_file"].map(codes).astype(int))
        for table in (events, truth)
    )
    hours = np.array([hours[name] for name in names])
    refuse_outside(truth, hours[truth["recording"]] * 3600, "truth")
    # The last window of a recording may reach beyond its end.
    refuse_outside(events, hours[events["recording"]] * 3600, "events", np.inf)
    return Comparison(events, truth, names, hours, _classes(events, truth, classes))


def recording_groups(recordings, groups):
    """Number the groups of recordings.

    Parameters
    ----------
    recordings : sequence of str
    groups : dict, Series or None
        The group of each recording; None: each is a group.

    Returns
    -------
    index : ndarray of int, shape (n_recordings,)
    """
    if groups is None:
        return np.arange(len(recordings))
    of_name = {str(name): group for name, group in dict(groups).items()}
    found = find_recordings(recordings, of_name)
    missing = [name for name, other in found.items() if other is None]
    if missing:
        raise ValueError(
            f"groups lacks {missing[0]} ({len(missing)} of {len(found)} recordings): "
            "expected the group of each."
        )
    own = as_groups([of_name[found[name]] for name in recordings])
    return np.unique(own, return_inverse=True)[1]


def _hours(recordings_duration):
    hours = {}
    for name, seconds in dict(recordings_duration).items():
        try:
            hours[str(name)] = float(seconds) / 3600
        except (TypeError, ValueError):
            hours[str(name)] = np.nan
        if not 0 < hours[str(name)] < np.inf:
            raise ValueError(
                f"recordings_duration: {name} has {seconds!r}, expected its length in "
                "seconds."
            )
    return hours


def _located(table, hours, name, known):
    """Name recordings as `hours` does; add those that it lacks, unless all are known.

    Truth and events may come from two programs, of which one leaves folders out.
    """
    found = find_recordings(table["audio_file"].unique(), hours)
    missing = [file for file, recording in found.items() if recording is None]
    if missing and known:
        raise ValueError(
            f"{name}: {missing[0]} ({len(missing)} of {len(found)} files) is none of "
            f"the {len(hours)} in recordings_duration: expected the length of each."
        )
    hours.update(dict.fromkeys(missing, np.nan))
    files = table["audio_file"].map(lambda file: found[file] or file)
    return table.assign(audio_file=files)


def _classes(events, truth, classes):
    """Return the classes to score, sorted where they are not given."""
    found = [*dict.fromkeys([*truth["annotation"], *events["annotation"]])]
    if classes is None:
        warn_of_look_alikes(found)
        return sorted(found, key=str)
    classes = [classes] if isinstance(classes, str) else list(classes)
    classes = [name for name in classes if not is_background(name)]
    for table, name in ((truth, "truth"), (events, "events")):
        others = sorted({*table["annotation"]} - {*classes}, key=str)
        if others:
            raise ValueError(
                f"{name} has the classes {listed(others)} beside {listed(classes)} of "
                "classes: expected no others; leave their rows out, or add them."
            )
    return classes
