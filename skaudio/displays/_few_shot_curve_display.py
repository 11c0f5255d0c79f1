"""Scores against the number of labelled clips per class."""

from skaudio._utils.names import by_model
from skaudio._utils.plotting import legend_above
from skaudio.displays._score_lines import draw_score_lines
from skaudio.model_selection import few_shot_curve


class FewShotCurveDisplay:
    """Scores of models fitted on a few clips per class: their median and range.

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
    NoiseRobustnessDisplay : Scores against the signal-to-noise ratio.

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
        """Compute the few-shot curve of each model and draw it.

        Parameters
        ----------
        estimator : unfitted classifier or Pipeline, or dict of name to such
            Several models get the same clips if `random_state` is an integer.
        X, y, groups, n_shots, n_repeats, cv, random_state, n_jobs
            As in `few_shot_curve`.
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
        """Draw one score against the number of clips per class.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
        score : str, default="accuracy"
            Or "weighted_f1", "macro_f1", "balanced_accuracy".

        Returns
        -------
        display : FewShotCurveDisplay
        """
        ax, self.lines_ = draw_score_lines(
            ax,
            self.tables,
            score,
            places_of=lambda table, offset: table["n_shots"] * 1.03**offset,
        )
        shown = sorted({v for table in self.tables.values() for v in table["n_shots"]})
        ax.set_xscale("log")
        ax.set_xticks(shown, list(map(str, shown)))
        ax.set_xticks([], minor=True)
        ax.set_xlabel("Clips per class")
        repeats = sorted(
            {n for table in self.tables.values() for n in table["n_repeats"]}
        )
        legend_above(
            ax, title=f"median and range of {'-'.join(map(str, repeats))} draws"
        )
        self.ax_, self.figure_ = ax, ax.figure
        return self
