"""A recording with the scores of its windows, its events and the annotations."""

import numpy as np
import pandas as pd

from skaudio._utils.annotation_table import read_table
from skaudio._utils.plotting import colour, legend_above, new_axes
from skaudio._utils.same_recording import find_recordings
from skaudio._utils.score_table import as_score_table
from skaudio.io import read_audio
from skaudio.recordings import find_events

_HEIGHTS = {"spectrogram": 1.5, "scores": 1.7, "events": 0.3}  # inches
_PER_CLASS = 0.3
_GREY = "#999999"
_DECIBELS = 60  # below the loudest, that a spectrogram shows
_BARS = {"events": 0.0, "truth": 0.38}  # from the middle of a class's row downwards


class EventsDisplay:
    """Scores of a recording's windows over time, its events and the annotations.

    Up to three panels, one below the other: the spectrogram of the recording; the
    scores, a line per class, each score at the middle of its window, with dashed lines
    at the thresholds; and per class a row of bars, for its events above those for its
    annotations, which are grey.

    Parameters
    ----------
    scores : DataFrame
        A clip table with the scores of one recording.
    events : DataFrame
        As `find_events` returns them, of this recording.
    truth : DataFrame or None, default=None
        Annotations of this recording.
    thresholds : dict or None, default=None
        The threshold of each class.
    sound : (ndarray, int) or None, default=None
        Waveform from the start of `span`, and its rate in Hz. None leaves the
        spectrogram out.
    span : (float, float) or None, default=None
        The seconds to draw. None is all of the windows.

    Attributes
    ----------
    axes_ : ndarray of matplotlib axes, shape (n_panels,)
    ax_ : matplotlib axes
        The last of them, with the events.
    figure_ : matplotlib figure
    bars_ : dict of str to list of matplotlib collections
        "events" and "truth", one of each per class.

    See Also
    --------
    skaudio.metrics.event_scores : Compares events with annotations.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.displays import EventsDisplay
    >>> windows = [("dawn.wav", float(start), start + 3.0) for start in range(6)]
    >>> index = pd.MultiIndex.from_tuples(
    ...     windows, names=["file", "start_time", "end_time"]
    ... )
    >>> scores = pd.DataFrame({"frog": [0.1, 0.6, 0.9, 0.6, 0.1, 0.8]}, index=index)
    >>> display = EventsDisplay.from_scores(scores, threshold=0.7)
    >>> display.events[["annotation", "start_time", "end_time"]]
      annotation  start_time  end_time
    0       frog         3.0       4.0
    1       frog         6.0       8.0
    """

    def __init__(
        self, scores, events, *, truth=None, thresholds=None, sound=None, span=None
    ):
        self.scores = scores
        self.events = events
        self.truth = truth
        self.thresholds = thresholds
        self.sound = sound
        self.span = span

    @classmethod
    def from_scores(
        cls,
        scores,
        threshold=0.5,
        *,
        truth=None,
        recording=None,
        sound=None,
        classes=None,
        span=None,
        ax=None,
        **options,
    ):
        """Find the events of a recording and draw them.

        Parameters
        ----------
        scores : DataFrame
            A clip table, as `find_events` takes it.
        threshold : float, dict or Series, default=0.5
        truth : DataFrame or None, default=None
            Annotations; those of other recordings are left out.
        recording : str or None, default=None
            The file to draw. None is the only one in `scores`.
        sound : (ndarray, int), True or None, default=None
            The waveform of the whole recording and its rate in Hz. True reads the file.
            None leaves the spectrogram out.
        classes : list or None, default=None
            The classes to draw. None draws all except background.
        span : (float, float) or None, default=None
            The seconds to draw. None is all.
        ax : array of matplotlib axes or None, default=None
            One for each panel.
        **options
            Further parameters of `find_events`.

        Returns
        -------
        display : EventsDisplay

        Raises
        ------
        ValueError
            As `find_events`, and where it is not clear which recording to draw.
        """
        table = as_score_table(scores, classes)
        if recording is None and len(table.files) == 1:
            recording = table.files[0]
        if recording not in table.files:
            raise ValueError(
                f"recording={recording!r}: expected one of the {len(table.files)} in "
                f"scores, such as {', '.join(map(str, table.files[:2]))}."
            )
        own = table.file_index == list(table.files).index(recording)
        index = pd.MultiIndex.from_arrays(
            [[recording] * own.sum(), table.starts[own], table.ends[own]],
            names=["file", "start_time", "end_time"],
        )
        scores = pd.DataFrame(table.values[own], index=index, columns=table.classes)
        events = find_events(scores, threshold, **options)
        if truth is not None:
            truth = read_table(truth, "truth")
            found = find_recordings(truth["audio_file"].unique(), table.files)
            is_own = truth["audio_file"].map(found) == recording
            truth = truth[is_own & truth["annotation"].isin(table.classes)]
        if sound is True:
            sound = read_audio(recording, *(span or ()))
        elif sound is not None and span is not None:
            waveform, rate = sound
            sound = (waveform[slice(*(round(time * rate) for time in span))], rate)
        if not isinstance(threshold, (dict, pd.Series)):
            threshold = dict.fromkeys(table.classes, threshold)
        return cls(
            scores,
            events,
            truth=truth,
            thresholds=dict(threshold),
            sound=sound,
            span=span,
        ).plot(ax)

    def plot(self, ax=None):
        """Draw the panels.

        Parameters
        ----------
        ax : array of matplotlib axes or None, default=None
            One for each panel.

        Returns
        -------
        display : EventsDisplay
        """
        panels = ["spectrogram"] * (self.sound is not None) + ["scores", "events"]
        self.axes_ = _axes(ax, panels, self.scores.shape[1])
        times = self.scores.index.to_frame(index=False)
        start, end = self.span or (times["start_time"].min(), times["end_time"].max())
        if self.sound is not None:
            _draw_spectrogram(self.axes_[0], *self.sound, start)
        self._draw_scores(self.axes_[-2], times)
        self._draw_bars(self.axes_[-1])
        for panel in self.axes_:
            panel.set_xlim(start, end)
            panel.spines[["top", "right"]].set_visible(False)
            panel.tick_params(labelbottom=panel is self.axes_[-1])
        self.axes_[-1].set_xlabel("Time (s)")
        self.ax_ = self.axes_[-1]
        self.figure_ = self.ax_.figure
        return self

    def _draw_scores(self, panel, times):
        middles = (times["start_time"] + times["end_time"]) / 2
        for number, name in enumerate(self.scores):
            panel.plot(
                middles,
                self.scores[name].to_numpy(),
                color=colour(number),
                label=str(name),
                linewidth=1.2,
            )
        line = {"linestyle": "--", "linewidth": 0.8, "alpha": 0.7}
        thresholds = [(self.thresholds or {}).get(name) for name in self.scores]
        if len({*thresholds}) == 1 and thresholds[0] is not None:
            panel.axhline(thresholds[0], color="black", **line)
        else:
            for number, threshold in enumerate(thresholds):
                if threshold is not None:
                    panel.axhline(threshold, color=colour(number), **line)
        if self.truth is not None:
            panel.plot([], [], color=_GREY, linewidth=6, label="truth")
        panel.set(ylim=(0, 1.02), ylabel="Score")
        legend_above(panel)

    def _draw_bars(self, panel):
        tables = {"events": self.events, "truth": self.truth}
        tables = {name: table for name, table in tables.items() if table is not None}
        height = _BARS["truth"] - 0.04
        self.bars_ = {name: [] for name in tables}
        for (kind, table), (row, name) in (
            (side, entry) for side in tables.items() for entry in enumerate(self.scores)
        ):
            own = table[table["annotation"] == name]
            spans = [
                (start, end - start)
                for start, end in zip(own["start_time"], own["end_time"], strict=True)
            ]
            bars = panel.broken_barh(
                spans,
                (row + _BARS[kind] - height, height),
                color=colour(row) if kind == "events" else _GREY,
            )
            self.bars_[kind].append(bars)
        n_classes = self.scores.shape[1]
        panel.set_ylim(n_classes - 0.5, -0.5)
        panel.set_yticks(range(n_classes), [str(name) for name in self.scores])
        panel.tick_params(axis="y", length=0)


def _axes(ax, panels, n_classes):
    if ax is None:
        heights = [
            _HEIGHTS[name] + _PER_CLASS * n_classes * (name == "events")
            for name in panels
        ]
        axes = new_axes((9, sum(heights) + 0.6), len(panels), 1)[:, 0]
        axes[0].get_gridspec().set_height_ratios(heights)
        return axes
    axes = np.array(ax, dtype=object).reshape(-1)
    if len(axes) != len(panels):
        raise ValueError(
            f"{len(axes)} axes: expected {len(panels)}, for {', '.join(panels)}."
        )
    return axes


def _draw_spectrogram(panel, waveform, sample_rate, start):
    with np.errstate(divide="ignore"):  # of silence
        *_, image = panel.specgram(
            waveform, NFFT=512, Fs=sample_rate, noverlap=256, cmap="magma"
        )
    left, right, low, high = image.get_extent()
    image.set_extent((left + start, right + start, low, high))
    loudest = image.get_array().max()
    image.set_clim(loudest - _DECIBELS, loudest)
    panel.set_facecolor(image.cmap(0.0))  # digital silence has no level
    panel.set_ylabel("Frequency (Hz)")
