"""The scores of a model of clips that have several classes, or none."""

from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from skaudio._utils.findings import COLLECT, Finding
from skaudio.metrics import multilabel_scores
from skaudio.reports._leaked import unleaked_rows
from skaudio.reports._predictions import by_repeat, prefixed
from skaudio.reports._report import Report

_SCORES = ("average_precision", "f1")
_PARTS = ("", "_low", "_high")


class MultilabelReport(Report):
    """The scores of one model on clips of several classes each.

    Made by `cross_validated_report`, `held_out_report` and `report_on` where labels are
    an indicator matrix. It is a `Report`; what it has instead is listed here.

    Attributes
    ----------
    summary : DataFrame
        Rows ``macro_average_precision``, ``micro_average_precision``, ``macro_f1``,
        ``micro_f1``, and ``macro_average_precision_unleaked`` where some test clips are
        leaked from training; columns ``value``, ``low``, ``high`` (95 %).
    per_fold : Series
        The macro average precision by (repeat, fold), NaN of a fold without any class.
    per_class : DataFrame
        One row per class: ``support``, the number of clips that have it;
        ``average_precision``, ``precision``, ``recall`` and ``f1``, each with ``_low``
        and ``_high``. NaN of a class that no clip has.
    predictions : DataFrame
        For each class ``true_<label>`` and ``predicted_<label>`` (0 or 1) and
        ``probability_<label>``, or ``decision_<label>`` where a model gives only
        decisions.

    See Also
    --------
    multilabel_scores : Computes the scores.

    Notes
    -----
    The average precision needs no threshold; F1, precision and recall are those at a
    probability of one half. All scores equal scikit-learn's, of the classes that some
    clip has; over several repeats they are medians. All intervals are by bootstrap over
    groups.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.reports import report_on
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.multiclass import OneVsRestClassifier
    >>> X = np.arange(20.0)[:, None]
    >>> y = np.column_stack([X[:, 0] < 12, X[:, 0] > 5]).astype(int)
    >>> model = OneVsRestClassifier(LogisticRegression()).fit(X[::2], y[::2])
    >>> print(report_on(model, X[1::2], y[1::2]))
    OneVsRestClassifier: held-out, 10 clips in 10 groups, 2 classes
      macro average precision 1.000  [1.000, 1.000]
      ...
    """

    main_score: ClassVar[str] = "macro_average_precision"
    class_score_names = ("precision", "recall", "f1", "average_precision")

    @cached_property
    def summary(self):
        """Overall scores with their intervals."""
        summary = _overall(self._scores)
        unleaked = unleaked_rows(self.predictions)
        rest = self.predictions[unleaked]
        if not unleaked.all() and rest[prefixed("true", self.classes)].any(axis=None):
            name = self.main_score
            scores = _overall(_scores_of(rest, self.classes))
            summary.loc[f"{name}_unleaked"] = scores.loc[name]
        return summary

    @cached_property
    def per_repeat(self):
        """Overall scores of each repeat."""
        scores = {
            number: _overall(_scores_of(repeat, self.classes, n_resamples=0))["value"]
            for number, repeat in self.predictions.groupby("repeat")
        }
        return pd.DataFrame(scores).T.rename_axis("repeat")

    @cached_property
    def per_class(self):
        """Scores of each class."""
        return self._scores.iloc[:-2].rename_axis("label")

    @property
    def reliability(self):
        """Not computed: empty."""
        return {}

    @property
    def confusion(self):
        """Not defined: a clip has no single class."""
        raise ValueError(
            f"{self.name}: clips have several classes, which no confusion matrix "
            "shows. See per_class."
        )

    def _main_score_of(self, predictions):
        if not predictions[prefixed("true", self.classes)].any(axis=None):
            return np.nan
        scores = _scores_of(predictions, self.classes, n_resamples=0)
        return float(scores.loc["macro", "average_precision"])

    @cached_property
    def _scores(self):
        return _scores_of(self.predictions, self.classes)

    @staticmethod
    def _doubts(predictions, classes):
        """Return warnings of what the predictions leave unknown."""
        y, scores, _, _ = by_repeat(predictions, classes)
        doubts = []
        absent = [str(name) for name in y.columns[~y.any(axis=0)]]
        if absent:
            text = (
                f"no scored clip has the class {', '.join(absent)}: its scores are not "
                "defined, and the macro scores are means over the other classes"
            )
            doubts.append(Finding(text, COLLECT))
        if scores is None:
            doubts.append(
                "the model gives neither probabilities nor decisions: its average "
                "precision is not known"
            )
        return doubts


def _scores_of(predictions, classes, n_resamples=2000):
    y, scores, predicted, groups = by_repeat(predictions, classes)
    return multilabel_scores(y, scores, predicted, groups, n_resamples=n_resamples)


def _overall(scores):
    """Turn the rows "macro" and "micro" into a summary."""
    rows = {
        f"{how}_{name}": scores.loc[how, [name + part for part in _PARTS]].tolist()
        for name in _SCORES
        for how in ("macro", "micro")
    }
    summary = pd.DataFrame.from_dict(rows, orient="index")
    return summary.set_axis(["value", "low", "high"], axis=1).rename_axis("score")
