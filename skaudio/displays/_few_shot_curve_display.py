"""Accuracy against the number of labelled clips a class."""

import numpy as np

from skaudio._utils.names import by_model
from skaudio._utils.plotting import MARKERS, colour, legend_above, new_axes, one_of
from skaudio.metrics import SCORES
from skaudio.model_selection import few_shot_curve


class FewShotCurveDisplay:
    """What models score with one, two, five clips a class: the median, and the range.

    Parameters
    ----------
    tables : dict of str to DataFrame
        For each model the table of `few_shot_curve`.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    lines_ : dict of str to matplotlib Line2D
        By model.

    See Also
    --------
    NoiseRobustnessDisplay : The same against noise.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.displays import FewShotCurveDisplay
    >>> table = pd.DataFrame(
    ...     {"n_shots": [1, 5, 20], "n_repeats": 10, "accuracy": [0.4, 0.6, 0.7],
    ...      "accuracy_low": [0.3, 0.5, 0.6], "accuracy_high": [0.5, 0.7, 0.8]}
    ... )
    >>> display = FewShotCurveDisplay({"model": table}).plot()
    >>> [label.get_text() for label in display.ax_.get_xticklabels()]
    ['1', '5', '20']
    """

    def __init__(self, tables):
        self.tables = tables

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        groups=None,
        *,
        n_shots=(1, 2, 5, 10, 20),
        n_repeats=10,
        cv=5,
        random_state=0,
        n_jobs=None,
        name=None,
        score="accuracy",
        ax=None,
    ):
        """Draw shots, fit, score and draw.

        Parameters
        ----------
        estimator : unfitted classifier or Pipeline, or dict of name to such
            Of several, each gets the same clips if `random_state` is an integer.
        X, y, groups, n_shots, n_repeats, cv, random_state, n_jobs : as in `few_shot_curve`
        name : str or None, default=None
            Of a single model.
        score, ax : as in `plot`

        Returns
        -------
        display : FewShotCurveDisplay
        """
        tables = {
            name: few_shot_curve(
                *(model, X, y, groups),
                n_shots=n_shots,
                n_repeats=n_repeats,
                cv=cv,
                random_state=random_state,
                n_jobs=n_jobs,
            )
            for name, model in by_model(estimator, name).items()
        }
        return cls(tables).plot(ax, score=score)

    def plot(self, ax=None, *, score="accuracy"):
        """Draw one score against the shots.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
        score : str, default="accuracy"
            Or "weighted_f1", "macro_f1", "balanced_accuracy".

        Returns
        -------
        display : FewShotCurveDisplay
        """
        known = [
            name
            for name in SCORES
            if all(name in table for table in self.tables.values())
        ]
        one_of("score", score, known)
        ax = new_axes((5.6, 3.6)) if ax is None else ax
        self.lines_ = {}
        for number, (name, table) in enumerate(self.tables.items()):
            # Side by side, so that no range hides another.
            shift = 1.03 ** (number - (len(self.tables) - 1) / 2)
            values = table[score]
            low, high = table[f"{score}_low"], table[f"{score}_high"]
            drawn = ax.errorbar(
                *(table["n_shots"] * shift, values),
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
        shown = sorted({v for table in self.tables.values() for v in table["n_shots"]})
        ax.set_xscale("log")
        ax.set_xticks(shown, list(map(str, shown)))
        ax.set_xticks([], minor=True)
        ax.set(ylim=(0, 1), xlabel="Clips a class")
        ax.set_ylabel(score.replace("_", " ").capitalize().replace("f1", "F1"))
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
        repeats = sorted(
            {n for table in self.tables.values() for n in table["n_repeats"]}
        )
        told = f"median and range of {'-'.join(map(str, sorted(repeats)))} draws"
        legend_above(ax, title=told)
        self.ax_, self.figure_ = ax, ax.figure
        return self
