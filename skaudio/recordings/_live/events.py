"""Events in scores that come window by window."""

import numpy as np
import pandas as pd

from skaudio.recordings._events.find_events import find_events

_SLACK = 1e-6  # seconds


class LiveEvents:
    """Find the events of one sound, each as soon as nothing can change it.

    All together they are those of `find_events` on all scores.

    Parameters
    ----------
    name : str
        Of the sound.
    columns : list
        Classes of the scores.
    smoothing, merge_gap, **options
        Parameters of `find_events`.
    """

    most_kept = 512  # windows, where those before are of no event to come

    def __init__(self, name, columns, *, smoothing=3, merge_gap=0.0, **options):
        self._name, self._columns = name, columns
        self._options = {"smoothing": smoothing, "merge_gap": merge_gap, **options}
        low = options.get("continue_threshold")
        low = options.get("threshold", 0.5) if low is None else low
        self._likely = {
            "threshold": low,
            "continue_threshold": None,
            "min_duration": 0.0,
        }
        self._half, self._merge_gap = (smoothing or 1) // 2, merge_gap
        self._times = np.zeros((0, 2))
        self._scores = np.zeros((0, len(columns)), np.float32)
        self._since = -np.inf  # events that begin before were given
        self._given = {}  # by class, the end of the last event that was given
        find_events(self._table(), **self._options)  # raises for bad options

    def add(self, times, scores, duration=None):
        """Take windows, in their order.

        Parameters
        ----------
        times : array-like of float, shape (n, 2)
            Start and end in seconds.
        scores : ndarray of float32, shape (n, n_classes)
        duration : float or None
            Seconds of the sound, once it is known: where a window reaches beyond.

        Returns
        -------
        events : DataFrame
            As `find_events` returns them: those that end now.
        """
        self._times = np.concatenate([self._times, np.reshape(times, (-1, 2))])
        self._scores = np.concatenate([self._scores, scores])
        # The smoothed score of a later window depends on windows to come.
        last = len(self._times) - 1 - self._half
        if last < 1:
            return self._found(duration)[:0]
        near = self._times[last - 1 : last + 1]
        heard = near[:, 1] if duration is None else np.minimum(near[:, 1], duration)
        # The begin of the part that the last settled window stands for.
        settled = (near[:, 0] + heard).mean() / 2 - self._merge_gap
        # What is not loud or long enough for an event may become one, or join one.
        likely = self._found(duration, **self._likely)
        if likely.empty:
            self._forget(settled)
            return likely
        is_open = likely["end_time"] > settled + _SLACK
        opened = likely[is_open].groupby("annotation")["start_time"].min()
        events = self._new(self._found(duration))
        begins = events["annotation"].map(opened).astype(float)
        self._forget(min([settled, *opened]))
        # NaN where nothing of the class is open.
        return self._give(events[~(events["start_time"] >= begins - _SLACK)])

    def finish(self, duration=None):
        """Return the other events of a sound of `duration` seconds."""
        return self._give(self._new(self._found(duration)))

    def __len__(self):
        """Number of windows in memory."""
        return len(self._times)

    def _table(self):
        starts, ends = self._times.T
        index = [[self._name] * len(starts), starts, ends]
        names = ["file", "start_time", "end_time"]
        index = pd.MultiIndex.from_arrays(index, names=names)
        return pd.DataFrame(self._scores, index=index, columns=self._columns)

    def _found(self, duration, **options):
        known = duration is not None and len(self._times)
        lengths = {self._name: duration} if known else None
        options = {**self._options, **options}
        return find_events(self._table(), recordings_duration=lengths, **options)

    def _new(self, events):
        given = events["annotation"].map(self._given).astype(float)
        begins = events["start_time"]
        return events[
            (begins >= self._since - _SLACK)
            & ~(begins < given - _SLACK)  # NaN where none was given
        ]

    def _give(self, events):
        ends = zip(events["annotation"], events["end_time"], strict=True)
        self._given |= dict(ends)
        return events.reset_index(drop=True)

    def _forget(self, time):
        """Drop windows long before a time, after which all other events begin."""
        if len(self._times) <= self.most_kept:
            return
        step = self._times[1, 0] - self._times[0, 0]
        # So far that what is smoothed or merged otherwise at the cut changes none.
        kept = time - self._merge_gap - (2 * self._half + 4) * step
        first = np.searchsorted(self._times[:, 1], kept)
        if first:
            self._times, self._scores = self._times[first:], self._scores[first:]
            self._since = time
