"""Reliability diagram: accuracy against confidence."""

import numpy as np

from skaudio._utils.multilabel import one_per_clip
from skaudio._utils.names import model_name
from skaudio._utils.plotting import colour, legend_above, new_axes
from skaudio.metrics import reliability_curve


class ReliabilityDisplay:
    """Reliability diagram: accuracy against confidence, with the calibration error.

    On the diagonal, confidence equals accuracy; below it, the model is overconfident.
    Grey bars are the share of the predictions in each bin.

    Parameters
    ----------
    bins : DataFrame
        One row per bin: ``left``, ``right``, ``n``, ``confidence``, ``accuracy``,
        ``low``, ``high``.
    error : float
        The expected calibration error.
    name : str
        Name of the model.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    line_ : matplotlib Line2D
        The points, one per bin that is not empty.

    Notes
    -----
    The expected calibration error (ECE) is the mean distance between confidence (the
    probability of the predicted class) and accuracy within each bin, weighted by the
    predictions in it [1]_. It depends on the bins: here `n_bins` of equal width from 0
    to 1 (10 by default; the paper has 15), each including its upper edge. With few
    clips it is above 0 by chance alone: about 0.1 on 65 clips for a perfectly
    calibrated model.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural
       networks", ICML 2017.

    Examples
    --------
    >>> from skaudio.displays import ReliabilityDisplay
    >>> display = ReliabilityDisplay.from_predictions(
    ...     ["cat", "cow"], [[0.9, 0.1], [0.8, 0.2]], classes=["cat", "cow"]
    ... )
    >>> round(display.error, 3)  # gaps of 0.1 and 0.8 in two bins
    0.45
    """

    def __init__(self, bins, error, name):
        self.bins = bins
        self.error = error
        self.name = name

    @classmethod
    def from_estimator(cls, estimator, X, y, *, n_bins=10, name=None, ax=None):
        """Predict and draw.

        Parameters
        ----------
        estimator : fitted classifier with ``predict_proba``
        X : what it takes
        y : array-like of shape (n,)
        n_bins, name, ax : as in `from_predictions`

        Returns
        -------
        display : ReliabilityDisplay
        """
        return cls.from_predictions(
            y,
            estimator.predict_proba(X),
            classes=estimator.classes_,
            n_bins=n_bins,
            name=model_name(estimator, name),
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls, y_true, y_prob, *, classes=None, n_bins=10, name="model", ax=None
    ):
        """Bin predictions and draw.

        Parameters
        ----------
        y_true : array-like of shape (n,)
        y_prob : array-like of shape (n, n_classes)
        classes : array-like of shape (n_classes,) or None, default=None
            The label of each column. None: those of `y_true`, sorted.
        n_bins : int, default=10
        name : str, default="model"
        ax : matplotlib axes or None, default=None

        Returns
        -------
        display : ReliabilityDisplay
        """
        y_true, y_prob = one_per_clip(y_true, "y_true"), np.asarray(y_prob)
        classes = np.unique(y_true) if classes is None else np.asarray(classes)
        if y_prob.shape != (len(y_true), len(classes)):
            raise ValueError(
                f"y_prob of shape {y_prob.shape}: expected a row for each of the "
                f"{len(y_true)} labels and a column for each of the classes "
                f"{classes.tolist()}; pass classes=."
            )
        correct = classes[y_prob.argmax(axis=1)] == y_true
        bins, error = reliability_curve(correct, y_prob.max(axis=1), n_bins=n_bins)
        return cls(bins, error, name).plot(ax)

    @classmethod
    def from_report(cls, report, *, n_bins=10, ax=None):
        """Draw the predictions of a report.

        Parameters
        ----------
        report : Report
            Report of a model that gives probabilities.
        n_bins, ax : as in `from_predictions`

        Returns
        -------
        display : ReliabilityDisplay
        """
        predictions = report.predictions
        names = [f"probability_{label}" for label in report.classes]
        if "true" not in predictions or not set(names) <= set(predictions):
            raise ValueError(
                f"{report.name} gives no probabilities of one label per clip: expected "
                "a model with predict_proba."
            )
        correct = predictions["true"] == predictions["predicted"]
        bins, error = reliability_curve(
            correct,
            # Stored probabilities are rounded: keep them in [0, 1].
            predictions[names].max(axis=1).clip(0, 1),
            n_bins=n_bins,
            n_repeats=predictions["repeat"].nunique(),
        )
        return cls(bins, error, report.name).plot(ax)

    def plot(self, ax=None):
        """Draw the diagram.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None

        Returns
        -------
        display : ReliabilityDisplay
        """
        ax = new_axes((4.4, 4.4)) if ax is None else ax
        bins = self.bins
        ax.bar(
            bins["left"],
            bins["n"] / bins["n"].sum(),
            bins["right"] - bins["left"],
            align="edge",
            color="#dddddd",
            edgecolor="white",
            label="share of predictions",
        )
        ax.plot([0, 1], [0, 1], "--", color="#777777", linewidth=1)
        there = bins[bins["n"] > 0]
        accuracy = there["accuracy"]
        reach = np.maximum([accuracy - there["low"], there["high"] - accuracy], 0)
        drawn = ax.errorbar(
            *(there["confidence"], accuracy, reach),
            fmt="o-",
            color=colour(0),
            markersize=5,
            linewidth=1.2,
            elinewidth=1,
            capsize=2.5,
            label=f"{self.name}, ECE {self.error:.3f} ({len(bins)} bins)",
        )
        self.line_ = drawn.lines[0]
        ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        ax.set(xlabel="Confidence", ylabel="Accuracy")
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
        legend_above(ax, ncols=1, reverse=True)
        self.ax_, self.figure_ = ax, ax.figure
        return self
