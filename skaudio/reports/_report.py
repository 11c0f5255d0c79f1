"""What one model scored, and on what."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape

import numpy as np
import pandas as pd
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    confusion_matrix,
    precision_recall_fscore_support,
)

from skaudio._utils.names import model_name
from skaudio._utils.plotting import new_axes
from skaudio.metrics import SCORES, score_predictions, score_summary
from skaudio.reports._facts import facts_of
from skaudio.reports._leaked import mark_leaked
from skaudio.reports._predictions import (
    clip_columns,
    history_table,
    predictions_table,
    times_table,
)
from skaudio.reports._write_html import write_html


@dataclass(repr=False, eq=False)
class Report:
    """The scores of one model, from its predictions on clips it had not seen.

    Made by `cross_validated_report`, `held_out_report` and `report_on`.

    Attributes
    ----------
    name : str
        The model.
    kind : {"cross-validation", "held-out"}
    classes : list
        The labels, in order.
    summary : DataFrame
        Rows ``accuracy``, ``weighted_f1``, ``macro_f1``, ``balanced_accuracy``, and
        ``accuracy_unleaked`` where some test clips are leaked from training; columns
        ``value``, ``low``, ``high`` (95 %).
    per_class : DataFrame
        A row a label: ``precision``, ``recall``, ``f1`` and ``support``.
    confusion : DataFrame of int
        Clips of each true label (rows) that were given each label (columns).
    predictions : DataFrame
        A row a scored clip and repeat: ``file`` (None where X lists no files; followed
        by ``start_time`` and ``end_time`` in seconds where X lists spans), ``row`` (its
        place in X), ``group``, ``repeat``, ``fold``, ``true``, ``predicted`` and, if
        the model gives probabilities, ``probability_<label>`` for each class. Of
        held-out files also ``kin``: whether training knows the clip, a copy of it or
        its source.
    history : DataFrame
        A row an epoch and fit: ``repeat``, ``fold``, ``epoch``, ``train_loss``,
        ``valid_loss``, ``valid_accuracy``, ``lr``, ``seconds``. Empty where the model
        has no epochs.
    times : DataFrame
        A row a fit: ``repeat``, ``fold``, ``fit_seconds``, ``predict_seconds`` (of all
        its clips), of what remains when sounds are decoded and their log-mels taken.
    n_parameters : int or None
        Trainable numbers of a network.
    facts : dict
        What the scores depend on, ready for JSON: ``n_clips``, ``n_groups``,
        ``n_train`` (clips that train in a fit, on average, or None), ``classes``,
        ``cv``, ``n_repeats``, ``seed``, ``parameters`` (those that are not the
        defaults), ``versions``, ``command``, ``created``.
    warnings : list of str
        Reasons to doubt the scores, the gravest first.
    robustness : DataFrame or None
        As from `noise_robustness`, where that was asked for.

    See Also
    --------
    compare : Whether two models differ by more than chance.

    Notes
    -----
    All figures equal scikit-learn's, with ``zero_division=0``. Over several repeats
    `summary` is the mean, `per_class` and `confusion` are of all predictions together.
    The interval of the accuracy is Wilson's, of as many independent clips as the groups
    are worth (see `accuracy_interval`); the others are by bootstrap over groups, whose
    interval is a point where all clips are right. They tell what other clips might have
    given, not what other seeds might.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.reports import report_on
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.arange(20.0)[:, None], np.repeat(["cat", "cow"], 10)
    >>> report = report_on(LogisticRegression().fit(X, y), X[5:], y[5:])
    >>> report.confusion
    predicted  cat  cow
    true
    cat          5    0
    cow          0   10
    """

    name: str
    kind: str
    classes: list
    predictions: pd.DataFrame
    history: pd.DataFrame
    times: pd.DataFrame
    facts: dict
    n_parameters: int | None = None
    warnings: list = field(default_factory=list)
    robustness: pd.DataFrame | None = None
    leaks: pd.DataFrame | None = None

    @classmethod
    def from_fits(
        cls,
        fits,
        estimator,
        X,
        y,
        groups,
        classes,
        *,
        kind,
        name=None,
        leaks=None,
        facts=None,
        warnings=(),
    ):
        """Put a report together from what each fit predicted.

        Parameters
        ----------
        fits : list of dict
            Of each fit ``repeat``, ``fold``, ``rows`` (of `X`, those it is scored on),
            ``predicted`` (labels), ``probabilities`` of shape (n_rows, n_classes) or
            None, ``history`` (a dict per epoch) or None, ``fit_seconds``,
            ``predict_seconds`` and ``n_parameters`` or None.
        estimator : estimator
            For its name and parameters.
        X : list of clips or array of shape (n, ...)
        y, groups : ndarray of shape (n,)
        classes : ndarray of shape (n_classes,)
            In the order of the probabilities.
        kind : {"cross-validation", "held-out"}
        name : str or None, default=None
            None is the classifier's.
        leaks : DataFrame or None, default=None
            As from `find_leaks`; None where that is not known.
        facts : dict or None, default=None
            What is known besides.
        warnings : sequence of str, default=()

        Returns
        -------
        report : Report
        """
        classes = np.asarray(classes)
        predictions = predictions_table(fits, clip_columns(X), y, groups, classes)
        warnings = list(warnings)
        if leaks is not None:
            warnings = mark_leaked(predictions, leaks) + warnings
        known = facts_of(estimator, predictions, classes.tolist())
        return cls(
            name=model_name(estimator, name),
            kind=kind,
            classes=classes.tolist(),
            predictions=predictions,
            history=history_table(fits),
            times=times_table(fits),
            facts=known | (facts or {}),
            n_parameters=fits[0]["n_parameters"],
            warnings=warnings,
            leaks=leaks,
        )

    @cached_property
    def per_repeat(self):
        """Overall scores of each repeat."""
        repeats = self.predictions.groupby("repeat")
        scores = {number: _repeat_scores(repeat) for number, repeat in repeats}
        return pd.DataFrame.from_dict(scores, orient="index").rename_axis("repeat")

    @cached_property
    def summary(self):
        """Overall scores with their intervals."""
        true, predicted, groups, unleaked = self._by_repeat()
        summary = score_summary(true, predicted, groups)
        if unleaked.any() and not unleaked.all():
            rest = score_summary(
                true[unleaked], predicted[:, unleaked], groups[unleaked]
            )
            summary.loc["accuracy_unleaked"] = rest.loc["accuracy"]
        return summary

    def _by_repeat(self):
        """Labels, predictions of each repeat, groups, and which clips do not leak."""
        repeats = [
            repeat.sort_values("row")
            for _, repeat in self.predictions.groupby("repeat")
        ]
        predicted = np.array([repeat["predicted"].to_numpy() for repeat in repeats])
        first = repeats[0]
        true, groups = first["true"].to_numpy(), first["group"].to_numpy()
        return true, predicted, groups, _unleaked(first)

    @cached_property
    def per_class(self):
        """Scores of each class."""
        scores = precision_recall_fscore_support(
            *self._labels, labels=self.classes, zero_division=0
        )
        columns = ("precision", "recall", "f1", "support")
        table = pd.DataFrame(dict(zip(columns, scores, strict=True)), self.classes)
        return table.rename_axis("label")

    @cached_property
    def confusion(self):
        """Counts of true and predicted labels."""
        counts = confusion_matrix(*self._labels, labels=self.classes)
        table = pd.DataFrame(counts, self.classes, self.classes)
        return table.rename_axis(index="true", columns="predicted")

    @property
    def _labels(self):
        return (self.predictions[name].to_numpy() for name in ("true", "predicted"))

    def without_leaks(self):
        """Give the report of the clips that are not leaked.

        Returns
        -------
        report : Report or None
            None where every clip is leaked.
        """
        rest = self.predictions[_unleaked(self.predictions)]
        if rest.empty:
            return None
        first = rest[rest["repeat"] == rest["repeat"].min()]
        counts = {"n_clips": len(first), "n_groups": int(first["group"].nunique())}
        return replace(
            self, predictions=rest, facts=self.facts | counts, leaks=None, warnings=[]
        )

    def to_dict(self):
        """Give the scores as plain Python objects, ready for JSON.

        Returns
        -------
        scores : dict
            ``name``, ``kind``, ``n_clips``; each score of `summary` and, as
            ``<score>_interval``, its (low, high); ``per_class``; ``leaks``, a dict per
            leaked test clip, or None where the training clips are not known;
            ``near_copies_checked``; ``unleaked``, the same scores without the leaked
            clips, or None; ``warnings``.
        """
        scores = {
            "name": self.name,
            "kind": self.kind,
            "n_clips": self.facts["n_clips"],
        }
        for score in self.summary.itertuples():
            scores[score.Index] = float(score.value)
            scores[f"{score.Index}_interval"] = [float(score.low), float(score.high)]
        scores["per_class"] = {
            str(label): {
                **{key: float(row[key]) for key in ("precision", "recall", "f1")},
                "support": int(row["support"]),
            }
            for label, row in self.per_class.iterrows()
        }
        known = self.leaks is not None
        rest = self.without_leaks() if known else None
        return scores | {
            "leaks": self.leaks.to_dict("records") if known else None,
            "near_copies_checked": bool(self.leaks.attrs["near"]) if known else None,
            "unleaked": rest and rest.to_dict(),
            "warnings": list(self.warnings),
        }

    def plot_confusion(self, ax=None, *, normalize=False, **options):
        """Draw the confusion matrix.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
        normalize : bool, default=False
            Shares of each true class instead of counts.
        **options
            Go to scikit-learn's ``ConfusionMatrixDisplay.plot``.

        Returns
        -------
        display : sklearn.metrics.ConfusionMatrixDisplay
            With ``ax_`` and ``figure_``.
        """
        counts = self.confusion.to_numpy()
        if normalize:
            counts = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        if ax is None:
            side = max(4.0, 1.6 + 0.42 * len(self.classes))
            ax = new_axes((side, side))
        options = {
            "cmap": "Blues",
            "colorbar": False,
            "xticks_rotation": "vertical",
            "values_format": ".2f" if normalize else "d",
        } | options
        options["text_kw"] = {"fontsize": 8} | options.get("text_kw", {})
        display = ConfusionMatrixDisplay(counts, display_labels=self.classes)
        display.plot(ax=ax, **options)
        if display.text_ is not None:
            # What never happened is no news; without it the mistakes stand out.
            for text in display.text_[counts == 0]:
                text.set_text("")
        return display

    def to_html(self, path, *, title=None, n_hardest=12):
        """Write the report as one page that needs nothing from outside.

        Parameters
        ----------
        path : str or path-like
        title : str or None, default=None
            None names the model.
        n_hardest : int, default=12
            Clips to embed, with picture and sound: the mistakes that were surest.

        Returns
        -------
        path : pathlib.Path

        See Also
        --------
        write_html : Several reports in one page.
        """
        return write_html(self, path, title=title, n_hardest=n_hardest)

    def __str__(self):
        """Sum up for the terminal."""
        return "\n".join([self._headline(), *self._scores(), *self._doubts()])

    __repr__ = __str__

    def _repr_html_(self):
        scores = self.summary.to_html(float_format="{:.3f}".format, border=0)
        doubts = "".join(f"<li>{escape(doubt)}</li>" for doubt in self.warnings)
        return f"<p>{escape(self._headline())}</p>{scores}<ul>{doubts}</ul>"

    def _headline(self):
        facts = self.facts
        how = f"{facts['n_clips']} clips in {facts['n_groups']} groups"
        if facts["n_repeats"] > 1:
            how += f", {facts['n_repeats']} repeats"
        return f"{self.name}: {self.kind}, {how}, {len(self.classes)} classes"

    def _scores(self):
        for score in self.summary.itertuples():
            name = score.Index.replace("_", " ").replace("f1", "F1")
            interval = f"[{score.low:.3f}, {score.high:.3f}]"
            yield f"  {name:<18}{score.value:.3f}  {interval}"

    def _doubts(self):
        return [f"  warning: {doubt}" for doubt in self.warnings]


def _unleaked(predictions):
    if "leaked" not in predictions:
        return np.ones(len(predictions), bool)
    return ~predictions["leaked"].to_numpy(bool)


def _repeat_scores(predictions):
    scores = score_predictions(predictions["true"], predictions["predicted"])
    row = {score: scores[score] for score in SCORES}
    rest = predictions[_unleaked(predictions)]
    if 0 < len(rest) < len(predictions):
        row["accuracy_unleaked"] = float((rest["true"] == rest["predicted"]).mean())
    return row
