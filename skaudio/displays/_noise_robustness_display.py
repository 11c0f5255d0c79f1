"""Accuracy against noise."""

import numpy as np

from skaudio._utils.names import by_model
from skaudio._utils.plotting import MARKERS, colour, legend_above, new_axes, one_of
from skaudio.metrics import SCORES
from skaudio.model_selection import noise_robustness


class NoiseRobustnessDisplay:
    """What models score the noisier the clips are, with 95 % intervals.

    Parameters
    ----------
    tables : dict of str to DataFrame
        For each model the table of `noise_robustness`.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    lines_ : dict of str to matplotlib Line2D
        By model.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skaudio.displays import NoiseRobustnessDisplay
    >>> table = pd.DataFrame(
    ...     {"snr_db": [np.inf, 10, 0], "accuracy": [0.9, 0.8, 0.4],
    ...      "accuracy_low": [0.8, 0.7, 0.3], "accuracy_high": [1.0, 0.9, 0.5]}
    ... )
    >>> display = NoiseRobustnessDisplay({"model": table}).plot()
    >>> [label.get_text() for label in display.ax_.get_xticklabels()]
    ['clean', '10', '0']
    """

    def __init__(self, tables):
        self.tables = tables

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        noise,
        *,
        snr_db=(20, 10, 5, 0, -5, -10),
        random_state=None,
        groups=None,
        name=None,
        score="accuracy",
        ax=None,
    ):
        """Mix, predict and draw.

        Parameters
        ----------
        estimator : fitted Pipeline, or dict of name to such
            Of several, each hears the same if `random_state` is an integer.
        X, y, noise, snr_db, random_state, groups : as in `noise_robustness`
        name : str or None, default=None
            Of a single model.
        score, ax : as in `plot`

        Returns
        -------
        display : NoiseRobustnessDisplay
        """
        tables = {
            name: noise_robustness(
                model, X, y, noise, snr_db, random_state, groups=groups
            )
            for name, model in by_model(estimator, name).items()
        }
        return cls(tables).plot(ax, score=score)

    def plot(self, ax=None, *, score="accuracy"):
        """Draw one score against the SNR, the noisiest on the right.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
        score : str, default="accuracy"
            Or "weighted_f1", "macro_f1", "balanced_accuracy".

        Returns
        -------
        display : NoiseRobustnessDisplay
        """
        known = [
            name
            for name in SCORES
            if all(name in table for table in self.tables.values())
        ]
        one_of("score", score, known)
        ax = new_axes((5.6, 3.6)) if ax is None else ax
        levels = sorted({v for table in self.tables.values() for v in table["snr_db"]})
        finite = [level for level in levels if np.isfinite(level)]
        # No noise has no place on the scale: a step beyond the highest SNR.
        step = max(np.diff(finite), default=10)
        clean = (finite[-1] if finite else 0) + step
        self.lines_ = {}
        for number, (name, table) in enumerate(self.tables.items()):
            places = table["snr_db"].replace(np.inf, clean)
            # Side by side, so that no interval hides another.
            shift = ((len(self.tables) - 1) / 2 - number) * 0.06 * step
            values = table[score]
            low, high = table[f"{score}_low"], table[f"{score}_high"]
            drawn = ax.errorbar(
                *(places + shift, values),
                yerr=np.maximum([values - low, high - values], 0),
                marker=MARKERS[number % len(MARKERS)],
                color=colour(number),
                markersize=5,
                linewidth=1.5,
                elinewidth=0.8,
                capsize=2,
                label=name,
            )
            self.lines_[name] = drawn.lines[0]
        shown = levels[::-1]
        ax.set_xticks(
            [level if np.isfinite(level) else clean for level in shown],
            [f"{level:g}" if np.isfinite(level) else "clean" for level in shown],
        )
        ax.invert_xaxis()
        ax.set(ylim=(0, 1), xlabel="SNR (dB)")
        ax.set_ylabel(score.replace("_", " ").capitalize().replace("f1", "F1"))
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
        legend_above(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self
