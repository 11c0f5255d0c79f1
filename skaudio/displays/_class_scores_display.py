"""Scores of each class, for several models side by side."""

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_fscore_support

from skaudio._utils.multilabel import one_per_clip
from skaudio._utils.names import by_model, by_report_name
from skaudio._utils.plotting import colour, legend_above, new_axes, one_of

_SCORES = {"precision": "Precision", "recall": "Recall", "f1": "F1"}


class ClassScoresDisplay:
    """Precision, recall or F1 of each class, as one bar per class and model.

    Parameters
    ----------
    scores : dict of str to DataFrame
        For each model ``per_class`` of its report: one row per label, with the columns
        ``precision``, ``recall``, ``f1`` and ``support``.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    bars_ : list of matplotlib BarContainer, one per model

    Examples
    --------
    >>> from skaudio.displays import ClassScoresDisplay
    >>> y_true = ["cat", "cat", "cow", "cow"]
    >>> y_pred = {
    ...     "one": ["cat", "cow", "cow", "cow"], "other": ["cat", "cat", "cow", "cat"]
    ... }
    >>> display = ClassScoresDisplay.from_predictions(y_true, y_pred, score="recall")
    >>> [float(bar.get_height()) for bar in display.bars_[0]]
    [0.5, 1.0]
    """

    def __init__(self, scores):
        self.scores = scores

    @classmethod
    def from_estimator(cls, estimator, X, y, *, name=None, score="f1", ax=None):
        """Predict and draw.

        Parameters
        ----------
        estimator : fitted classifier, or dict of name to such
        X : what the estimators take
        y : array-like of shape (n,)
        name, score, ax : as in `from_predictions`

        Returns
        -------
        display : ClassScoresDisplay
        """
        models = by_model(estimator, name)
        predicted = {name: model.predict(X) for name, model in models.items()}
        return cls.from_predictions(y, predicted, score=score, ax=ax)

    @classmethod
    def from_predictions(cls, y_true, y_pred, *, name=None, score="f1", ax=None):
        """Score and draw.

        Parameters
        ----------
        y_true : array-like of shape (n,)
        y_pred : array-like of shape (n,), or dict of name to such
        name : str or None, default=None
            Of a single model.
        score : {"precision", "recall", "f1"}, default="f1"
        ax : matplotlib axes or None, default=None

        Returns
        -------
        display : ClassScoresDisplay
        """
        y_true, models = one_per_clip(y_true, "y_true"), by_model(y_pred, name)
        labels = np.unique(np.concatenate([y_true, *models.values()]))
        scores = {}
        for model, predicted in models.items():
            values = precision_recall_fscore_support(
                y_true, predicted, labels=labels, zero_division=0
            )
            columns = (*_SCORES, "support")
            table = pd.DataFrame(dict(zip(columns, values, strict=True)), labels)
            scores[model] = table
        return cls(scores).plot(ax, score=score)

    @classmethod
    def from_reports(cls, reports, *, score="f1", ax=None):
        """Draw the scores of reports.

        Parameters
        ----------
        reports : Report or list of Report
        score, ax : as in `from_predictions`

        Returns
        -------
        display : ClassScoresDisplay
        """
        scores = {
            name: report.per_class for name, report in by_report_name(reports).items()
        }
        return cls(scores).plot(ax, score=score)

    def plot(self, ax=None, *, score="f1"):
        """Draw one of the scores.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            None makes a figure whose width grows with the number of bars.
        score : {"precision", "recall", "f1"}, default="f1"

        Returns
        -------
        display : ClassScoresDisplay
        """
        one_of("score", score, _SCORES)
        tables = list(self.scores.values())
        labels = list(dict.fromkeys(label for table in tables for label in table.index))
        if ax is None:
            width = 1.2 + len(labels) * (0.3 + 0.12 * len(tables))
            ax = new_axes((max(4.8, width), 3.6))
        places, width = np.arange(len(labels)), 0.84 / len(tables)
        self.bars_ = []
        for number, (name, table) in enumerate(self.scores.items()):
            shift = (number - (len(tables) - 1) / 2) * width
            heights = table[score].reindex(labels)
            bars = ax.bar(
                places + shift, heights, width, label=name, color=colour(number)
            )
            self.bars_.append(bars)
        supports = [table["support"].reindex(labels) for table in tables]
        ticks = [str(label) for label in labels]
        if all(supports[0].equals(support) for support in supports):
            ticks = [f"{label} ({n:g})" for label, n in supports[0].items()]
            ax.set_xlabel("Class (clips)")
        ax.set_xticks(places, ticks, rotation=90 if len(labels) > 6 else 0)
        ax.set(ylim=(0, 1), ylabel=_SCORES[score], xlim=(-0.6, len(labels) - 0.4))
        ax.grid(axis="y", alpha=0.3)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
        legend_above(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self
