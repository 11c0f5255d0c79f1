"""The base of the torch classifiers: a scikit-learn estimator around a skorch net."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skaudio import _nets
from skaudio._nets.devices import present_device
from skaudio._utils.fitted import unfitted_if_it_fails
from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import (
    as_indicator,
    column_names,
    is_matrix,
    warn_of_constant,
)
from skaudio._utils.sklearn_compat import (
    HasMethods,
    Interval,
    StrOptions,
    check_sample_weight,
    validate_parameters,
)
from skaudio._utils.threads import limited_threads
from skaudio._utils.views import (
    as_fitted_views,
    as_views,
    predicted_labels,
    readable_rows,
)
from skaudio.classifiers._batch_norm import BatchNormAdaptation
from skaudio.classifiers._fit_rows import choose_rows
from skaudio.classifiers._losses import (
    LOSSES,
    ClassBalancedLoss,
    FocalLoss,
    loss_parameters,
)
from skaudio.classifiers._net_fitting import NetFitting


class AudioClassifier(BatchNormAdaptation, NetFitting, ClassifierMixin, BaseEstimator):
    """Base of the torch classifiers over log-mels.

    A subclass sets `_architecture` to the name of a net, or `_module` to a torch module
    that takes ``(n_bands, n_frames, n_classes)`` and returns logits.

    Parameters
    ----------
    max_epochs : int, default=100
        Maximum number of epochs.
    lr : float, default=0.001
        Initial learning rate.
    batch_size : int, default=32
        Clips per batch.
    optimizer : {"adam", "adamw"}, default="adam"
        Torch's optimiser; "adamw" decouples `weight_decay` from the gradient.
    weight_decay : float, default=0.0
        L2 penalty.
    lr_schedule : {"plateau", "one_cycle"} or None, default="plateau"
        "plateau" halves the rate when the validation loss (without `early_stopping` the
        training loss) no longer falls, down to 1e-6. "one_cycle" raises it to `lr` and
        lowers it to almost 0 over `max_epochs` (Smith and Topin 2017); with
        ``early_stopping=False`` it needs no validation rows, so that all rows train.
    reduce_lr_patience : int, default=3
        Epochs without a better loss before "plateau" halves the rate.
    loss : str, FocalLoss or ClassBalancedLoss, default="cross_entropy"
        "cross_entropy", "focal" or "class_balanced" stands for the loss with its
        default parameters. A grid reaches those of an object: ``loss__gamma``. The
        class-balanced loss replaces `class_weight`.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes in the loss, computed from the training rows of each fit.
        With several labels per clip, of the rows where the class is present: "balanced"
        gives these and the others the same sum of weights.
    sampler : {"balanced"} or None, default=None
        "balanced" draws the training rows of an epoch with replacement, all classes
        equally often. Use either this or `class_weight`, not both. None where clips
        have several labels.
    label_smoothing : float in [0, 1), default=0.0
        Share of the target that is spread over all classes; with several labels per
        clip, over present and absent.
    augment : augmenter, list of augmenters or None, default=None
        What changes every training batch, in order: `SpecAugmenter`, `MelShift`,
        `TimeShift`, `Gain`, `Mixup`, or a `BatchAugmenter` of yours.
    early_stopping : bool, default=True
        Hold back validation rows, stop when their loss no longer falls, and restore the
        weights of the best epoch. The rows are stratified, in whole groups, and never
        copies of training rows.
    validation_fraction : float in (0, 1), default=0.2
        Share of the rows held back for validation.
    patience : int, default=6
        Epochs without a better validation loss before the fit stops.
    device : str, default="cpu"
        Torch device, such as "cpu" or "cuda". A model fitted on a GPU can be loaded
        without one. On "cuda" the same seed gives another model in each fit, unless
        ``torch.use_deterministic_algorithms(True)`` is called before.
    n_threads : int or None, default=1
        Threads of torch and BLAS in `fit` and `predict`. Nets of this size are fastest
        in one, and their last digits depend on the number: use cores for several fits
        at once. None leaves torch's setting.
    random_state : int, RandomState or None, default=None
        Determines weights, batches, views, dropout and the validation rows.
    verbose : int, default=0
        1 prints a line per epoch.
    callbacks : list of skorch callbacks or None, default=None
        Added after those of `lr_schedule` and `early_stopping`.
    encoder : FrozenEstimator, encoder or None, default=None
        An encoder of `skaudio.self_supervised` with this architecture. The net starts
        from its weights with a new last layer, and all layers train. A fitted encoder
        is frozen, so that `clone` keeps it. Of an unfitted one, each fit trains a clone
        on its training rows without their labels, and without the validation rows.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, as given. With several labels per clip the names of the columns of
        `y` if it is a DataFrame, else their numbers.
    multilabel_ : bool
        Whether `y` was an indicator matrix: several labels per clip.
    input_shape_ : tuple (n_mels, n_frames)
        What `predict` expects.
    history_ : list of dict
        One entry per epoch: ``epoch``, ``train_loss``, ``valid_loss``,
        ``valid_accuracy`` (as of ``score``: with several labels per clip the share of
        clips that are right in all classes), ``lr`` (at its end), ``seconds``; under
        `FixMatchClassifier` also ``pseudo_share``.
    net_ : skorch.NeuralNet
        The fitted net.
    n_parameters_ : int
        Parameters of the net, including frozen ones.
    n_features_in_ : int
        Number of mel bands (of samples, if rows are 1-D).
    """

    _predict_batch_size = 128

    # With metadata routing on, plain `groups=` reaches the inner split.
    __metadata_request__fit = {"groups": True}

    _parameter_constraints = {
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "optimizer": [StrOptions({"adam", "adamw"})],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "lr_schedule": [StrOptions({"plateau", "one_cycle"}), None],
        "reduce_lr_patience": [Interval(Integral, 0, None, closed="left")],
        "loss": [StrOptions(set(LOSSES)), FocalLoss, ClassBalancedLoss],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "sampler": [StrOptions({"balanced"}), None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "augment": [HasMethods("augment_batch"), list, tuple, None],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "patience": [Interval(Integral, 1, None, closed="left")],
        "device": [str],
        "n_threads": [None, Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "callbacks": [list, None],
        "encoder": [HasMethods("transform"), None],
    }

    def __init__(
        self,
        *,
        max_epochs=100,
        lr=0.001,
        batch_size=32,
        optimizer="adam",
        weight_decay=0.0,
        lr_schedule="plateau",
        reduce_lr_patience=3,
        loss="cross_entropy",
        class_weight=None,
        sampler=None,
        label_smoothing=0.0,
        augment=None,
        early_stopping=True,
        validation_fraction=0.2,
        patience=6,
        device="cpu",
        n_threads=1,
        random_state=None,
        verbose=0,
        callbacks=None,
        encoder=None,
    ):
        self.max_epochs = max_epochs
        self.lr = lr
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.lr_schedule = lr_schedule
        self.reduce_lr_patience = reduce_lr_patience
        self.loss = loss
        self.class_weight = class_weight
        self.sampler = sampler
        self.label_smoothing = label_smoothing
        self.augment = augment
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose
        self.callbacks = callbacks
        self.encoder = encoder

    def fit(self, X, y, sample_weight=None, *, groups=None):
        """Train on log-mels or their views.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
            View 0 is the clip itself. Validation uses view 0 only; each training epoch
            draws one view per row. A 2-D X is taken as one-band signals. Rows that are
            all NaN (clips that could not be read) are left out with a warning.
        y : array-like of shape (n,), or indicator matrix of shape (n, n_classes)
            Labels: strings or integers. Where clips have several labels, or none, a
            matrix of 0 and 1 (an array, DataFrame or sparse matrix): the loss is then
            the binary cross-entropy of each class, and the mean over classes.
        sample_weight : array-like of shape (n,) or None
            Weights of the rows in the loss, on top of `class_weight`.
        groups : array-like of shape (n,) or None
            Rows of one group (source recording, copies) stay on one side of the inner
            split. In a pipeline: ``pipe.fit(paths, y, clf__groups=groups)``.

        Returns
        -------
        self : the fitted classifier

        Raises
        ------
        ValueError
            For bad shapes, a single class, an absent device, groups without a valid
            inner split, or a loss that is not finite: the classifier is then unfitted.

        Warns
        -----
        UserWarning
            Where no clip, or every clip, is of a column of an indicator matrix; where a
            class has one group of clips, which then trains and does not validate.
        """
        return self._fit(X, y, sample_weight, groups)

    def _fit(self, X, y, sample_weight=None, groups=None, fixmatch=None):
        """Fit; `fixmatch` says which rows have labels, and how the others are used."""
        validate_parameters(self)
        device = present_device(self.device)
        names = self._names_of_several(y)
        X = self._as_log_mels(X, reset=True)
        X, y = as_views(self, X, y, multi_output=names is not None)
        if names is None:
            check_classification_targets(y)
        else:
            y = as_indicator(y)
        weight = check_sample_weight(sample_weight, X, dtype=np.float32)
        if groups is not None:
            groups = as_groups(groups, len(X))
        labelled = np.ones(len(y), bool) if fixmatch is None else fixmatch.labelled
        keep = readable_rows(X)
        if keep is not None:
            X, y, weight, labelled = X[keep], y[keep], weight[keep], labelled[keep]
            groups = None if groups is None else groups[keep]
        if not labelled.any():
            raise ValueError("None of the labelled clips could be read.")
        with unfitted_if_it_fails(self), limited_threads(self.n_threads):
            self._fit_rows(X, y, weight, groups, labelled, names, device, fixmatch)
        return self

    def _fit_rows(self, X, y, weight, groups, labelled, names, device, fixmatch):
        self.multilabel_ = names is not None
        if self.multilabel_:
            self.classes_ = names
            warn_of_constant(y, names)
        else:
            self.classes_ = np.unique(y[labelled])
            y = np.searchsorted(self.classes_, np.where(labelled, y, y[labelled][:1]))
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs at least 2 classes; the data holds only "
                f"one class: {self.classes_.tolist()}."
            )
        self.input_shape_ = X.shape[2:]
        random_state = check_random_state(self.random_state)
        rows = choose_rows(
            X[:, 0],
            y,
            groups,
            labelled,
            self.validation_fraction if self.early_stopping else None,
            random_state,
            self.classes_,
        )
        _, beta = loss_parameters(self.loss)
        class_weights, trained = _nets.losses.class_weights, y[rows.train]
        weights = class_weights(self.class_weight, beta, self.classes_, trained)
        targets = self._loss().targets(y, weight, weights)
        self._fit_net(X, y, targets, rows, random_state, device, fixmatch)

    def _names_of_several(self, y):
        """Name the columns of an indicator matrix; None for one label per clip."""
        if not is_matrix(y):
            return None
        if self.sampler is not None:
            raise ValueError(
                f"sampler={self.sampler!r}, but y has a column per class: a clip of "
                "several classes cannot be drawn for one of them. Expected None; "
                'class_weight="balanced" weights the classes.'
            )
        return column_names(y)

    def predict_proba(self, X):
        """Compute the probability of each class, averaged over views.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        probabilities : ndarray of float64, shape (n, n_classes)
            In the order of `classes_`. A row sums to 1; with several labels per clip
            each class has a probability of its own, and a row any sum. NaN rows give
            NaN.
        """
        check_is_fitted(self)
        X = as_fitted_views(self, self._as_log_mels(X, reset=False))

        probabilities_of = _nets.skorch_net.probabilities_of

        def of_rows(log_mels):
            return probabilities_of(self.net_, log_mels, self._predict_batch_size)

        return self._mean_over_views(X, len(self.classes_), np.float64, of_rows)

    def embed(self, X):
        """Compute the features of each clip: what the last layer takes.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        features : ndarray of float32, shape (n, n_features)
            The mean over views. NaN rows give NaN.
        """
        check_is_fitted(self)
        X = as_fitted_views(self, self._as_log_mels(X, reset=False))
        body = self._body()

        outputs_of = _nets.batches.outputs_of

        def of_rows(log_mels):
            return outputs_of(body, log_mels, self._predict_batch_size).numpy()

        return self._mean_over_views(X, body.n_features, np.float32, of_rows)

    def _mean_over_views(self, X, width, dtype, of_rows):
        with limited_threads(self.n_threads):
            return _nets.batches.mean_over_views(X, width, dtype, of_rows)

    def predict(self, X):
        """Predict the most probable class of each clip, or all that are probable.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        labels : ndarray of shape (n,), or of int, shape (n, n_classes)
            With several labels per clip an indicator matrix: 1 where the probability
            exceeds one half.

        Raises
        ------
        ValueError
            If rows are NaN (clips that could not be read), naming them.
        """
        return predicted_labels(self, X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.classifier_tags.multi_label = True
        return tags
