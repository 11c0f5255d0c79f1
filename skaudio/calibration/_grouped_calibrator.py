"""Probabilities whose confidence is right, by grouped folds."""

from numbers import Integral

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.utils.validation import check_is_fitted

from skaudio._utils.fitted import unfitted_if_it_fails
from skaudio._utils.rows import take_rows
from skaudio._utils.sklearn_compat import HasMethods, Interval, validate_parameters
from skaudio._utils.views import most_probable
from skaudio.calibration._base import CrossFittedClassifier
from skaudio.calibration._outputs import first_view, logs, outputs_of

_RANGE = 10.0  # the temperature is between a tenth and ten


class GroupedCalibrator(CrossFittedClassifier):
    """Scale the probabilities of a classifier, by clips held back in grouped folds.

    Of the clips that a calibrated classifier calls a cat with probability 0.8, about 80
    % are cats. A strong penalty makes probabilities too low, long training too high.
    Temperature scaling divides the logits by one number, so that no predicted class
    changes.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Has ``predict_proba``.
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
        Those of `estimator_`.
    temperature_ : float
        Between 0.1 and 10. Below 1 the probabilities of `estimator_` were too low.
    n_calibration_ : int
        Clips that were held back.
    calibration_ : dict
        ``method``, ``temperature`` and ``n_clips``, for the card of a saved model.
    n_features_in_ : int
        Number of features, where rows are vectors.

    See Also
    --------
    skaudio.metrics.reliability_curve : The calibration error of predictions.
    GroupedLogisticRegressionCV : A head that chooses its penalty by log-loss.

    Notes
    -----
    scikit-learn's CalibratedClassifierCV passes no groups to its folds unless metadata
    routing is enabled, and with ``ensemble=False`` not even then, so that clips of one
    recording would calibrate each other.

    To the held-back clips one is added whose second most probable class is right, as
    Platt (1999) does, so that no probability becomes 1 where all of them are right.

    The probabilities hold for clips as frequent as those of the training set. In a
    recording, in which most windows hold no animal, they are too high.

    Clips that could not be read (rows of NaN) are left out of `fit` with a warning;
    `predict_proba` gives NaN for them.

    References
    ----------
    C. Guo et al., "On calibration of modern neural networks", ICML (2017).

    J. Platt, "Probabilistic outputs for support vector machines", Advances in Large
    Margin Classifiers (1999).

    Examples
    --------
    >>> from skaudio import GroupedCalibrator, MFCCStatistics
    >>> from skaudio.datasets import make_animal_sounds
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> calls = make_animal_sounds(20, n_classes=3, random_state=0)
    >>> X = MFCCStatistics().transform(calls.data)
    >>> head = make_pipeline(StandardScaler(), LogisticRegression(C=0.001))
    >>> model = GroupedCalibrator(head, random_state=0)
    >>> model = model.fit(X, calls.target, groups=calls.groups)
    >>> model.temperature_ < 1  # such a penalty makes probabilities too low
    True
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "cv": [
            Interval(Integral, 2, None, closed="left"),
            HasMethods(["split", "get_n_splits"]),
        ],
        "random_state": ["random_state"],
    }

    def __init__(self, estimator, *, cv=5, random_state=None):
        self.estimator = estimator
        self.cv = cv
        self.random_state = random_state

    def fit(self, X, y, groups=None):
        """Fit a model per fold to learn the temperature, and one on all clips.

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
        self : GroupedCalibrator

        Raises
        ------
        ValueError
            Where no class has two groups of clips.
        """
        validate_parameters(self)
        with unfitted_if_it_fails(self):
            _, rows, y, models = self._cross_fit(X, y, groups)
            logits, codes = [], []
            for model, _, test in models:
                outputs = outputs_of(model, first_view(take_rows(rows, test)))
                keep = ~outputs.missing()
                places = np.searchsorted(self.classes_, model.classes_)
                # Classes that this fold does not train on stay at probability 0.
                of_all = np.full((keep.sum(), len(self.classes_)), -np.inf)
                of_all[:, places] = logs(outputs.probabilities[keep])
                logits.append(of_all)
                codes.append(np.searchsorted(self.classes_, y[test[keep]]))
            logits, codes = np.concatenate(logits), np.concatenate(codes)
            self.temperature_ = _temperature(logits, codes)
            self.n_calibration_ = len(codes)
        return self

    def predict_proba(self, X):
        """Compute the calibrated probability of each class.

        Parameters
        ----------
        X : array-like, list or table
            What `fit` takes.

        Returns
        -------
        probabilities : ndarray of float64, shape (n, n_classes)
            NaN for a clip that could not be read.
        """
        check_is_fitted(self)
        logits = logs(self._outputs(X).probabilities)
        return softmax(logits / self.temperature_, axis=1)

    def predict(self, X):
        """Predict the most probable class.

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
        return most_probable(self.predict_proba(X), self.classes_)

    def _torch_step(self, step_of):
        """Give the part of an exported model that computes `predict_proba`."""
        from skaudio.calibration._steps import TemperatureStep

        check_is_fitted(self)
        return TemperatureStep(step_of(self.estimator_), self.temperature_)

    @property
    def calibration_(self):
        """How the probabilities were calibrated."""
        check_is_fitted(self)
        return {
            "method": "temperature",
            "temperature": self.temperature_,
            "n_clips": self.n_calibration_,
        }


def _temperature(logits, codes):
    """Find the temperature of the least log-loss."""
    rows = np.arange(len(codes))
    seconds = np.argsort(logits, axis=1)[:, -2]

    def loss(log_temperature):
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        # One clip more, as likely any of these, that is of the second most probable
        # class: where all held-back clips are right, no prediction becomes certain.
        return -scaled[rows, codes].sum() - scaled[rows, seconds].mean()

    limit = np.log(_RANGE)
    found = minimize_scalar(loss, bounds=(-limit, limit), method="bounded")
    return float(np.exp(found.x))
