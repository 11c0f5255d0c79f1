"""One prototype per class, over the embeddings of clips."""

from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import softmax
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skaudio._utils.multilabel import NETS_OF_SEVERAL, one_per_clip
from skaudio._utils.sklearn_compat import Interval, StrOptions, validate_parameters
from skaudio._utils.views import most_probable
from skaudio.classifiers._embedding_rows import (
    as_embeddings,
    missing_rows,
    readable_rows,
)

# Weight, in clips, of the common scale of all features against each feature's own.
_CLIPS_OF_COMMON_SCALE = 10
# Inverse temperature, in units of the squared distance of a clip to the true mean of
# its class. Chosen for likelihood on embeddings and MFCC of the study's clips, by
# grouped 5-fold cross-validation.
_SHARPNESS = 5.0
# Share of a prototype's expected error that is corrected for. With all of it a class of
# one clip would be predicted too often, if some classes spread more than others.
_ALLOWED = 0.5


class PrototypicalClassifier(ClassifierMixin, BaseEstimator):
    """The nearest class mean among embeddings, with probabilities.

    One clip per class is enough. `partial_fit` adds clips and classes later, without
    the old clips and without training. Accuracy depends on the embedding: use a
    pretrained one.

    Parameters
    ----------
    metric : {"cosine", "euclidean"}, default="cosine"
        Between rows and prototypes. For "cosine" rows are first scaled to length 1, and
        rows and prototypes again after centring, so that the length of an embedding
        does not matter.
    standardize : bool, default=True
        Centre on the mean of the prototypes and divide each feature by its standard
        deviation within classes, before distances are computed. Deviations are shrunk
        towards their root mean square, which weighs as ten clips. Also correct for the
        error of a mean of few clips, so that a class of three clips is predicted beside
        classes of fifty. False compares with the plain class means.
    temperature : float or "auto", default="auto"
        Divisor of the squared distances in the softmax. "auto" is a fifth of the
        expected squared distance of a clip to its own prototype, and more if the
        prototypes are means of few clips: two fifths for one clip.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, as given.
    prototypes_ : ndarray of float64, shape (n_classes, n_features)
        Class means; for "cosine" of rows scaled to length 1.
    class_count_ : ndarray of int, shape (n_classes,)
        Clips per class.
    n_features_in_ : int

    See Also
    --------
    PrototypicalNetClassifier : Learns an embedding of log-mels, in episodes.
    skaudio.model_selection.few_shot_curve : Accuracy against clips per class.

    Notes
    -----
    `fit` computes only sums over rows: counts, means, and squared deviations within
    classes. So ``fit`` on all rows equals any sequence of ``partial_fit``, and there is
    no validation split that could leak.

    Rows that are all NaN (clips that could not be read) are left out of `fit` with a
    warning; `predict_proba` gives NaN for them.

    References
    ----------
    J. Snell, K. Swersky, R. Zemel, "Prototypical networks for few-shot learning", NIPS
    2017. Y. Wang, W.-L. Chao, K. Q. Weinberger, L. van der Maaten, "SimpleShot:
    revisiting nearest-neighbor classification for few-shot learning", arXiv:1911.04623
    (2019), for centring and length 1.

    Examples
    --------
    >>> from skaudio import MFCCStatistics, PrototypicalClassifier
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(6, n_classes=3, random_state=0)
    >>> X = MFCCStatistics().transform(calls.data)
    >>> old = calls.target != "dog"
    >>> model = PrototypicalClassifier().fit(X[old], calls.target[old])
    >>> model.classes_
    array(['cat', 'cow'], dtype='<U3')
    >>> model = model.partial_fit(X[~old], calls.target[~old])
    >>> model.classes_
    array(['cat', 'cow', 'dog'], dtype='<U3')
    """

    _parameter_constraints = {
        "metric": [StrOptions({"cosine", "euclidean"})],
        "standardize": ["boolean"],
        "temperature": [
            Interval(Real, 0, None, closed="neither"),
            StrOptions({"auto"}),
        ],
    }

    def __init__(self, metric="cosine", standardize=True, temperature="auto"):
        self.metric = metric
        self.standardize = standardize
        self.temperature = temperature

    def fit(self, X, y):
        """Compute the mean of each class.

        Parameters
        ----------
        X : float array of shape (n, n_features)
        y : array-like of shape (n,)
            Labels: strings or integers. A single class is allowed.

        Returns
        -------
        self : PrototypicalClassifier
        """
        validate_parameters(self)
        return self._take(X, y, reset=True)

    def partial_fit(self, X, y, classes=None):
        """Add clips, of known or of new classes.

        Parameters
        ----------
        X : float array of shape (n, n_features)
        y : array-like of shape (n,)
        classes : array-like or None, default=None
            If given, must hold all labels of `y`. Not needed: a class gets its
            prototype with its first clip.

        Returns
        -------
        self : PrototypicalClassifier

        Raises
        ------
        ValueError
            If labels are strings and the classes so far are numbers, or vice versa, and
            for another number of features than before.
        """
        validate_parameters(self)
        if classes is not None:
            unknown = np.setdiff1d(y, classes).tolist()
            if unknown:
                raise ValueError(
                    f"y holds {unknown}, not among classes={list(classes)}: leave out "
                    "`classes`, which new classes do not need."
                )
        return self._take(X, y, reset=not hasattr(self, "prototypes_"))

    def predict_proba(self, X):
        """Compute the softmax of the negative squared distances over the temperature.

        Parameters
        ----------
        X : float array of shape (n, n_features)

        Returns
        -------
        probabilities : ndarray of float64, shape (n, n_classes)
            In the order of `classes_`. NaN rows give NaN.
        """
        check_is_fitted(self)
        X = as_embeddings(self, X, reset=False)
        missing = missing_rows(X)
        probabilities = np.full((len(X), len(self.classes_)), np.nan)
        if not missing.all():
            squares, temperature = self._squares(self._scaled(X[~missing]))
            probabilities[~missing] = softmax(-squares / temperature)
        return probabilities

    def predict(self, X):
        """Predict the class of the nearest prototype.

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

    def _take(self, X, y, reset):
        if y is not None:
            y = one_per_clip(y, hint=NETS_OF_SEVERAL)
        X, y = as_embeddings(self, X, y, reset=reset)
        check_classification_targets(y)
        keep = readable_rows(X)
        X, y = X[keep], y[keep]
        if reset:
            self.classes_ = y[:0]
            self.class_count_ = np.zeros(0, int)
            self.prototypes_ = np.zeros((0, X.shape[1]))
            self._scatter = np.zeros(X.shape[1])
        elif _is_text(y) != _is_text(self.classes_):
            kinds = ("numbers", "text")
            raise ValueError(
                f"The labels {', '.join(map(repr, np.unique(y).tolist()))} are "
                f"{kinds[_is_text(y)]}, but the classes so far are "
                f"{kinds[_is_text(self.classes_)]}: {self.classes_.tolist()}."
            )
        self._make_room(np.unique(y))
        places = np.searchsorted(self.classes_, y)
        for place in np.unique(places):
            self._add_to(place, self._scaled(X[places == place]))
        return self

    def _scaled(self, rows):
        return normalize(rows) if self.metric == "cosine" else rows

    def _make_room(self, labels):
        """Insert new labels in sorted order, with no clips yet."""
        classes = np.unique(np.concatenate([self.classes_, labels]))
        counts = np.zeros(len(classes), int)
        means = np.zeros((len(classes), self.prototypes_.shape[1]))
        places = np.searchsorted(classes, self.classes_)
        counts[places], means[places] = self.class_count_, self.prototypes_
        self.classes_, self.class_count_, self.prototypes_ = classes, counts, means

    def _add_to(self, place, rows):
        """Merge the sums of two parts of a class, by Chan et al. (1979)."""
        old, new = self.class_count_[place], len(rows)
        mean = rows.mean(axis=0)
        change = mean - self.prototypes_[place]
        self._scatter += ((rows - mean) ** 2).sum(axis=0)
        self._scatter += change**2 * (old * new / (old + new))
        self.prototypes_[place] += change * (new / (old + new))
        self.class_count_[place] = old + new

    def _squares(self, rows):
        """Compute squared distances of rows to prototypes, and the temperature."""
        centre, scale = self._space()
        rows, prototypes = (rows - centre) / scale, (self.prototypes_ - centre) / scale
        sizes = (prototypes**2).sum(axis=1)
        within = self._spread_within(scale)
        # Expected squared error of a mean of few clips.
        errors = within / self.class_count_
        if self.metric == "cosine":
            cosines = normalize(rows) @ normalize(prototypes).T
            # The error makes a prototype longer, and so its cosines smaller.
            sizes = np.maximum(sizes, 1e-30)
            lengths = np.maximum(sizes - errors, 0.1 * sizes)
            own = lengths / np.sqrt(sizes * (lengths + within))
            if self.standardize:
                cosines *= (sizes / lengths) ** (_ALLOWED / 2)
                own *= (sizes / lengths) ** (_ALLOWED / 2)
            squares, within = 2 - 2 * cosines, 2 - 2 * own.mean()
        else:
            squares = euclidean_distances(rows, prototypes, squared=True)
            if self.standardize:
                squares -= _ALLOWED * errors
        if self.temperature != "auto":
            return squares, self.temperature
        # With n clips per class, the squared error of a mean is an nth of a clip's.
        n_clips = self.class_count_.mean()
        return squares, (within or 1.0) / (_SHARPNESS * n_clips / (n_clips + 1))

    def _space(self):
        """Compute the centre and the scale by which features are standardised."""
        if not self.standardize:
            return 0.0, np.ones(len(self._scatter))
        n_free = self.class_count_.sum() - len(self.classes_)
        scale = np.ones(len(self._scatter))
        common = self._scatter.mean()
        if common > 0:
            common *= _CLIPS_OF_COMMON_SCALE / n_free
            variance = self._scatter + common
            scale = np.sqrt(variance / (n_free + _CLIPS_OF_COMMON_SCALE))
        return self.prototypes_.mean(axis=0), scale

    def _spread_within(self, scale):
        """Estimate the squared distance of a clip to the true mean of its class."""
        n_free = self.class_count_.sum() - len(self.classes_)
        within = (self._scatter / scale**2).sum() / max(n_free, 1)
        if not within:
            # One clip per class: half of the mean squared distance of two prototypes.
            spread = ((self.prototypes_ - self.prototypes_.mean(axis=0)) / scale) ** 2
            within = spread.sum() / max(len(self.classes_) - 1, 1)
        return within


def _is_text(labels):
    return labels.dtype.kind in "US" or any(isinstance(v, str) for v in labels)
