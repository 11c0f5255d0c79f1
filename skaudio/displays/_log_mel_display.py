"""Log-mel spectrograms of clips and of their augmented views."""

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skaudio._nets.batches import (
    BatchAugmentation,
    list_augmenters,
    unit_of_decibel,
)
from skaudio._utils.log_mels import true_lengths
from skaudio._utils.mel_scale import mel_frequencies
from skaudio._utils.plotting import new_axes
from skaudio._utils.random_state import own_random_state
from skaudio.features import LogMelExtractor

_OCTAVES = 1000 * 2.0 ** np.arange(-6, 7)
_APART = 0.1  # least distance between two ticks, as a share of the height


class LogMelDisplay:
    """Log-mel spectrograms, one row per clip and one column per view.

    Axes are time in s and mel bands in Hz. Padding at the end of a clip is not drawn.

    Parameters
    ----------
    log_mels : ndarray of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
        Log-mels, as `LogMelExtractor` gives them.
    extractor : LogMelExtractor or None, default=None
        The extractor that gave them; it defines the axes. None takes the defaults, with
        the number of bands of the log-mels.
    titles : list of str or None, default=None
        Of the columns. None numbers them.
    names : list of str or None, default=None
        Of the rows.

    Attributes
    ----------
    axes_ : ndarray of matplotlib axes, shape (n, n_views)
    ax_ : matplotlib axes
        The first of them.
    figure_ : matplotlib figure

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio import LogMelExtractor
    >>> from skaudio.displays import LogMelDisplay
    >>> extractor = LogMelExtractor(n_mels=32, n_frames=100)
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    >>> display = LogMelDisplay(extractor.transform([tone]), extractor).plot()
    >>> left, right = display.ax_.get_xlim()
    >>> round(float(right), 2)  # the clip lasts 1 s, the padding is not drawn
    1.01
    """

    def __init__(self, log_mels, extractor=None, *, titles=None, names=None):
        self.log_mels = log_mels
        self.extractor = extractor
        self.titles = titles
        self.names = names

    @classmethod
    def from_estimator(
        cls, estimator, X, y=None, *, random_state=None, names=None, ax=None
    ):
        """Draw clips as a pipeline transforms them in training.

        Parameters
        ----------
        estimator : Pipeline, fitted or not
            With a `LogMelExtractor`. Its steps up to the classifier are cloned and
            applied as in training; if the classifier has ``augment``, what it makes of
            the last view in one epoch is drawn in a last column.
        X : list of clips
            What the pipeline takes; a few.
        y : array-like of shape (n,) or None, default=None
        random_state : int, RandomState or None, default=None
            Determines the views.
        names : list of str or None, default=None
            Of the clips.
        ax : array of matplotlib axes or None, default=None

        Returns
        -------
        display : LogMelDisplay
        """
        steps = estimator.steps if isinstance(estimator, Pipeline) else []
        extractors = [step for _, step in steps if isinstance(step, LogMelExtractor)]
        if not extractors:
            raise ValueError(
                f"{type(estimator).__name__} has no LogMelExtractor: expected a "
                "Pipeline with one."
            )
        random_state = own_random_state(random_state)
        ends_in_classifier = hasattr(steps[-1][1], "predict")
        leading = clone(Pipeline(steps[:-1] if ends_in_classifier else steps))
        for name in leading.get_params():
            if name.rpartition("__")[2] == "random_state":
                leading.set_params(**{name: random_state.randint(2**31 - 1)})
        log_mels = leading.fit_transform(X, y)
        log_mels = log_mels if log_mels.ndim == 4 else log_mels[:, np.newaxis]
        titles = ["clip", *(f"view {n}" for n in range(1, log_mels.shape[1]))]
        augmenters = list_augmenters(getattr(steps[-1][1], "augment", None))
        if augmenters:
            rng = np.random.default_rng(random_state.randint(2**31 - 1))
            decibel = unit_of_decibel(log_mels[:, 0])
            augment = BatchAugmentation(log_mels[:, -1:], rng, augmenters, decibel)
            rows = np.arange(len(log_mels))
            targets = np.ones((len(rows), 1), np.float32)  # for those that mix them
            augmented, _ = augment(rows, targets)
            log_mels = np.concatenate([log_mels, augmented[:, np.newaxis]], axis=1)
            titles.append(f"{titles[-1]}, augmented")
        return cls(log_mels, extractors[0], titles=titles, names=names).plot(ax)

    def plot(self, ax=None, *, cmap="magma"):
        """Draw all clips and views.

        Parameters
        ----------
        ax : array of matplotlib axes, one for each clip and view, or None, default=None
        cmap : matplotlib colour map, default="magma"

        Returns
        -------
        display : LogMelDisplay
        """
        log_mels = np.asarray(self.log_mels)
        if log_mels.ndim not in (3, 4):
            raise ValueError(
                f"log_mels of shape {log_mels.shape}: expected (n, n_mels, n_frames) "
                "or (n, n_views, n_mels, n_frames)."
            )
        if log_mels.ndim == 3:
            log_mels = log_mels[:, np.newaxis]
        n_clips, n_views, n_mels, _ = log_mels.shape
        extractor = self.extractor or LogMelExtractor(n_mels=n_mels)
        self.axes_ = _grid(ax, n_clips, n_views)
        lengths = true_lengths(log_mels[:, 0])
        for row, (views, length) in enumerate(zip(log_mels, lengths, strict=True)):
            # One scale of colours per clip, so that its views can be compared.
            shown = views[:, :, :length]
            for column, view in enumerate(shown):
                panel = self.axes_[row, column]
                _draw(panel, view, extractor, cmap, np.nanmin(shown), np.nanmax(shown))
                if row == 0 and n_views > 1:
                    titles = self.titles or [f"view {n}" for n in range(n_views)]
                    panel.set_title(titles[column], fontsize=10)
                if row == n_clips - 1:
                    panel.set_xlabel("Time (s)")
                if column == 0:
                    name = f"{self.names[row]}\n" if self.names is not None else ""
                    panel.set_ylabel(f"{name}Frequency (Hz)")
                else:
                    panel.set_yticklabels([])
        self.ax_ = self.axes_[0, 0]
        self.figure_ = self.ax_.figure
        return self


def _grid(ax, n_clips, n_views):
    if ax is None:
        size = (1.0 + 2.8 * n_views, 0.7 + 1.9 * n_clips)
        return new_axes(size, n_clips, n_views)
    panels = np.array(ax, dtype=object).reshape(-1)
    if len(panels) != n_clips * n_views:
        raise ValueError(
            f"{len(panels)} axes: expected {n_clips * n_views}, one for each of "
            f"{n_clips} clips and {n_views} views."
        )
    return panels.reshape(n_clips, n_views)


def _draw(panel, log_mel, extractor, cmap, low, high):
    n_mels, n_frames = log_mel.shape
    seconds = extractor.hop_length / extractor.sample_rate
    # A frame is centred at its time, a band at its number.
    panel.imshow(
        log_mel,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(-seconds / 2, (n_frames - 0.5) * seconds, -0.5, n_mels - 0.5),
        cmap=cmap,
        vmin=low,
        vmax=high,
    )
    panel.set_xlim(0, (n_frames - 0.5) * seconds)
    hertz, bands = _ticks(extractor, n_mels)
    panel.set_yticks(bands, [f"{value:g}" for value in hertz])


def _ticks(extractor, n_mels):
    """Return round frequencies, and the (fractional) band index of each."""
    fmax = extractor.sample_rate / 2 if extractor.fmax is None else extractor.fmax
    centres = mel_frequencies(n_mels + 2, extractor.fmin, fmax, extractor.htk)[1:-1]
    inside = _OCTAVES[(_OCTAVES >= centres[0]) & (_OCTAVES <= centres[-1])]
    bands = np.interp(inside, centres, np.arange(n_mels))
    # Octaves get closer downwards, as the lower part of the mel scale is linear.
    close = np.flatnonzero(np.diff(bands) < _APART * n_mels)
    first = close[-1] + 1 if len(close) else 0
    return inside[first:], bands[first:]
