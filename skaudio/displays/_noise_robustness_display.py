"""Noise robustness: scores against the signal-to-noise ratio."""

import numpy as np

from skaudio._utils.names import by_model
from skaudio._utils.plotting import legend_above
from skaudio.displays._score_lines import draw_score_lines
from skaudio.model_selection import noise_robustness


class NoiseRobustnessDisplay:
    """Scores of models at several signal-to-noise ratios, with 95 % intervals.

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
        """Mix in noise, predict and draw.

        Parameters
        ----------
        estimator : fitted Pipeline, or dict of name to such
            Several models get the same noise if `random_state` is an integer.
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
        """Draw one score against the SNR, the lowest SNR on the right.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
        score : str, default="accuracy"
            Or "weighted_f1", "macro_f1", "balanced_accuracy".

        Returns
        -------
        display : NoiseRobustnessDisplay
        """
        levels = sorted({v for table in self.tables.values() for v in table["snr_db"]})
        finite = [level for level in levels if np.isfinite(level)]
        # Clean clips (infinite SNR) are drawn one step beyond the highest SNR.
        step = max(np.diff(finite), default=10)
        clean = (finite[-1] if finite else 0) + step
        ax, self.lines_ = draw_score_lines(
            ax,
            self.tables,
            score,
            places_of=lambda table, offset: (
                table["snr_db"].replace(np.inf, clean) - offset * 0.06 * step
            ),
        )
        shown = levels[::-1]
        ax.set_xticks(
            [level if np.isfinite(level) else clean for level in shown],
            [f"{level:g}" if np.isfinite(level) else "clean" for level in shown],
        )
        ax.invert_xaxis()
        ax.set_xlabel("Signal-to-noise ratio (dB)")
        legend_above(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self
