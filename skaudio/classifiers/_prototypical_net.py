"""Prototypes over an embedding of log-mels that is learned in episodes."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skaudio import _nets
from skaudio._nets.architectures import ARCHITECTURES, net_class
from skaudio._nets.devices import present_device
from skaudio._nets.saved_weights import SavedWeights
from skaudio._nets.seeding import seeded_torch
from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import NETS_OF_SEVERAL, refuse_matrix
from skaudio._utils.related_rows import related_rows
from skaudio._utils.sklearn_compat import (
    HasMethods,
    Interval,
    StrOptions,
    validate_parameters,
)
from skaudio._utils.threads import limited_threads
from skaudio._utils.views import (
    as_fitted_views,
    as_views,
    most_probable,
    readable_rows,
)
from skaudio.classifiers._batch_norm import BatchNormAdaptation
from skaudio.classifiers._prototypical import PrototypicalClassifier

_ENCODERS = set(ARCHITECTURES)  # the last layer gives coordinates instead of logits


class PrototypicalNetClassifier(
    BatchNormAdaptation, SavedWeights, ClassifierMixin, BaseEstimator
):
    """Prototypes over log-mels, with an encoder that is trained in episodes.

    Each episode is a small classification task: a few classes, support clips whose
    means are the prototypes, and query clips to classify. Training learns not the
    classes but an embedding in which class means separate classes, so that
    `partial_fit` can add classes that were not in training. It is meant for many
    training classes. With a pretrained embedding, `PrototypicalClassifier` needs no
    training and is usually more accurate.

    Parameters
    ----------
    encoder : str, default="alexnet_mel"
        "alexnet_mel", "cnn1d", "enhanced_cnn1d", "resnet_mel", "statistics_mel" or
        "transformer_mel": the architecture of the classifier of that name, such as
        `AlexNetMelClassifier`.
    n_components : int, default=64
        Coordinates of the embedding.
    n_way : int, default=10
        Classes per episode; all of them if there are fewer.
    n_shot, n_query : int, default=3
        Support and query clips per class and episode; fewer if a class has fewer. They
        come from different groups if a class has two groups.
    n_episodes : int, default=300
        Each episode is one step of the optimiser.
    metric : {"cosine", "euclidean"}, default="cosine"
        Between clips and prototypes; squared, in the softmax. "cosine" is the Euclidean
        distance between embeddings scaled to length 1.
    lr : float, default=0.002
        Highest learning rate of AdamW; the rate rises to it and falls to almost 0.
    weight_decay : float, default=0.05
        Of AdamW.
    augment : augmenter, list of augmenters or None, default=None
        What changes every episode, as in `AlexNetMelClassifier`; no mixup.
    device : str, default="cpu"
        Torch device, such as "cpu" or "cuda".
    n_threads : int or None, default=1
        Threads of torch and BLAS, as in `AlexNetMelClassifier`.
    random_state : int, RandomState or None, default=None
        Determines weights, episodes, views and dropout.
    verbose : int, default=0
        1 prints a line every 25 episodes.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, as given.
    head_ : PrototypicalClassifier
        The prototypes in the learned embedding.
    module_ : torch.nn.Module
        The encoder.
    history_ : list of dict
        One entry per episode: ``epoch`` (its number), ``train_loss``,
        ``train_accuracy`` (of the query clips), ``lr``.
    input_shape_ : tuple (n_mels, n_frames)
        What `predict` expects.
    n_parameters_ : int
        Parameters of the encoder.
    n_features_in_ : int
        Number of mel bands (of samples, if rows are 1-D).

    See Also
    --------
    PrototypicalClassifier : Over existing embeddings.
    AlexNetMelClassifier : Trained on the classes; needs more clips per class.

    Notes
    -----
    All rows train; there is no inner validation that could leak. The prototypes are
    those of view 0 of the training rows, embedded after training. `adapt` changes the
    embedding of new clips and leaves the prototypes; clips for `partial_fit` after it
    must come from the new domain, too.

    If fewer than 2 classes have 2 clips, a single clip is both support and query, which
    differ by segment and masks only, with a warning.

    References
    ----------
    J. Snell, K. Swersky, R. Zemel, "Prototypical networks for few-shot learning", NIPS
    2017.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import LogMelExtractor, PrototypicalNetClassifier
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(6, n_classes=3, random_state=0)
    >>> X = LogMelExtractor(n_mels=32, n_frames=64).transform(calls.data)
    >>> old = calls.target != "dog"
    >>> model = PrototypicalNetClassifier(n_episodes=5, random_state=0)
    >>> model = model.fit(X[old], calls.target[old], groups=calls.groups[old])
    >>> model = model.partial_fit(X[~old], calls.target[~old])
    >>> model.classes_
    array(['cat', 'cow', 'dog'], dtype='<U3')
    """

    _net_name = "module_"

    # With metadata routing on, plain `groups=` reaches the episodes.
    __metadata_request__fit = {"groups": True}

    _parameter_constraints = {
        "encoder": [StrOptions(_ENCODERS)],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "n_way": [Interval(Integral, 2, None, closed="left")],
        "n_shot": [Interval(Integral, 1, None, closed="left")],
        "n_query": [Interval(Integral, 1, None, closed="left")],
        "n_episodes": [Interval(Integral, 1, None, closed="left")],
        "metric": [StrOptions({"cosine", "euclidean"})],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "augment": [HasMethods("augment_batch"), list, tuple, None],
        "device": [str],
        "n_threads": [None, Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        encoder="alexnet_mel",
        n_components=64,
        n_way=10,
        n_shot=3,
        n_query=3,
        n_episodes=300,
        metric="cosine",
        lr=0.002,
        weight_decay=0.05,
        augment=None,
        device="cpu",
        n_threads=1,
        random_state=None,
        verbose=0,
    ):
        self.encoder = encoder
        self.n_components = n_components
        self.n_way = n_way
        self.n_shot = n_shot
        self.n_query = n_query
        self.n_episodes = n_episodes
        self.metric = metric
        self.lr = lr
        self.weight_decay = weight_decay
        self.augment = augment
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y, *, groups=None):
        """Train the encoder in episodes, then compute the prototypes.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
            View 0 is the clip itself; episodes draw one view per row, prototypes use
            view 0. A 2-D X is taken as one-band signals. Rows that are all NaN are left
            out with a warning.
        y : array-like of shape (n,)
            Labels: strings or integers; at least 2 classes.
        groups : array-like of shape (n,) or None
            Clips of one group (source recording, copies) are never support and query of
            one episode, unless their class has no others. In a pipeline:
            ``pipe.fit(paths, y, clf__groups=groups)``.

        Returns
        -------
        self : PrototypicalNetClassifier
        """
        validate_parameters(self)
        device = present_device(self.device)
        refuse_matrix(y, hint=NETS_OF_SEVERAL)
        X, y = as_views(self, X, y)
        check_classification_targets(y)
        if groups is not None:
            groups = as_groups(groups, len(X))
        keep = readable_rows(X)
        if keep is not None:
            X, y = X[keep], y[keep]
            groups = None if groups is None else groups[keep]
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(
                f"{type(self).__name__} needs at least 2 classes to train; the data "
                f"holds only one class: {classes[0]!r}."
            )
        self.input_shape_ = X.shape[2:]
        related = related_rows(X[:, 0], groups)
        episodes = _nets.episodes.Episodes(
            codes, related, self.n_way, self.n_shot, self.n_query
        )
        self._train(X, episodes, device)
        temperature = _nets.episodic_training.temperature
        self.head_ = PrototypicalClassifier(
            self.metric,
            standardize=False,
            temperature=temperature(self.metric, self.n_components),
        )
        self.head_.fit(self._embedded(X[:, :1]), y)
        self.classes_ = self.head_.classes_
        return self

    def partial_fit(self, X, y, classes=None):
        """Add clips, also of new classes, to the prototypes; the encoder is unchanged.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
            Of several views, view 0 is used.
        y : array-like of shape (n,)
        classes : array-like or None, default=None
            As in `PrototypicalClassifier.partial_fit`.

        Returns
        -------
        self : PrototypicalNetClassifier
            Fitted by `fit` if it was not fitted before.
        """
        if not hasattr(self, "head_"):
            return self.fit(X, y)
        validate_parameters(self)
        X = as_fitted_views(self, X)
        self.head_.partial_fit(self._embedded(X[:, :1]), y, classes)
        self.classes_ = self.head_.classes_
        return self

    def embed(self, X):
        """Compute the learned embedding of each clip.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        embeddings : ndarray of float32, shape (n, n_components)
            The mean over views. NaN rows give NaN.
        """
        check_is_fitted(self, "module_")
        return self._embedded(as_fitted_views(self, X))

    def predict_proba(self, X):
        """Compute the softmax of the negative squared distances to the prototypes.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
            Of several views, the mean of their embeddings is used.

        Returns
        -------
        probabilities : ndarray of float64, shape (n, n_classes)
            In the order of `classes_`. NaN rows give NaN.
        """
        check_is_fitted(self)
        return self.head_.predict_proba(self.embed(X))

    def predict(self, X):
        """Predict the class of the nearest prototype.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        labels : ndarray of shape (n,)

        Raises
        ------
        ValueError
            If rows are NaN (clips that could not be read), naming them.
        """
        return most_probable(self.predict_proba(X), self.classes_)

    def _train(self, X, episodes, device):
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        rng = np.random.default_rng(seed)
        augmenters = _nets.batches.list_augmenters(self.augment)
        decibel = _nets.batches.unit_of_decibel(X[:, 0])
        augment = _nets.batches.BatchAugmentation(X, rng, augmenters, decibel, device)
        with seeded_torch(seed, device), limited_threads(self.n_threads):
            module = self._new_net(device)
            history = _nets.episodic_training.train_in_episodes(
                module,
                episodes,
                augment,
                rng,
                n_episodes=self.n_episodes,
                metric=self.metric,
                lr=self.lr,
                weight_decay=self.weight_decay,
                device=device,
                verbose=self.verbose,
            )
        self.module_ = module.eval()
        self.n_parameters_ = sum(weight.numel() for weight in module.parameters())
        self.history_ = history

    def _embedded(self, X):
        """Embed views of shape (n, n_views, ...); NaN for unreadable rows."""

        def of_rows(log_mels):
            return _nets.batches.outputs_of(self.module_, log_mels).numpy()

        with limited_threads(self.n_threads):
            return _nets.batches.mean_over_views(
                X, self.n_components, np.float32, of_rows
            )

    def _fitted_module(self):
        return self.module_

    def _new_module(self):
        return net_class(self.encoder)(*self.input_shape_, self.n_components)

    def _new_net(self, device):
        return self._new_module().to(device).eval()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
