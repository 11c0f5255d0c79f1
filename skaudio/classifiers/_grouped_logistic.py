"""Logistic regression whose penalty is chosen by grouped cross-validation."""

import warnings
from numbers import Integral

import numpy as np
import pandas as pd
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    check_is_fitted,
)

from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import HEADS_OF_SEVERAL, one_per_clip
from skaudio._utils.related_rows import related_rows
from skaudio._utils.sklearn_compat import (
    Interval,
    StrOptions,
    check_sample_weight,
    validate_parameters,
)
from skaudio._utils.threads import limited_threads
from skaudio._utils.views import most_probable
from skaudio._utils.warn import warn_user
from skaudio.classifiers._embedding_rows import (
    as_embeddings,
    missing_rows,
    readable_rows,
)
from skaudio.classifiers._penalty_path import penalty_path, rotate

# Where nothing can be chosen: the C of the head "logistic" of skaudio.pipelines.
_FALLBACK = 0.01


class GroupedLogisticRegressionCV(ClassifierMixin, BaseEstimator):
    """Logistic regression that chooses its penalty by grouped cross-validation.

    For standardised embeddings of few clips. scikit-learn's LogisticRegressionCV splits
    clips of one recording apart, unless metadata routing is enabled, and so finds a
    penalty that is too weak.

    Parameters
    ----------
    Cs : sequence of float, default=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
        Inverse penalties to choose from, as ``C`` of LogisticRegression. One alone is
        taken as it is.
    n_splits : int, default=5
        Number of folds; as many as a class has groups, where these are fewer.
    class_weight : dict, "balanced" or None, default="balanced"
        Weights of the classes, in the fit and in the choice.
    n_threads : int or None, default=1
        Threads of BLAS in `fit`: where other work runs beside it, a second one costs
        ten times what it gains. None leaves the setting.

    Attributes
    ----------
    C_ : float
        The chosen one.
    log_loss_ : ndarray of shape (n_Cs,)
        The weighted mean log-loss of the held-out rows, for each of `Cs` in ascending
        order. NaN where there was nothing to choose by.
    classes_ : ndarray of shape (n_classes,)
        The labels, as given.
    coef_ : ndarray of shape (n_classes, n_features); (1, n_features) of two classes
    intercept_ : ndarray of shape (n_classes,); (1,) of two classes
    n_features_in_ : int

    See Also
    --------
    PrototypicalClassifier : Learns from one clip per class, and adds classes later.

    Notes
    -----
    The folds are those of StratifiedGroupKFold without shuffling; rows with equal
    values stay together, too. A held-out row counts where its class is trained on. So a
    class with a single group has no say in the choice, and still trains in every fold
    but one and in the final fit. Where no class has two groups, `fit` warns and takes
    the C closest to 0.01. Nothing is random.

    All folds and penalties share one rotation of the rows to their singular vectors,
    which changes no distance and sees no label: of 60 clips with 5000 features each 60
    coordinates remain. The final fit is scikit-learn's LogisticRegression.

    Rows that are all NaN (clips that could not be read) are left out of `fit` with a
    warning; `predict_proba` gives NaN for them.

    References
    ----------
    T. Hastie, R. Tibshirani, "Efficient quadratic regularization for expression
    arrays", Biostatistics 5 (2004), for the rotation.

    Examples
    --------
    >>> from skaudio import GroupedLogisticRegressionCV, MFCCStatistics
    >>> from skaudio.datasets import make_animal_sounds
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> calls = make_animal_sounds(12, n_classes=3, random_state=0)
    >>> X = MFCCStatistics().transform(calls.data)
    >>> pipe = make_pipeline(StandardScaler(), GroupedLogisticRegressionCV())
    >>> pipe = pipe.fit(
    ...     X, calls.target, groupedlogisticregressioncv__groups=calls.groups
    ... )
    >>> pipe.predict(X[:3]).tolist()
    ['cat', 'cat', 'cat']
    """

    # With metadata routing on, plain `groups=` reaches the folds.
    __metadata_request__fit = {"groups": True}

    _parameter_constraints = {
        "Cs": [list, tuple, np.ndarray],
        "n_splits": [Interval(Integral, 2, None, closed="left")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "n_threads": [None, Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        Cs=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
        n_splits=5,
        class_weight="balanced",
        n_threads=1,
    ):
        self.Cs = Cs
        self.n_splits = n_splits
        self.class_weight = class_weight
        self.n_threads = n_threads

    def fit(self, X, y, sample_weight=None, *, groups=None):
        """Choose the penalty, and fit with it on all rows.

        Parameters
        ----------
        X : float array of shape (n, n_features)
            Standardised: a penalty treats all features alike.
        y : array-like of shape (n,)
            Labels: strings or integers.
        sample_weight : array-like of shape (n,) or None
            Weights of the rows, on top of `class_weight`.
        groups : array-like of shape (n,) or None
            Rows of one group (source recording, copies) are in one fold. In a pipeline:
            ``pipe.fit(paths, y, clf__groups=groups)``. None: each row is its own.

        Returns
        -------
        self : the fitted classifier

        Raises
        ------
        ValueError
            For a single class, `Cs` that are not positive, groups of another length.

        Warns
        -----
        UserWarning
            Where no class has two groups, so that nothing can be held out.
        """
        validate_parameters(self)
        if y is not None:
            y = one_per_clip(y, hint=HEADS_OF_SEVERAL)
        X, y = as_embeddings(self, X, y)
        check_classification_targets(y)
        weights = check_sample_weight(sample_weight, X, dtype=np.float64)
        if groups is not None:
            groups = as_groups(groups, len(X))
        keep = readable_rows(X)
        X, y, weights = X[keep], y[keep], weights[keep]
        weights = weights * compute_sample_weight(self.class_weight, y)
        groups = related_rows(X, None if groups is None else groups[keep])
        # In order of appearance: the last digits of embeddings differ by processor.
        groups = pd.factorize(groups)[0]
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs at least 2 classes; the data holds only "
                f"one class: {self.classes_.tolist()}."
            )
        with limited_threads(self.n_threads):
            rotation = rotate(X)
            self.C_ = self._choose(rotation, codes, weights, groups)
            self._model = self._fit_final(X, y, weights, rotation, codes)
        self.coef_, self.intercept_ = self._model.coef_, self._model.intercept_
        return self

    def decision_function(self, X):
        """Compute the log-odds, as LogisticRegression gives them.

        Parameters
        ----------
        X : float array of shape (n, n_features)

        Returns
        -------
        scores : ndarray of shape (n, n_classes); (n,) of two classes
            NaN rows give NaN.
        """
        return self._of_rows("decision_function", X)

    def predict_proba(self, X):
        """Compute the probability of each class.

        Parameters
        ----------
        X : float array of shape (n, n_features)

        Returns
        -------
        probabilities : ndarray of float64, shape (n, n_classes)
            In the order of `classes_`. NaN rows give NaN.
        """
        return self._of_rows("predict_proba", X)

    def predict(self, X):
        """Predict the most probable class.

        Parameters
        ----------
        X : float array of shape (n, n_features)

        Returns
        -------
        labels : ndarray of shape (n,)

        Raises
        ------
        ValueError
            If rows are NaN (clips that could not be read), naming them.
        """
        return most_probable(self.predict_proba(X), self.classes_)

    def _torch_step(self, step_of):
        """Give the part of an exported model that computes `predict_proba`."""
        check_is_fitted(self)
        return step_of(self._model)

    def _of_rows(self, method, X):
        check_is_fitted(self)
        X = as_embeddings(self, X, reset=False)
        missing = missing_rows(X)
        found = getattr(self._model, method)(np.where(missing[:, np.newaxis], 0.0, X))
        found[missing] = np.nan
        return found

    def _choose(self, rotation, codes, weights, groups):
        """Give the C of the least log-loss of held-out rows."""
        Cs = np.sort(np.asarray(self.Cs, dtype=float).ravel())
        if not len(Cs) or not (Cs > 0).all():
            raise ValueError(f"Cs={self.Cs!r}: expected numbers above 0.")
        self.log_loss_ = np.full(len(Cs), np.nan)
        if len(Cs) == 1:
            return Cs[0]
        losses, held = np.zeros(len(Cs)), 0.0
        for train, test in self._folds(codes, groups):
            # Classes that this fold does not train on have no probabilities.
            known, places = np.unique(codes[train], return_inverse=True)
            test = test[np.isin(codes[test], known)]
            if len(known) < 2 or not len(test):
                continue
            path = penalty_path(
                rotation.rows[train],
                rotation.scatter,
                places,
                len(known),
                weights[train],
                Cs,
            )
            true = np.searchsorted(known, codes[test])
            for place, coefficients in enumerate(path):
                logits = rotation.rows[test] @ coefficients[:-1] + coefficients[-1]
                logs = log_softmax(logits, axis=1)[np.arange(len(test)), true]
                losses[place] -= weights[test] @ logs
            held += weights[test].sum()
        if not held:
            closest = Cs[np.abs(np.log(Cs / _FALLBACK)).argmin()]
            warn_user(
                "C cannot be chosen, since no class has two groups of clips to train "
                f"on one and score another: C={closest:g} is taken."
            )
            return closest
        self.log_loss_ = losses / held
        return Cs[self.log_loss_.argmin()]

    def _folds(self, codes, groups):
        pairs = np.unique(np.column_stack([codes, groups]), axis=0)
        n_folds = min(self.n_splits, np.bincount(pairs[:, 0]).max())
        if n_folds < 2:
            return []
        with warnings.catch_warnings():
            # The least populated class may have fewer rows than there are folds.
            warnings.filterwarnings("ignore", "The least populated class")
            return list(StratifiedGroupKFold(n_folds).split(codes, codes, groups))

    def _fit_final(self, X, y, weights, rotation, codes):
        model = LogisticRegression(C=self.C_, max_iter=1000, warm_start=True)
        (start,) = penalty_path(
            rotation.rows,
            rotation.scatter,
            codes,
            len(self.classes_),
            weights,
            [self.C_],
            gtol=1e-4,
        )
        if len(self.classes_) == 2:
            start = start[:, 1:] - start[:, :1]
        model.coef_ = start[:-1].T @ rotation.back
        model.intercept_ = start[-1] - model.coef_ @ rotation.centre
        return model.fit(X, y, sample_weight=weights)
