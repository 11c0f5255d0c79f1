"""A classifier that also learns from clips without a label."""

from numbers import Integral, Real

from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils.validation import check_is_fitted

from skaudio import _nets
from skaudio._utils.multilabel import NETS_OF_SEVERAL, refuse_matrix
from skaudio._utils.sklearn_compat import Interval, validate_parameters
from skaudio.classifiers._base import AudioClassifier


class FixMatchClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Train a network on labelled and unlabelled clips (FixMatch).

    A confident prediction for a clip without a label becomes its pseudo-label, to which
    an augmented variant of the clip is trained.

    Parameters
    ----------
    estimator : AudioClassifier
        Such as `AlexNetMelClassifier`. Its `augment` (without mixup; else
        ``SpecAugmenter()``), and a random view, make the augmented variant. Rows
        without a label have no part in its classes, class weights, `sampler` and
        validation rows; those that share a group with a validation row, or are its
        copy, are left out.
    confidence : float in (0, 1] or dict, default=0.95
        Least probability of a pseudo-label; as a dict by class, 0.95 for classes that
        it does not name.
    unlabelled_ratio : int, default=2
        Unlabelled rows per labelled row of a batch.
    unlabelled_weight : float, default=1.0
        Weight of the loss over unlabelled rows.

    Attributes
    ----------
    estimator_ : AudioClassifier
        The fitted network; its ``history_`` also has ``pseudo_share``, the share of
        unlabelled rows with a pseudo-label.
    classes_ : ndarray of shape (n_classes,)
        The labels, as given.
    n_features_in_ : int
        Number of mel bands (of samples, if rows are 1-D).

    See Also
    --------
    sklearn.semi_supervised.SelfTrainingClassifier : For embeddings with a shallow head.

    References
    ----------
    K. Sohn et al., "FixMatch: Simplifying semi-supervised learning with consistency and
    confidence", NeurIPS 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio import AlexNetMelClassifier, FixMatchClassifier, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(10, n_classes=2, random_state=0)
    >>> log_mels = LogMelExtractor(n_mels=32, n_frames=60).transform(calls.data)
    >>> y = calls.target.astype(object)
    >>> y[::2] = None
    >>> network = AlexNetMelClassifier(
    ...     max_epochs=2, early_stopping=False, random_state=0
    ... )
    >>> classifier = FixMatchClassifier(network).fit(log_mels, y)
    >>> classifier.classes_.tolist()
    ['cat', 'cow']
    """

    __metadata_request__fit = {"groups": True}

    _parameter_constraints = {
        "estimator": [AudioClassifier],
        "confidence": [Interval(Real, 0, 1, closed="right"), dict],
        "unlabelled_ratio": [Interval(Integral, 1, None, closed="left")],
        "unlabelled_weight": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self, estimator, *, confidence=0.95, unlabelled_ratio=2, unlabelled_weight=1.0
    ):
        self.estimator = estimator
        self.confidence = confidence
        self.unlabelled_ratio = unlabelled_ratio
        self.unlabelled_weight = unlabelled_weight

    def fit(self, X, y, sample_weight=None, *, groups=None):
        """Train on log-mels or their views, of which some have no label.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
        y : array-like of shape (n,)
            Labels; -1 or None where there is none (strings then come in an object
            array).
        sample_weight, groups
            As in the network's ``fit``.

        Returns
        -------
        self : the fitted classifier
        """
        validate_parameters(self)
        _nets.encoder_weights.refuse_unfrozen(self.estimator)
        refuse_matrix(y, hint=NETS_OF_SEVERAL)
        y, labelled = _nets.fixmatch.known_labels(y)
        fixmatch = _nets.fixmatch.FixMatch(
            labelled, self.confidence, self.unlabelled_ratio, self.unlabelled_weight
        )
        self.estimator_ = clone(self.estimator)
        self.estimator_._fit(X, y, sample_weight, groups, fixmatch)
        self.classes_ = self.estimator_.classes_
        return self

    def predict_proba(self, X):
        """Compute the probability of each class, as the network does.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        probabilities : ndarray of float64, shape (n, n_classes)
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    def predict(self, X):
        """Predict the most probable class of each clip.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        labels : ndarray of shape (n,)
        """
        check_is_fitted(self)
        return self.estimator_.predict(X)

    @property
    def n_features_in_(self):
        """Number of mel bands (of samples, if rows are 1-D)."""
        return self.estimator_.n_features_in_

    @property
    def history_(self):
        """The epochs of the network."""
        return self.estimator_.history_

    @property
    def n_parameters_(self):
        """Parameters of the network."""
        return self.estimator_.n_parameters_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
