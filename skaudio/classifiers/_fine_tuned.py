"""A classifier on a fitted backbone, layer by layer."""

from numbers import Integral, Real

import torch
from sklearn.frozen import FrozenEstimator
from sklearn.utils._param_validation import HasMethods, Interval

from skaudio.classifiers._architectures import ARCHITECTURES
from skaudio.classifiers._base import AudioClassifier
from skaudio.classifiers._encoders import encoder_inside
from skaudio.classifiers._layer_groups import Thaw, layer_groups


class FineTunedClassifier(AudioClassifier):
    """A fitted encoder, carefully trained on: early layers less and later than late.

    The net of the encoder with a new last layer. The early layers of a net hear edges
    and sweeps, which are the same for all animals; the late ones what few labelled
    clips can better. So each layer learns at a rate of its own, layers thaw one after
    the other from the last, and some may stay frozen. With ``lr_decay=1`` and nothing
    frozen it is the classifier of the architecture with ``encoder=backbone``.

    Parameters
    ----------
    backbone : FrozenEstimator
        A fitted encoder of `skaudio.selfsupervised`, in scikit-learn's FrozenEstimator
        so that `clone` keeps it.
    n_frozen_layers : int, default=0
        Layers, from the first, that never train, together with what their batch
        normalisation has measured. All of them is a linear probe.
    lr_decay : float in (0, 1], default=0.7
        The learning rate of each layer as a share of that of the next; `lr` is that of
        the new last layer.
    unfreeze_epochs : int, default=0
        The last layer trains alone for so many epochs, and after each so many one layer
        more. 0 trains all from the start.
    {parameters}

    {attributes}
    backbone_layers_ : int
        Layers of the backbone.

    See Also
    --------
    SimCLREncoder : One of the encoders.

    References
    ----------
    J. Howard, S. Ruder, "Universal language model fine-tuning for text classification",
    ACL 2018, for rates by layer and gradual unfreezing.

    Examples
    --------
    >>> from sklearn.frozen import FrozenEstimator
    >>> from skaudio import BYOLAEncoder, FineTunedClassifier, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> pictures = LogMelExtractor(n_mels=32, n_frames=64).transform(calls.data)
    >>> encoder = BYOLAEncoder("cnn1d", max_epochs=2, random_state=0).fit(pictures)
    >>> classifier = FineTunedClassifier(
    ...     FrozenEstimator(encoder), n_frozen_layers=1, max_epochs=3, random_state=0
    ... )
    >>> classifier = classifier.fit(pictures, calls.target, groups=calls.groups)
    >>> classifier.predict(pictures[:2]).shape
    (2,)
    """

    _parameter_constraints = {
        name: constraint
        for name, constraint in AudioClassifier._parameter_constraints.items()
        if name not in ("encoder", "pretrain")
    } | {
        "backbone": [FrozenEstimator, HasMethods("transform")],
        "n_frozen_layers": [Interval(Integral, 0, None, closed="left")],
        "lr_decay": [Interval(Real, 0, 1, closed="right")],
        "unfreeze_epochs": [Interval(Integral, 0, None, closed="left")],
    }

    # What starts the nets of the other classifiers.
    pretrain = None
    encoder = property(lambda self: self.backbone)

    def __init__(
        self,
        backbone,
        *,
        n_frozen_layers=0,
        lr_decay=0.7,
        unfreeze_epochs=0,
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
    ):
        self.backbone = backbone
        self.n_frozen_layers = n_frozen_layers
        self.lr_decay = lr_decay
        self.unfreeze_epochs = unfreeze_epochs
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

    @property
    def _module(self):
        return ARCHITECTURES[encoder_inside(self.backbone, "backbone").architecture]

    def _layers(self):
        with torch.device("meta"):
            return layer_groups(self._module(*self.input_shape_, n_classes=None))

    def _own_net_options(self):
        layers = self._layers()
        return {
            "optimizer__param_groups": [
                (name, {"lr": self.lr * self.lr_decay ** (len(layers) - place)})
                for place, layer in enumerate(layers)
                for name in layer
            ]
        }

    def _own_callbacks(self):
        layers = self._layers()
        self.backbone_layers_ = len(layers)
        if self.n_frozen_layers > len(layers):
            raise ValueError(
                f"n_frozen_layers={self.n_frozen_layers}, but the backbone has "
                f"{len(layers)} layers: expected at most as many."
            )
        return [("thaw", Thaw(layers, self.n_frozen_layers, self.unfreeze_epochs))]
