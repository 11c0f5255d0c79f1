"""Overall scores of models, with their intervals."""

import numpy as np
import pandas as pd

from skaudio._utils.names import by_model, by_report_name
from skaudio._utils.plotting import colour, legend_above, new_axes, one_of
from skaudio._utils.tables import summary_row
from skaudio.displays._score_lines import score_title
from skaudio.metrics import SCORES, score_summary


class ModelScoresDisplay:
    """Scores of models as bars, with 95 % intervals.

    Parameters
    ----------
    scores : DataFrame
        One row per model, drawn from the top; one column per score, such as
        ``accuracy``, and for its interval, if any, ``accuracy_low`` and
        ``accuracy_high``. The table of `ablate` has this form.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    bars_ : list of matplotlib BarContainer, one per score

    Examples
    --------
    >>> from skaudio.displays import ModelScoresDisplay
    >>> y_true = ["cat", "cat", "cow", "cow"]
    >>> y_pred = {
    ...     "one": ["cat", "cow", "cow", "cow"], "other": ["cat", "cat", "cow", "cow"]
    ... }
    >>> display = ModelScoresDisplay.from_predictions(y_true, y_pred)
    >>> [float(bar.get_width()) for bar in display.bars_[0]]
    [0.75, 1.0]
    """

    def __init__(self, scores):
        self.scores = scores

    @classmethod
    def from_estimator(
        cls, estimator, X, y, *, groups=None, name=None, score="accuracy", ax=None
    ):
        """Predict and draw.

        Parameters
        ----------
        estimator : fitted classifier, or dict of name to such
        X : what the estimators take
        y : array-like of shape (n,)
        groups, name, score, ax : as in `from_predictions`

        Returns
        -------
        display : ModelScoresDisplay
        """
        models = by_model(estimator, name)
        predicted = {name: model.predict(X) for name, model in models.items()}
        return cls.from_predictions(y, predicted, groups=groups, score=score, ax=ax)

    @classmethod
    def from_predictions(
        cls, y_true, y_pred, *, groups=None, name=None, score="accuracy", ax=None
    ):
        """Score and draw.

        Parameters
        ----------
        y_true : array-like of shape (n,)
        y_pred : array-like of shape (n,), or dict of name to such
        groups : array-like of shape (n,) or None, default=None
            Clips of one group are drawn together for the intervals.
        name : str or None, default=None
            Of a single model.
        score : str or list of str, default="accuracy"
            Of "accuracy", "weighted_f1", "macro_f1" and "balanced_accuracy".
        ax : matplotlib axes or None, default=None

        Returns
        -------
        display : ModelScoresDisplay
        """
        models = by_model(y_pred, name)
        summaries = {
            name: score_summary(y_true, predicted, groups)
            for name, predicted in models.items()
        }
        return cls._from_summaries(summaries).plot(ax, score=score)

    @classmethod
    def from_reports(cls, reports, *, score="accuracy", ax=None):
        """Draw the scores of reports.

        Parameters
        ----------
        reports : Report or list of Report
        score, ax : as in `from_predictions`

        Returns
        -------
        display : ModelScoresDisplay
        """
        summaries = {name: one.summary for name, one in by_report_name(reports).items()}
        return cls._from_summaries(summaries).plot(ax, score=score)

    @classmethod
    def _from_summaries(cls, summaries):
        rows = {name: summary_row(summary) for name, summary in summaries.items()}
        return cls(pd.DataFrame.from_dict(rows, orient="index"))

    def plot(self, ax=None, *, score="accuracy"):
        """Draw one score of each model, or several side by side.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
        score : str or list of str, default="accuracy"
            Such as ``["weighted_f1", "macro_f1"]``: a model that is good only at common
            classes has a lower second score.

        Returns
        -------
        display : ModelScoresDisplay
        """
        shown = [score] if isinstance(score, str) else list(score)
        known = [name for name in SCORES if name in self.scores]
        for name in shown:
            one_of("score", name, known)
        places, width = np.arange(len(self.scores)), 0.8 / len(shown)
        if ax is None:
            ax = new_axes((6.4, 1.2 + len(places) * (0.2 + 0.24 * len(shown))))
        self.bars_ = []
        for number, name in enumerate(shown):
            at = places + (number - (len(shown) - 1) / 2) * width
            self._draw(ax, at, name, width, colour(number))
        ax.set_yticks(places, [str(name) for name in self.scores.index])
        # Room on the right for the values of scores close to 1.
        ax.set(xlim=(0, 1.12), ylim=(len(places) - 0.5, -0.5))
        ax.set_xticks(np.linspace(0, 1, 6))
        ax.set_xlabel(score_title(shown[0]) if len(shown) == 1 else "Score")
        ax.grid(axis="x", alpha=0.3)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
        if len(shown) > 1:
            legend_above(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _draw(self, ax, at, name, width, shade):
        values = self.scores[name]
        low, high = (
            self.scores.get(f"{name}_{end}", values).fillna(values)
            for end in ("low", "high")
        )
        # A bootstrap's interval need not hold the score of the sample itself.
        reach = np.maximum([values - low, high - values], 0)
        bars = ax.barh(
            *(at, values, 0.92 * width),
            xerr=reach,
            color=shade,
            label=score_title(name),
            error_kw={"ecolor": "#333333", "capsize": 2.5, "elinewidth": 1},
        )
        for place, value, end in zip(at, values, np.maximum(high, values), strict=True):
            ax.annotate(
                f"{value:.2f}",
                (end, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
        self.bars_.append(bars)
