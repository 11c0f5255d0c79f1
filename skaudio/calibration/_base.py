"""The base of the classifiers that learn from clips held back by grouped folds."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import check_consistent_length, column_or_1d, get_tags
from sklearn.utils.multiclass import check_classification_targets

from skaudio._utils.estimator_rows import as_rows, missing_rows
from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import one_per_clip
from skaudio._utils.random_state import own_random_state
from skaudio._utils.rows import take_rows
from skaudio._utils.unreadable import rows_to_fit
from skaudio.calibration._cross_fitting import (
    connected,
    cross_fit,
    fit_rows,
    split_pipeline,
)
from skaudio.calibration._outputs import outputs_of

_ONE_LABEL = "Where a clip has several, calibrate each class by itself."


class CrossFittedClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Fit a classifier on all clips, and on those of each grouped fold.

    A subclass has the parameters ``estimator``, ``cv`` and ``random_state``.
    """

    # With metadata routing on, plain `groups=` reaches the folds.
    __metadata_request__fit = {"groups": True}

    def _cross_fit(self, X, y, groups):
        """Fit on all rows; return the model, its rows, and the models of the folds.

        Returns
        -------
        model : fitted classifier or Pipeline
            Takes `rows`; `estimator_` takes `X`.
        rows : ndarray, list or table
            Without those that are NaN.
        y : ndarray of shape (n,)
        models : generator of (model, train, test)
        """
        X = as_rows(self, X, reset=True)
        y = column_or_1d(one_per_clip(y, hint=_ONE_LABEL), warn=True)
        check_classification_targets(y)
        check_consistent_length(X, y)
        groups = None if groups is None else as_groups(groups, len(y))
        random_state = own_random_state(self.random_state)
        leading, rest, rows = split_pipeline(self.estimator, X)
        missing = missing_rows(rows)
        if missing.any():
            keep = np.flatnonzero(rows_to_fit(missing))
            X, rows, y = take_rows(X, keep), take_rows(rows, keep), y[keep]
            groups = None if groups is None else groups[keep]
        related = connected(X, groups)
        model = fit_rows(rest, rows, y, groups)
        self.classes_ = np.asarray(model.classes_)
        self.estimator_ = model
        if leading:
            self.estimator_ = type(self.estimator)([*leading, *model.steps])
        models = cross_fit(rest, rows, y, groups, related, self.cv, random_state)
        return model, rows, y, models

    def _outputs(self, X):
        return outputs_of(self.estimator_, as_rows(self, X, reset=False))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        tags.input_tags.sparse = False
        return tags
