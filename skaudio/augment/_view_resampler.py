"""Class balancing for imbalanced-learn's Pipeline, clip by clip with all views."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from skaudio._utils.labels import as_labels
from skaudio._utils.log_mels import as_log_mels
from skaudio._utils.multilabel import refuse_matrix
from skaudio._utils.optional import import_optional
from skaudio._utils.sklearn_compat import validate_parameters


class ViewResampler(BaseEstimator):
    """Repeat rows of rare classes, each with all of its views.

    A step for imbalanced-learn's Pipeline, which calls `fit_resample` in training and
    leaves the step out in prediction. Needs ``pip install 'skaudio[imbalance]'``.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As of imbalanced-learn's RandomOverSampler: "auto" raises every class to the
        size of the largest.
    flatten : bool, default=False
        Make each view a row of its own. Only for estimators that take no views and make
        no inner split: two views of one clip on both sides of a split are a leak.
        The classifiers of skaudio take the views as they are.
    random_state : int, RandomState or None, default=None
        Chooses the rows that are repeated.

    Attributes
    ----------
    sample_indices_ : ndarray of int, shape (n_resampled,)
        The row of `X` that each row of the result comes from.

    See Also
    --------
    EnhancedCNN1DClassifier : ``sampler="balanced"`` balances the classes in each batch
        and, unlike a resampler, keeps groups aligned; use it where there are groups.

    References
    ----------
    G. Lemaître, F. Nogueira, C. K. Aridas, "Imbalanced-learn", JMLR 18 (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio import ViewResampler
    >>> views = np.zeros((5, 2, 8, 10), np.float32)
    >>> X, y = ViewResampler(random_state=0).fit_resample(views, list("aaaab"))
    >>> X.shape, "".join(y)
    ((8, 2, 8, 10), 'aaaabbbb')
    """

    _parameter_constraints = {
        "sampling_strategy": [float, str, dict, callable],
        "flatten": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(self, sampling_strategy="auto", flatten=False, random_state=None):
        self.sampling_strategy = sampling_strategy
        self.flatten = flatten
        self.random_state = random_state

    def fit(self, X, y):
        """Check the parameters and find the rows.

        Parameters
        ----------
        X : array of shape (n, ...)
        y : array-like of shape (n,)

        Returns
        -------
        self : ViewResampler
        """
        self.fit_resample(X, y)
        return self

    def fit_resample(self, X, y):
        """Repeat rows.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
        y : array-like of shape (n,)

        Returns
        -------
        X : ndarray of float32, shape (n_resampled, ...)
            With `flatten` (n_resampled * n_views, n_mels, n_frames).
        y : ndarray of the same length
        """
        validate_parameters(self)
        X = as_log_mels(self, X, reset=True)
        refuse_matrix(y, hint='Use class_weight="balanced" of the classifier instead.')
        y = column_or_1d(as_labels(y), warn=True)
        check_consistent_length(X, y)
        check_classification_targets(y)
        samplers = import_optional(
            "imblearn.over_sampling", "imbalanced-learn", "imbalance"
        )
        sampler = samplers.RandomOverSampler(
            sampling_strategy=self.sampling_strategy, random_state=self.random_state
        )
        rows, _ = sampler.fit_resample(np.arange(len(y))[:, None], y)
        self.sample_indices_ = rows[:, 0]
        X, y = X[self.sample_indices_], y[self.sample_indices_]
        if self.flatten and X.ndim == 4:
            y = np.repeat(y, X.shape[1])
            X = X.reshape(-1, *X.shape[2:])
        return X, y

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags
