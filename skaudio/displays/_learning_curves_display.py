"""Loss and accuracy, epoch by epoch."""

import numpy as np
import pandas as pd

from skaudio._utils.names import final_estimator
from skaudio._utils.plotting import colour, legend_above, new_axes, one_of

_CURVES = {
    "loss": {"train_loss": "training", "valid_loss": "inner validation"},
    "accuracy": {"valid_accuracy": "inner validation"},
}


class LearningCurvesDisplay:
    """Learning curves of all fits: their median and range.

    The line is the median over the fits (folds and repeats), the band reaches from the
    lowest to the highest. Fits that stopped early drop out of both; the line ends where
    fewer than half of the fits are left.

    Parameters
    ----------
    history : DataFrame
        ``history`` of a report: one row per epoch and fit.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    lines_ : dict of str to matplotlib Line2D
        By column of `history`.

    See Also
    --------
    AudioClassifier : ``history_`` of a single fit.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.displays import LearningCurvesDisplay
    >>> history = pd.DataFrame(
    ...     {"repeat": 0, "fold": [0, 0, 1, 1], "epoch": [1, 2, 1, 2],
    ...      "train_loss": [2.0, 1.0, 3.0, 1.5], "valid_loss": [2.5, 1.5, 3.5, 2.0]}
    ... )
    >>> display = LearningCurvesDisplay(history).plot()
    >>> display.lines_["train_loss"].get_ydata()
    array([2.5 , 1.25])
    """

    def __init__(self, history):
        self.history = history

    @classmethod
    def from_estimator(cls, estimator, *, score="loss", ax=None):
        """Draw the epochs of one fit.

        Parameters
        ----------
        estimator : fitted classifier of skaudio, or Pipeline that ends in one
        score, ax : as in `plot`

        Returns
        -------
        display : LearningCurvesDisplay
        """
        final = final_estimator(estimator)
        epochs = getattr(final, "history_", None)
        if epochs is None:
            raise ValueError(
                f"{type(final).__name__} has no history_: expected a fitted "
                "classifier that is trained in epochs."
            )
        return cls(pd.DataFrame(epochs).assign(repeat=0, fold=0)).plot(ax, score=score)

    @classmethod
    def from_report(cls, report, *, score="loss", ax=None):
        """Draw the epochs of all fits of a report.

        Parameters
        ----------
        report : Report
        score, ax : as in `plot`

        Returns
        -------
        display : LearningCurvesDisplay
        """
        return cls(report.history).plot(ax, score=score)

    def plot(self, ax=None, *, score="loss"):
        """Draw loss or accuracy.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
        score : {"loss", "accuracy"}, default="loss"

        Returns
        -------
        display : LearningCurvesDisplay

        Raises
        ------
        ValueError
            Where the history has no epochs, or no accuracy for lack of validation rows.
        """
        one_of("score", score, _CURVES)
        curves = {
            column: name
            for column, name in _CURVES[score].items()
            if column in self.history and self.history[column].notna().any()
        }
        if not curves:
            raise ValueError(
                f"The history of {len(self.history)} epochs has no {score}: expected a "
                "model that is trained in epochs"
                + (" with early_stopping=True." if score == "accuracy" else ".")
            )
        ax = new_axes((5.2, 3.4)) if ax is None else ax
        self.lines_ = {}
        for column, name in curves.items():
            # Training keeps its colour where there is no validation.
            shade = colour(0 if column == "train_loss" else 1)
            # The members of an ensemble are fits of their own.
            each = [key for key in ("repeat", "fold", "member") if key in self.history]
            fits = self.history.pivot(index="epoch", columns=each, values=column)
            spread = fits[fits.notna().sum(axis=1) >= fits.shape[1] / 2]
            epochs = spread.index.to_numpy()
            (line,) = ax.plot(epochs, spread.median(axis=1), color=shade, label=name)
            ax.fill_between(
                *(epochs, spread.min(axis=1), spread.max(axis=1)),
                color=shade,
                alpha=0.2,
                linewidth=0,
            )
            self.lines_[column] = line
        n_fits = len(self.history[["repeat", "fold"]].drop_duplicates())
        title = f"median and range of {n_fits} fits" if n_fits > 1 else None
        ax.set(xlabel="Epoch", ylabel=score.capitalize())
        if score == "accuracy":
            ax.set_ylim(0, 1)
        else:
            ax.set_ylim(bottom=min(0, np.nanmin(self.history[[*curves]])))
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
        legend_above(ax, title=title)
        self.ax_, self.figure_ = ax, ax.figure
        return self
