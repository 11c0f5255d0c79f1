"""A classifier that says where a clip is of none of its classes."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skaudio._utils.fitted import unfitted_if_it_fails
from skaudio._utils.rows import take_rows
from skaudio._utils.sklearn_compat import (
    HasMethods,
    Interval,
    StrOptions,
    validate_parameters,
)
from skaudio._utils.views import most_probable
from skaudio._utils.warn import warn_user
from skaudio.calibration._base import CrossFittedClassifier
from skaudio.calibration._nonconformity import (
    METHODS,
    fit_nonconformity,
    nonconformity,
)
from skaudio.calibration._outputs import first_view, outputs_of


class UnknownRejector(CrossFittedClassifier):
    """Predict "unknown" for clips that are like none of the training classes.

    A classifier calls everything one of its classes, often with confidence. This one
    measures how unlike the training clips a new clip is, and compares it with training
    clips that were held back: where a share of less than `alpha` of them is as unlike,
    the clip is unknown. So about a share `alpha` of the clips of known classes is
    called unknown, too.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Has ``predict_proba``: a head on embeddings, a network, or a whole pipeline.
    method : {"kernel_discriminant", "energy", "max_probability", "knn"}, \
default="kernel_discriminant"
        What makes a clip unlike the classes.

        "kernel_discriminant"
            The density of the classes in a discriminant analysis with a Gaussian
            kernel, fitted on the features of the clips.
        "energy"
            The logarithm of the sum of the exponentials of the logits (Liu et al.
            2020); `estimator` needs ``decision_function``.
        "max_probability"
            The highest probability (Hendrycks and Gimpel 2017).
        "knn"
            The mean cosine distance to the 5 nearest training clips.

        Features are what the last step of a pipeline takes, or `X` itself, where these
        are vectors; of a network what its last layer takes; else the logarithms of the
        probabilities.
    alpha : float in (0, 1), default=0.05
        Share of the clips of known classes that may be called unknown. `predict` reads
        it anew, so that it can be set after the fit.
    as_class : bool, default=False
        Whether `unknown_label` is one more class with a probability: `detect` then
        reports unknown events, where it reports none without. Where a clip is
        unknown, the probability of that class is 1 less the p-value, and the others
        share the rest; elsewhere it is 0.
    unknown_label : str or int, default="unknown"
        A number where the labels are numbers. It may be one of the classes, such as one
        of other sounds.
    cv : int or splitter, default=5
        Folds by which clips are held back; an integer is ``StratifiedGroupKFold(cv,
        shuffle=True)``, with fewer folds where no class has as many groups.
    random_state : int, RandomState or None, default=None
        Shuffles the folds.

    Attributes
    ----------
    estimator_ : classifier or Pipeline
        Fitted on all clips.
    classes_ : ndarray of shape (n_classes,)
        Those of `estimator_`; with `as_class` also `unknown_label`.
    calibration_scores_ : ndarray of shape (n_calibration,)
        How unlike their classes the held-back clips are, in ascending order.
    class_scores_ : list of ndarray
        For each class the scores (1 - probability of that class) of its held-back
        clips, in ascending order, for `prediction_sets`.
    n_features_in_ : int
        Number of features, where rows are vectors.

    See Also
    --------
    WindowClassifier : Learns a class of background from recordings without animals.

    Notes
    -----
    The p-value of a clip is the share of held-back clips that are at least as unlike,
    the clip itself included (Vovk et al. 2005). It is pooled over classes. Each held-
    back clip is scored by a model that was fitted without it and its group; then all
    clips are fitted. So the share of known clips that is rejected is only about
    `alpha`: the last model has seen more clips than those of the folds, and clips of
    one recording are not independent. Measured with `alpha` 0.05 on synthetic clips, 36
    recordings of 4 clips in training: 0.044 on average, and 0.017 to 0.080 for nine
    training sets of ten. For clips of another place or recorder nothing is known.

    "kernel_discriminant" and "knn" keep the features of the training clips.

    Clips that could not be read (rows of NaN) are left out of `fit` with a warning;
    `predict_proba` and `p_values` give NaN for them, and `predict` raises.

    On the study's clips, each class in turn unknown, "kernel_discriminant" finds more
    unknowns than the others: see the user guide.

    References
    ----------
    V. Vovk, A. Gammerman, G. Shafer, "Algorithmic learning in a random world" (2005),
    and V. Vovk, "Cross-conformal predictors", Annals of Mathematics and Artificial
    Intelligence 74 (2015), for the p-values.

    S. Mika et al., "Fisher discriminant analysis with kernels", Neural Networks for
    Signal Processing IX (1999).

    W. Liu et al., "Energy-based out-of-distribution detection", NeurIPS (2020).

    D. Hendrycks, K. Gimpel, "A baseline for detecting misclassified and
    out-of-distribution examples in neural networks", ICLR (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio import MFCCStatistics, UnknownRejector
    >>> from skaudio.datasets import make_animal_sounds
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> calls = make_animal_sounds(20, n_classes=3, random_state=0)
    >>> model = make_pipeline(
    ...     MFCCStatistics(), StandardScaler(), LogisticRegression(max_iter=1000)
    ... )
    >>> model = UnknownRejector(model, random_state=0)
    >>> model = model.fit(calls.data, calls.target, groups=calls.groups)
    >>> hiss = np.random.RandomState(0).normal(0, 0.1, 16000)
    >>> model.predict([calls.data[0], hiss]).tolist()
    ['cat', 'unknown']
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "method": [StrOptions(set(METHODS))],
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "unknown_label": [str, Integral],
        "as_class": ["boolean"],
        "cv": [
            Interval(Integral, 2, None, closed="left"),
            HasMethods(["split", "get_n_splits"]),
        ],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        *,
        method="kernel_discriminant",
        alpha=0.05,
        unknown_label="unknown",
        as_class=False,
        cv=5,
        random_state=None,
    ):
        self.estimator = estimator
        self.method = method
        self.alpha = alpha
        self.unknown_label = unknown_label
        self.as_class = as_class
        self.cv = cv
        self.random_state = random_state

    def fit(self, X, y, groups=None):
        """Fit a model per fold to score the clips it has not seen, and one on all.

        Parameters
        ----------
        X : array-like, list or table
            What `estimator` takes. Leading steps of a pipeline that decode and embed
            are computed once for all folds. Of views the first is held back.
        y : array-like of shape (n,)
            Labels: strings or integers.
        groups : array-like of shape (n,) or None, default=None
            Clips of one group (source recording, copies) are in one fold, and on one
            side of inner splits of `estimator`. In a pipeline: ``pipe.fit(paths, y,
            clf__groups=groups)``. None: each clip is its own; equal clips stay together
            in any case.

        Returns
        -------
        self : UnknownRejector

        Raises
        ------
        ValueError
            Where no class has two groups of clips, or the kind of `unknown_label` is
            not that of the labels.

        Warns
        -----
        UserWarning
            Where too few clips are held back for a p-value below `alpha`: no clip is
            called unknown then.
        """
        validate_parameters(self)
        with unfitted_if_it_fails(self):
            model, rows, y, models = self._cross_fit(X, y, groups)
            self._check_unknown_label(y)
            self._nonconformity = self._learn(model, rows, y)
            self._calibrate(models, rows, y)
            if self.as_class:
                self.classes_ = np.union1d(self.classes_, [self.unknown_label])
        n_held = len(self.calibration_scores_)
        if n_held + 1 < 1 / self.alpha:
            warn_user(
                f"alpha={self.alpha:g} needs {_needed(self.alpha)} clips that are held "
                f"back, and there are {n_held}: no clip is called unknown. Add clips, "
                "or raise alpha."
            )
        return self

    def predict_proba(self, X):
        """Compute the probability of each class, as `estimator_` does.

        Parameters
        ----------
        X : array-like, list or table
            What `fit` takes.

        Returns
        -------
        probabilities : ndarray of float64, shape (n, n_classes)
            In the order of ``classes_``.
        """
        check_is_fitted(self)
        return self._proba(self._outputs(X))

    def _proba_of_windows(self, X):
        """Compute probabilities for recordings: 0 of all where a window is unknown."""
        outputs = self._outputs(X)
        probabilities = self._proba(outputs)
        if not self.as_class:
            probabilities[self._p_values(outputs) < self.alpha] = 0
        return probabilities

    def _proba(self, outputs):
        known = outputs.probabilities
        if not self.as_class:
            return known
        p_values = self._p_values(outputs)
        unknown = np.where(p_values < self.alpha, 1 - p_values, 0 * p_values)
        probabilities = np.zeros((len(known), len(self.classes_)))
        places = np.searchsorted(self.classes_, self.estimator_.classes_)
        probabilities[:, places] = known * (1 - unknown[:, np.newaxis])
        # It may be one of the known classes, too.
        place = np.searchsorted(self.classes_, self.unknown_label)
        probabilities[:, place] += unknown
        return probabilities

    def p_values(self, X):
        """Compute the share of held-back clips that are at least as unlike the classes.

        Parameters
        ----------
        X : array-like, list or table
            What `fit` takes.

        Returns
        -------
        p_values : ndarray of float64, shape (n,)
            Below `alpha` where a clip is unknown; at least ``1 / (n_calibration + 1)``.
            NaN for a clip that could not be read.
        """
        check_is_fitted(self)
        return self._p_values(self._outputs(X))

    def predict(self, X):
        """Predict the most probable class, or `unknown_label`.

        Parameters
        ----------
        X : array-like, list or table
            What `fit` takes.

        Returns
        -------
        labels : ndarray of shape (n,)

        Raises
        ------
        ValueError
            If rows are NaN (clips that could not be read), naming them.
        """
        check_is_fitted(self)
        outputs = self._outputs(X)
        labels = most_probable(outputs.probabilities, self.estimator_.classes_)
        unknown = self._p_values(outputs) < self.alpha
        if not unknown.any():
            return labels
        # As an array of its own, since text may be longer than that of the classes.
        label = np.asarray([self.unknown_label])
        return np.where(unknown, label, labels)

    def prediction_sets(self, X, alpha=None):
        """List for each clip all classes that are plausible.

        Parameters
        ----------
        X : array-like, list or table
            What `fit` takes.
        alpha : float in (0, 1) or None, default=None
            Share of the clips of known classes whose set may lack their class. None is
            the parameter `alpha`.

        Returns
        -------
        sets : ndarray of bool, shape (n, n_known_classes)
            In the order of ``estimator_.classes_``. A set may be empty, and that of an
            unknown clip need not be: see `p_values`.

        Raises
        ------
        ValueError
            If rows are NaN (clips that could not be read), naming them.

        Warns
        -----
        UserWarning
            Names the classes of which fewer than ``1 / alpha - 1`` clips are held back.
            They are compared with the clips of all classes, so that `alpha` holds for
            all classes together, not for each of them.
        """
        check_is_fitted(self)
        alpha = self.alpha if alpha is None else alpha
        if not isinstance(alpha, Real) or not 0 < alpha < 1:
            raise ValueError(f"alpha={alpha!r}: expected a number between 0 and 1.")
        known = self.estimator_.classes_
        probabilities = self._outputs(X).probabilities
        most_probable(probabilities, known)  # refuses rows of NaN
        pooled = np.sort(np.concatenate(self.class_scores_))
        sets = np.empty(probabilities.shape, bool)
        few = []
        for place, scores in enumerate(self.class_scores_):
            if len(scores) < _needed(alpha):
                few.append(f"{known[place]} ({len(scores)})")
                scores = pooled
            sets[:, place] = _share_above(scores, 1 - probabilities[:, place]) >= alpha
        if few:
            warn_user(
                f"Fewer than {_needed(alpha)} clips were held back of "
                f"{', '.join(few)}: alpha={alpha:g} holds for all classes together, "
                "not for each of these."
            )
        return sets

    def _torch_step(self, step_of):
        """Give the part of an exported model that computes `p_values`, too."""
        from skaudio.calibration._steps import PValueStep

        check_is_fitted(self)
        return PValueStep(
            step_of(self.estimator_),
            *(self.method, self._nonconformity, self.calibration_scores_),
            as_class=self._as_class_columns(),
        )

    def _as_class_columns(self):
        """Return where `as_class` has the probabilities, or None."""
        if not self.as_class:
            return None
        places = np.searchsorted(self.classes_, self.estimator_.classes_)
        place = np.searchsorted(self.classes_, self.unknown_label)
        return self.alpha, len(self.classes_), places.tolist(), int(place)

    def _learn(self, model, rows, y):
        outputs = outputs_of(model, first_view(rows))
        if self.method == "energy" and outputs.logits is None:
            raise ValueError(
                f"method='energy', but {type(model).__name__} has no "
                "decision_function: expected another method, such as "
                "'kernel_discriminant'."
            )
        keep = ~outputs.missing()
        codes = np.unique(y[keep], return_inverse=True)[1]
        return fit_nonconformity(self.method, outputs.take(keep), codes)

    def _calibrate(self, models, rows, y):
        """Score the rows that each model has not seen."""
        pooled, of_classes = [], [[] for _ in self.classes_]
        for model, train, test in models:
            fitted = self._learn(model, take_rows(rows, train), y[train])
            outputs = outputs_of(model, first_view(take_rows(rows, test)))
            keep = ~outputs.missing()
            test, outputs = test[keep], outputs.take(keep)
            pooled.append(nonconformity(self.method, fitted, outputs))
            places = np.searchsorted(model.classes_, y[test])
            own = 1 - outputs.probabilities[np.arange(len(test)), places]
            for code, score in zip(
                np.searchsorted(self.classes_, y[test]), own, strict=True
            ):
                of_classes[code].append(score)
        self.calibration_scores_ = np.sort(np.concatenate(pooled))
        self.class_scores_ = [np.sort(scores) for scores in of_classes]

    def _p_values(self, outputs):
        keep = ~outputs.missing()
        p_values = np.full(len(keep), np.nan)
        if keep.any():
            scores = nonconformity(self.method, self._nonconformity, outputs.take(keep))
            p_values[keep] = _share_above(self.calibration_scores_, scores)
        return p_values

    def _check_unknown_label(self, y):
        is_text = isinstance(self.unknown_label, str)
        if is_text != (np.asarray(y).dtype.kind in "OUST" and isinstance(y[0], str)):
            raise ValueError(
                f"unknown_label={self.unknown_label!r}, and y holds labels such as "
                f"{y[0]!r}: expected both to be text, or both numbers."
            )


def _needed(alpha):
    """Count the clips that must be held back for a p-value below alpha."""
    return int(np.ceil(1 / alpha - 1 - 1e-9))


def _share_above(held, scores):
    """Return the share of scores that are at least as high, the row's own included."""
    n_above = len(held) - np.searchsorted(held, scores, side="left")
    return (1 + n_above) / (len(held) + 1)
