"""The scores of one model, and the predictions behind them."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from skaudio._utils.names import model_name
from skaudio.reports._facts import facts_of, facts_of_clips
from skaudio.reports._leaked import mark_leaked, unleaked_rows
from skaudio.reports._predictions import (
    clip_columns,
    history_table,
    predictions_table,
    times_table,
)
from skaudio.reports._report_output import ReportOutput
from skaudio.reports._report_scores import (
    class_scores,
    confusion_counts,
    reliability_of,
    repeat_scores,
    summary_of,
)


@dataclass(repr=False, eq=False)
class Report(ReportOutput):
    """The scores of one model, from its predictions on clips it was not trained on.

    Made by `cross_validated_report`, `held_out_report` and `report_on`.

    Attributes
    ----------
    name : str
        The model.
    kind : {"cross-validation", "held-out"}
    classes : list
        The labels, in order.
    summary : DataFrame
        Rows ``accuracy``, ``weighted_f1``, ``macro_f1``, ``balanced_accuracy``;
        ``accuracy_unleaked`` where some test clips are leaked from training;
        ``accuracy_animals``, that of the clips that are no background (classes named
        background, noise, other or silence), where some are; columns ``value``,
        ``low``, ``high`` (95 %).
    per_repeat : DataFrame
        One row per repeat, the scores of `summary` as columns.
    per_fold : Series
        The accuracy by (repeat, fold).
    per_class : DataFrame
        One row per label: ``precision``, ``recall``, ``f1`` and ``support``.
    confusion : DataFrame of int
        Numbers of predictions by true label (rows) and predicted label (columns).
    predictions : DataFrame
        One row per scored clip and repeat: ``file`` (None where X lists no files;
        followed by ``start_time`` and ``end_time`` in seconds where X lists spans),
        ``row`` (its place in X), ``group``, ``repeat``, ``fold``, ``true``,
        ``predicted`` and, if the model gives probabilities, ``probability_<label>`` for
        each class; ``uncalibrated_confidence``, the highest of them before calibration,
        of a `GroupedCalibrator`; ``leaked`` where `leaks` is known.
    reliability : dict of str to DataFrame
        The bins of `reliability_curve`, each with the calibration error as
        ``attrs["error"]``: "calibrated" and "uncalibrated" of a `GroupedCalibrator`,
        else "as given" alone; empty where the model gives no probabilities.
    history : DataFrame
        One row per fit and epoch: ``repeat``, ``fold``, ``epoch``, ``train_loss``,
        ``valid_loss``, ``valid_accuracy``, ``lr``, ``seconds``. Empty where the model
        has no epochs.
    times : DataFrame
        One row per fit: ``repeat``, ``fold``, ``fit_seconds``, ``predict_seconds`` (of
        all its clips). Decoding, log-mels and embeddings that are computed once before
        all fits are not included.
    n_parameters : int or None
        Trainable parameters of a network.
    facts : dict
        What the scores depend on, ready for JSON: ``n_clips``, ``n_groups``,
        ``n_background`` (scored clips without an animal; None where the model has no
        class for them and there are none), ``n_train_background`` (likewise),
        ``n_train`` (training clips per fit, on average, or None), ``classes``, ``cv``,
        ``n_repeats``, ``seed``, ``parameters`` (those that are not the defaults),
        ``versions``, ``command``, ``created``.
    warnings : list of str
        Reasons to doubt the scores, the most serious first.
    robustness : DataFrame or None
        As from `noise_robustness`, where that was asked for.
    leaks : DataFrame or None
        As from `find_leaks`; None where the training clips are not known, and in
        cross-validations.

    See Also
    --------
    compare : Whether two models differ by more than chance.

    Notes
    -----
    All scores equal scikit-learn's, with ``zero_division=0``. Over several repeats
    `summary` is the median, `per_class` and `confusion` are of all predictions
    together. The interval of the accuracy is Wilson's, of as many independent clips as
    the groups are worth (see `accuracy_interval`); the others are by bootstrap over
    groups, whose interval is a point where all predictions are correct. The intervals
    cover the choice of the clips, not that of the seed.

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

    # The score by which models are compared.
    main_score: ClassVar[str] = "accuracy"

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
        """Build a report from the predictions of each fit.

        Parameters
        ----------
        fits : list of dict
            Each with ``repeat``, ``fold``, ``rows`` (the places in `X` that the fit is
            scored on), ``predicted`` (labels), ``probabilities`` of shape (n_rows,
            n_classes) or None, ``uncalibrated`` (the highest probabilities before
            calibration) or None, ``history`` (a dict per epoch) or None,
            ``fit_seconds``, ``predict_seconds`` and ``n_parameters`` or None.
        estimator : estimator
            For its name and parameters.
        X : list of clips or array of shape (n, ...)
        y : ndarray of shape (n,), or DataFrame of shape (n, n_classes)
        groups : ndarray of shape (n,)
        classes : ndarray of shape (n_classes,)
            In the order of the probabilities.
        kind : {"cross-validation", "held-out"}
        name : str or None, default=None
            None takes the class name of the classifier.
        leaks : DataFrame or None, default=None
            As from `find_leaks`; None where the training clips are not known.
        facts : dict or None, default=None
            Added to the facts that follow from the other arguments.
        warnings : sequence of str, default=()

        Returns
        -------
        report : Report
        """
        classes = np.asarray(classes)
        predictions = predictions_table(fits, clip_columns(X), y, groups, classes)
        warnings = cls._doubts(predictions, classes.tolist()) + list(warnings)
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

    def _main_score_of(self, predictions):
        return float((predictions["true"] == predictions["predicted"]).mean())

    @staticmethod
    def _doubts(predictions, classes):
        """Return warnings of what the predictions leave unknown."""
        return []

    @cached_property
    def summary(self):
        """Overall scores with their intervals."""
        return summary_of(self.predictions)

    @cached_property
    def per_repeat(self):
        """Overall scores of each repeat."""
        return repeat_scores(self.predictions)

    @cached_property
    def per_fold(self):
        """The score by which models are compared, of each fold and repeat."""
        folds = self.predictions.groupby(["repeat", "fold"])
        return pd.Series({fold: self._main_score_of(rows) for fold, rows in folds})

    @cached_property
    def per_class(self):
        """Scores of each class."""
        return class_scores(self.predictions, self.classes)

    @cached_property
    def reliability(self):
        """Accuracy against confidence."""
        return reliability_of(self.predictions, self.classes)

    @cached_property
    def confusion(self):
        """Counts of true and predicted labels."""
        return confusion_counts(self.predictions, self.classes)

    def without_leaks(self):
        """Return the report of the test clips that are not leaked.

        Returns
        -------
        report : Report or None
            None where every clip is leaked.
        """
        rest = self.predictions[unleaked_rows(self.predictions)]
        if rest.empty:
            return None
        counts = facts_of_clips(rest, self.classes)
        return replace(
            self, predictions=rest, facts=self.facts | counts, leaks=None, warnings=[]
        )
