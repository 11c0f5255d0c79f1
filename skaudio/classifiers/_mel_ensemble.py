"""Networks that train apart, their predictions averaged."""

from numbers import Integral

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from skaudio import _nets
from skaudio._utils.random_state import own_random_state
from skaudio._utils.sklearn_compat import (
    BaseComposition,
    side_by_side,
    validate_parameters,
)
from skaudio._utils.views import predicted_labels
from skaudio.classifiers._base import AudioClassifier


class MelEnsembleClassifier(ClassifierMixin, BaseComposition):
    """Average the probabilities of networks that are trained apart.

    Networks of different kinds err on different clips, so that their average errs less
    than each.

    Parameters
    ----------
    members : list of (str, AudioClassifier)
        Unfitted networks by name; ``reference_pipelines()["mel_ensemble"]`` has those
        that were chosen by cross-validation on the study's clips.
    random_state : int, RandomState or None, default=None
        Seeds each member whose own `random_state` is None.
    n_jobs : int or None, default=None
        Processes in which members are trained at the same time; -1 takes a core for
        each. A member is the same as when trained alone. Each process imports torch,
        some seconds, so that it pays from about a hundred clips on. Where folds or
        other fits run in processes already, members train one after the other.

    Attributes
    ----------
    members_ : list of (str, AudioClassifier)
        The fitted networks.
    classes_ : ndarray of shape (n_classes,)
        The labels, as given, or the columns of an indicator matrix.
    multilabel_ : bool
        Whether `y` was an indicator matrix: several labels per clip.
    history_ : list of dict
        The epochs of all members, one after the other, with the ``member``.
    n_parameters_ : int
        Parameters of all members.
    n_features_in_ : int
        Number of mel bands (of samples, if rows are 1-D).

    See Also
    --------
    sklearn.ensemble.VotingClassifier : For members that take no groups and no views.

    References
    ----------
    L. K. Hansen, P. Salamon, "Neural network ensembles", IEEE Transactions on Pattern
    Analysis and Machine Intelligence 12 (1990).

    Examples
    --------
    >>> from skaudio import (
    ...     AlexNetMelClassifier,
    ...     EnhancedCNN1DClassifier,
    ...     LogMelExtractor,
    ...     MelEnsembleClassifier,
    ... )
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> log_mels = LogMelExtractor(n_mels=64, n_frames=100).transform(calls.data)
    >>> ensemble = MelEnsembleClassifier(
    ...     [
    ...         ("cnn1d", EnhancedCNN1DClassifier(max_epochs=2)),
    ...         ("alexnet", AlexNetMelClassifier(max_epochs=2)),
    ...     ],
    ...     random_state=0,
    ... )
    >>> ensemble = ensemble.fit(log_mels, calls.target, groups=calls.groups)
    >>> ensemble.predict(log_mels[:2]).shape
    (2,)
    """

    # With metadata routing on, plain `groups=` reaches the inner splits.
    __metadata_request__fit = {"groups": True}

    _parameter_constraints = {
        "members": [list],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
    }

    n_jobs = None  # of models that were saved without this parameter

    def __init__(self, members, *, random_state=None, n_jobs=None):
        self.members = members
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X, y, sample_weight=None, *, groups=None):
        """Train each member on log-mels or their views.

        Parameters
        ----------
        X, y, sample_weight, groups
            As in ``AlexNetMelClassifier.fit``.

        Returns
        -------
        self : the fitted classifier

        Raises
        ------
        ValueError
            Where `members` are no named networks, or a member cannot be fitted.
        """
        validate_parameters(self)
        random_state = own_random_state(self.random_state)
        names, members = [], []
        for name, member in self._members():
            _nets.encoder_weights.refuse_unfrozen(member)
            member = clone(member)
            # Drawn for each, so that one member's seed does not move the others'.
            seed = int(random_state.randint(2**31 - 1))
            if member.random_state is None:
                member.set_params(random_state=seed)
            names.append(name)
            members.append(member)
        # Processes, not threads: torch has one random generator for a whole process.
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(member.fit)(X, y, sample_weight, groups=groups)
            for member in members
        )
        self.members_ = list(zip(names, fitted, strict=True))
        self.classes_ = fitted[0].classes_
        return self

    def predict_proba(self, X):
        """Compute the probability of each class, averaged over members and views.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        probabilities : ndarray of float64, shape (n, n_classes)
            NaN rows give NaN.
        """
        check_is_fitted(self)
        return np.mean([member.predict_proba(X) for _, member in self.members_], axis=0)

    def embed(self, X):
        """Compute the features of each clip, of one member after the other.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        features : ndarray of float32, shape (n, n_features)
            The mean over views. NaN rows give NaN.
        """
        check_is_fitted(self)
        return np.hstack([member.embed(X) for _, member in self.members_])

    def predict(self, X):
        """Predict the most probable class of each clip, or all that are probable.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        labels : ndarray of shape (n,), or of int, shape (n, n_classes)
            As from ``AlexNetMelClassifier.predict``.
        """
        return predicted_labels(self, X)

    def _torch_step(self, step_of):
        """Give the part of an exported model that computes `predict_proba`."""
        return _nets.steps.MeanStep([step_of(member) for _, member in self.members_])

    @property
    def multilabel_(self):
        """Whether `y` was an indicator matrix."""
        return self.members_[0][1].multilabel_

    @property
    def n_features_in_(self):
        """Number of mel bands (of samples, if rows are 1-D)."""
        return self.members_[0][1].n_features_in_

    @property
    def history_(self):
        """The epochs of all members."""
        check_is_fitted(self)
        return [
            {"member": name, **epoch}
            for name, member in self.members_
            for epoch in member.history_
        ]

    @property
    def n_parameters_(self):
        """Parameters of all members."""
        check_is_fitted(self)
        return sum(member.n_parameters_ for _, member in self.members_)

    def _sk_visual_block_(self):
        return side_by_side(*zip(*self.members, strict=True))

    def get_params(self, deep=True):
        """Give the parameters, and with `deep` those of the members by name.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        parameters : dict
        """
        return self._get_params("members", deep=deep)

    def set_params(self, **params):
        """Set parameters, such as ``alexnet__lr=0.01``, or replace a member by name.

        Parameters
        ----------
        **params : dict

        Returns
        -------
        self : estimator
        """
        self._set_params("members", **params)
        return self

    def _members(self):
        members = self.members
        if not members or not all(
            isinstance(entry, tuple)
            and len(entry) == 2
            and isinstance(entry[0], str)
            and isinstance(entry[1], AudioClassifier)
            for entry in members
        ):
            raise ValueError(
                f"members={members!r}: expected a list of (name, network), such as "
                '[("alexnet", AlexNetMelClassifier())].'
            )
        self._validate_names([name for name, _ in members])
        return members

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.classifier_tags.multi_label = True
        return tags
