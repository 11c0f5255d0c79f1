"""The base of the torch classifiers: a scikit-learn estimator around a skorch net."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skaudio._nets.batches import mean_over_views
from skaudio._nets.devices import present_device
from skaudio._nets.fixmatch import known_labels, without_related
from skaudio._nets.losses import class_weights
from skaudio._nets.skorch_net import probabilities_of
from skaudio._utils.sklearn_compat import (
    HasMethods,
    Interval,
    StrOptions,
    check_sample_weight,
    validate_parameters,
)
from skaudio._utils.views import (
    as_fitted_views,
    as_views,
    most_probable,
    readable_rows,
)
from skaudio.classifiers._batch_norm import BatchNormAdaptation
from skaudio.classifiers._inner_split import split_validation
from skaudio.classifiers._net_fitting import FitRows, NetFitting


class AudioClassifier(BatchNormAdaptation, NetFitting, ClassifierMixin, BaseEstimator):
    """Base of the torch classifiers over log-mels.

    A subclass sets `_module` to a torch module that takes ``(n_bands, n_frames,
    n_classes)`` and returns logits. Its docstring has ``{shared}`` in place of the
    sections on parameters and attributes, or ``{parameters}`` and ``{attributes}``
    among its own.

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
    loss : {"cross_entropy", "focal", "class_balanced"}, default="cross_entropy"
        "focal" reduces the weight of easy rows (Lin et al. 2017). "class_balanced" is
        cross-entropy with classes weighted by their effective number of samples (Cui
        et al. 2019), instead of `class_weight`.
    focal_gamma : float, default=2.0
        Exponent of the focal loss; 0 is cross-entropy.
    effective_beta : float in [0, 1), default=0.99
        Of "class_balanced": 0 weights all classes equally, near 1 by inverse counts.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes in the loss, computed from the training rows of each fit.
    sampler : {"balanced"} or None, default=None
        "balanced" draws the training rows of an epoch with replacement, all classes
        equally often. Use either this or `class_weight`, not both.
    label_smoothing : float in [0, 1), default=0.0
        Share of the target that is spread over all classes.
    augment : augmenter or None, default=None
        Has a method ``redraw(log_mels, rng)``, as `SpecAugmenter` does, which is called
        for every training batch.
    mixup_alpha : float, default=0.0
        Mixes each training log-mel with another of its batch, and their targets, by a
        share from Beta(alpha, alpha) (Zhang et al. 2018); the shorter clip is repeated.
        0 is none, 0.2 to 0.4 are usual.
    time_shift : float in [0, 1], default=0.0
        Largest circular shift in training, as a share of each clip's true length.
    gain_db : float, default=0.0
        Largest gain or loss in training, in decibels. In normalised log-mels one
        decibel is a 17th of their standard deviation (17 dB is the median of 590 field
        clips).
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
        without one.
    random_state : int, RandomState or None, default=None
        Determines weights, batches, views, dropout and the validation rows.
    verbose : int, default=0
        1 prints a line per epoch.
    callbacks : list of skorch callbacks or None, default=None
        Added after those of `lr_schedule` and `early_stopping`.
    semi_supervised : {"fixmatch"} or None, default=None
        "fixmatch" also trains on rows without a label, where `y` is -1 or None (Sohn et
        al. 2020). A confident prediction for the clip is the pseudo-label of its
        augmented variant (by `augment`, else by ``SpecAugmenter()``, and of a random
        view). These rows have no part in classes, class weights, `sampler` and
        validation; those that share a group with a validation row, or are its copy, are
        left out.
    confidence : float in (0, 1] or dict, default=0.95
        Least probability of a pseudo-label; as a dict by class, 0.95 for classes that
        it does not name.
    unlabelled_ratio : int, default=2
        Unlabelled rows per labelled row of a batch.
    unlabelled_weight : float, default=1.0
        Weight of the loss over unlabelled rows.
    encoder : FrozenEstimator or None, default=None
        A fitted encoder of `skaudio.self_supervised` with this architecture, frozen so
        that `clone` keeps it. The net starts from its weights with a new last layer,
        and all layers train.
    pretrain : encoder or None, default=None
        An unfitted encoder. Each fit starts from a clone of it, fitted on the training
        rows without their labels, and without the validation rows; with
        `semi_supervised` on the unlabelled rows, too.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, as given.
    input_shape_ : tuple (n_mels, n_frames)
        What `predict` expects.
    history_ : list of dict
        One entry per epoch: ``epoch``, ``train_loss``, ``valid_loss``,
        ``valid_accuracy``, ``lr`` (at its end), ``pseudo_share`` (share of unlabelled
        rows with a pseudo-label), ``seconds``.
    net_ : skorch.NeuralNet
        The fitted net.
    n_parameters_ : int
        Parameters of the net, including frozen ones.
    n_features_in_ : int
        Number of mel bands (of samples, if rows are 1-D).
    """

    _module = None
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
        "loss": [StrOptions({"cross_entropy", "focal", "class_balanced"})],
        "focal_gamma": [Interval(Real, 0, None, closed="left")],
        "effective_beta": [Interval(Real, 0, 1, closed="left")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "sampler": [StrOptions({"balanced"}), None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "augment": [HasMethods("redraw"), None],
        "mixup_alpha": [Interval(Real, 0, None, closed="left")],
        "time_shift": [Interval(Real, 0, 1, closed="both")],
        "gain_db": [Interval(Real, 0, None, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "patience": [Interval(Integral, 1, None, closed="left")],
        "device": [str],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "callbacks": [list, None],
        "semi_supervised": [StrOptions({"fixmatch"}), None],
        "confidence": [Interval(Real, 0, 1, closed="right"), dict],
        "unlabelled_ratio": [Interval(Integral, 1, None, closed="left")],
        "unlabelled_weight": [Interval(Real, 0, None, closed="left")],
        "encoder": [HasMethods("transform"), None],
        "pretrain": [HasMethods(["transform", "partial_fit"]), None],
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
        focal_gamma=2.0,
        effective_beta=0.99,
        class_weight=None,
        sampler=None,
        label_smoothing=0.0,
        augment=None,
        mixup_alpha=0.0,
        time_shift=0.0,
        gain_db=0.0,
        early_stopping=True,
        validation_fraction=0.2,
        patience=6,
        device="cpu",
        random_state=None,
        verbose=0,
        callbacks=None,
        semi_supervised=None,
        confidence=0.95,
        unlabelled_ratio=2,
        unlabelled_weight=1.0,
        encoder=None,
        pretrain=None,
    ):
        self.max_epochs = max_epochs
        self.lr = lr
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.lr_schedule = lr_schedule
        self.reduce_lr_patience = reduce_lr_patience
        self.loss = loss
        self.focal_gamma = focal_gamma
        self.effective_beta = effective_beta
        self.class_weight = class_weight
        self.sampler = sampler
        self.label_smoothing = label_smoothing
        self.augment = augment
        self.mixup_alpha = mixup_alpha
        self.time_shift = time_shift
        self.gain_db = gain_db
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        self.callbacks = callbacks
        self.semi_supervised = semi_supervised
        self.confidence = confidence
        self.unlabelled_ratio = unlabelled_ratio
        self.unlabelled_weight = unlabelled_weight
        self.encoder = encoder
        self.pretrain = pretrain

    def __init_subclass__(cls, **kwargs):
        """Write the shared sections into the subclass's docstring."""
        super().__init_subclass__(**kwargs)
        if cls.__doc__ and AudioClassifier.__doc__:
            base = AudioClassifier.__doc__
            places = ("Parameters\n", "    max_epochs", "    encoder :", "Attributes\n")
            start, first, last, attributes = map(base.index, places)
            parts = {
                "{shared}": base[start:],
                # For subclasses with their own `encoder` and `pretrain`.
                "{parameters}": base[first:last],
                "{attributes}": base[attributes:],
            }
            for name, part in parts.items():
                cls.__doc__ = cls.__doc__.replace(name, part.strip())

    def fit(self, X, y, sample_weight=None, *, groups=None):
        """Train on log-mels or their views.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
            View 0 is the clip itself. Validation uses view 0 only; each training epoch
            draws one view per row. A 2-D X is taken as one-band signals. Rows that are
            all NaN (clips that could not be read) are left out with a warning.
        y : array-like of shape (n,)
            Labels: strings or integers; with `semi_supervised` -1 or None for rows
            without a label (strings then come in an object array).
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
            For bad shapes, a single class, an absent device, or groups without a valid
            inner split.
        """
        validate_parameters(self)
        device = present_device(self.device)
        labelled = None
        if self.semi_supervised is not None and y is not None:
            y, labelled = known_labels(y)
        X, y = as_views(self, self._as_log_mels(X, reset=True), y)
        check_classification_targets(y)
        weight = check_sample_weight(sample_weight, X, dtype=np.float32)
        if groups is not None:
            groups = np.asarray(groups)
            check_consistent_length(X, groups)
        labelled = np.ones(len(y), bool) if labelled is None else labelled
        keep = readable_rows(X)
        if keep is not None:
            X, y, weight, labelled = X[keep], y[keep], weight[keep], labelled[keep]
            groups = None if groups is None else groups[keep]
        if not labelled.any():
            raise ValueError("None of the labelled clips could be read.")
        self.classes_ = np.unique(y[labelled])
        y = np.searchsorted(self.classes_, np.where(labelled, y, y[labelled][:1]))
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs at least 2 classes; the data holds only "
                f"one class: {self.classes_.tolist()}."
            )
        self.input_shape_ = X.shape[2:]
        random_state = check_random_state(self.random_state)
        train_rows, valid_rows = np.flatnonzero(labelled), None
        unlabelled_rows = np.flatnonzero(~labelled)
        if self.early_stopping:
            parts = split_validation(
                X[labelled, 0],
                y[labelled],
                None if groups is None else groups[labelled],
                self.validation_fraction,
                random_state,
                self.classes_,
            )
            train_rows, valid_rows = (train_rows[part] for part in parts)
            if len(unlabelled_rows):
                unlabelled_rows = without_related(
                    unlabelled_rows, valid_rows, X[:, 0], groups
                )
        weight_of_class = class_weights(
            self.class_weight,
            self.loss,
            self.effective_beta,
            self.classes_,
            y[train_rows],
        )
        weight = weight * weight_of_class[y]
        rows = FitRows(train_rows, valid_rows, unlabelled_rows)
        self._fit_net(X, y, weight, rows, random_state, device)
        return self

    def predict_proba(self, X):
        """Compute the probability of each class, averaged over views.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        probabilities : ndarray of float64, shape (n, n_classes)
            In the order of `classes_`. NaN rows give NaN.
        """
        check_is_fitted(self)
        X = as_fitted_views(self, self._as_log_mels(X, reset=False))

        def of_rows(log_mels):
            return probabilities_of(self.net_, log_mels, self._predict_batch_size)

        return mean_over_views(X, len(self.classes_), np.float64, of_rows)

    def predict(self, X):
        """Predict the most probable class of each clip.

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

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
