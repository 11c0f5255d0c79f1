"""A classifier that fine-tunes a network, layer by layer."""

from numbers import Integral, Real

from sklearn.base import clone

from skaudio import _nets
from skaudio._nets.architectures import net_class
from skaudio._utils.docstrings import documented_by
from skaudio._utils.long_clips import warn_of_long_clips
from skaudio._utils.sklearn_compat import HasMethods, Interval, StrOptions
from skaudio._utils.waveforms import as_waveforms
from skaudio.augment import Gain
from skaudio.classifiers import AudioClassifier
from skaudio.fine_tuning._embedders import EMBEDDERS
from skaudio.pretrained import WaveformEmbedder


@documented_by(AudioClassifier)
class FineTunedClassifier(AudioClassifier):
    """Fine-tune a published network or an encoder, late layers first.

    The network gets a new last layer. Its early layers detect edges and sweeps, which
    are the same for all animals; its late layers gain most from a few labelled clips.
    So each layer has a learning rate of its own, layers are unfrozen one after the
    other from the last, and some may stay frozen.

    Parameters
    ----------
    backbone : str, embedder or FrozenEstimator
        What to start from:

        - a published network: "ast", "efficientat" or one of its widths such as
          "mn04_as", "htsat", "panns", "wav2vec2" or "yamnet"; or its embedder, where
          the weights are in a file of your own: ``PANNsEmbedder("Cnn14.pth")``. X are
          waveforms then, as the embedder takes them, wherever a method says log-mels:
          float (n, n_samples), a list or object array of 1-D arrays, or views of these;
        - a fitted encoder of `skaudio.self_supervised`, in scikit-learn's
          FrozenEstimator so that `clone` keeps it. X are log-mels then. With
          ``lr_decay=1`` and nothing frozen it is the classifier of its architecture
          with ``encoder=backbone``.
    sample_rate : int, default=16000
        Rate of the waveforms in Hz, for backbones given by name; an embedder has its
        own.
    window : float or None, default=None
        Seconds that a published network takes of each clip: shorter ones are repeated,
        longer ones cut, with a warning. Time and memory are in proportion. None is
        10 s, for EfficientAT 5 s, or the embedder's own. AST (10.26 s) and HTS-AT
        (10 s) take nothing else.
    n_frozen_layers : int, default=0
        Layers, from the first, that never train, with the statistics of their batch
        normalisation. Freezing all of them is a linear probe.
    lr_decay : float in (0, 1], default=0.7
        The learning rate of each layer as a share of that of the next; `lr` is that of
        the new last layer.
    unfreeze_epochs : int, default=0
        Epochs from one unfreezing to the next: at first the last layer trains alone,
        then one more layer each time. 0 trains all from the start.
    {parameters}

    Attributes
    ----------
    {attributes}
    backbone_layers_ : int
        Layers of the backbone.

    See Also
    --------
    SimCLREncoder : One of the encoders.
    YAMNetEmbedder : One of the published networks, unchanged, for any classifier.

    Notes
    -----
    Layers of the published networks: YAMNet 14 (a convolution, 13 pairs), EfficientAT
    18 (a convolution, 15 blocks, a convolution, a dense layer; the new last layer takes
    the means of all blocks beside them), PANNs 7 (6 blocks, a dense layer), AST and
    HTS-AT 13 (the embedding of patches, 12 blocks), wav2vec 2.0 13 (the convolutions,
    12 blocks). Before training, clips that are as long as `window` have the same
    embedding as from the embedder. (YAMNet: with windows of 0.975 s, one patch.)

    The augmenters change the input of the first layer:
    log-mels, or for wav2vec 2.0 waveforms as one band. `SpecAugmenter` fills its masks
    with 0, which is a usual level there (YAMNet, wav2vec 2.0: silence). All views of
    noise mixers are used, as by every classifier.

    YAMNet has 3 million weights and ``mn04_as`` one million: they train on a laptop.
    The others have 27 to 95 million: freeze most layers, or use a GPU. A fitted model
    holds the whole network, up to 380 MB, and needs no other file.

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
    >>> log_mels = LogMelExtractor(n_mels=32, n_frames=64).transform(calls.data)
    >>> encoder = BYOLAEncoder("cnn1d", max_epochs=2, random_state=0).fit(log_mels)
    >>> classifier = FineTunedClassifier(
    ...     FrozenEstimator(encoder), n_frozen_layers=1, max_epochs=3, random_state=0
    ... )
    >>> classifier = classifier.fit(log_mels, calls.target, groups=calls.groups)
    >>> classifier.predict(log_mels[:2]).shape
    (2,)

    A published network takes the waveforms themselves.

    >>> classifier = FineTunedClassifier(
    ...     "yamnet", window=1.0, n_frozen_layers=12, max_epochs=3, random_state=0
    ... )
    >>> classifier = classifier.fit(calls.data, calls.target, groups=calls.groups)
    >>> classifier.predict(calls.data[:2]).shape
    (2,)
    """

    _parameter_constraints = {
        name: constraint
        for name, constraint in AudioClassifier._parameter_constraints.items()
        if name != "encoder"
    } | {
        "backbone": [StrOptions(set(EMBEDDERS)), HasMethods("transform")],
        "sample_rate": [Interval(Integral, 1, None, closed="left")],
        "window": [None, Interval(Real, 0, None, closed="neither")],
        "n_frozen_layers": [Interval(Integral, 0, None, closed="left")],
        "lr_decay": [Interval(Real, 0, 1, closed="right")],
        "unfreeze_epochs": [Interval(Integral, 0, None, closed="left")],
    }

    # `backbone` replaces this parameter of the other classifiers.
    encoder = property(lambda self: self.backbone)

    # The published network that a fit has opened, without its weights.
    _backbone = None

    def __init__(
        self,
        backbone,
        *,
        sample_rate=16000,
        window=None,
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
    ):
        self.backbone = backbone
        self.sample_rate = sample_rate
        self.window = window
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

    @property
    def _predict_batch_size(self):
        # A published network takes much memory per clip.
        return 128 if self._backbone is None else self.batch_size

    @property
    def _module(self):
        if self._backbone is not None:
            from skaudio.fine_tuning._backbone import PublishedNet

            return PublishedNet
        return net_class(self._encoder_inside().architecture)

    def _encoder_inside(self):
        return _nets.encoder_weights.encoder_inside(self.backbone, "backbone")

    @property
    def clip_duration_(self):
        """Seconds of a clip that a published network takes; shorter ones are repeated.

        So long are windows of recordings, for `detect` and for exported models.
        """
        if self._backbone is None:  # of an encoder, log-mels say it
            raise AttributeError("clip_duration_")
        return self._backbone.n_samples / self._backbone.sample_rate

    def _embedder(self):
        if isinstance(self.backbone, str):
            return EMBEDDERS[self.backbone](sample_rate=self.sample_rate)
        return self.backbone if isinstance(self.backbone, WaveformEmbedder) else None

    def _open_network(self):
        from skaudio.fine_tuning._published import open_backbone

        # Once fitted, it has its weights itself.
        if not hasattr(self, "net_") and (embedder := self._embedder()) is not None:
            open_backbone(embedder, self.window)

    def _as_log_mels(self, X, reset):
        from skaudio.fine_tuning._published import open_backbone

        embedder = self._embedder()
        if reset:
            self._backbone = embedder and open_backbone(embedder, self.window)
        if embedder is None:
            self._check_encoder()
            return X
        self._check_use(X, f"{type(embedder).__name__}(...)")
        clips, _ = as_waveforms(clone(embedder), X, reset=True)
        if not reset:
            warn_of_long_clips(clips, embedder.sample_rate, self.window)
        return self._backbone.inputs(clips, embedder.sample_rate, embedder.n_jobs)

    def _check_encoder(self):
        inside = getattr(self.backbone, "estimator", self.backbone)
        if not hasattr(inside, "architecture"):
            raise ValueError(
                f"backbone={type(self.backbone).__name__}(...): expected a published "
                f"network by its name ({', '.join(EMBEDDERS)}), its embedder as it is, "
                "or FrozenEstimator(encoder) with a fitted encoder of "
                "skaudio.self_supervised."
            )
        self._encoder_inside()

    def _check_use(self, X, name):
        shape = getattr(X, "shape", ())
        if len(shape) > 3 or (len(shape) == 3 and 8 <= shape[1] > shape[2] / 16):
            raise ValueError(
                f"X of shape {shape} looks like log-mels, but backbone={name} takes "
                "waveforms and computes its own: leave LogMelExtractor out, so that "
                "WavLoader or a noise mixer is the step before."
            )
        augmenters = _nets.batches.list_augmenters(self.augment)
        gains = [one for one in augmenters if isinstance(one, Gain)]
        if gains and self._backbone.input_shape[0] == 1:
            raise ValueError(
                f"augment has {gains[0]!r}: backbone={name} takes waveforms of "
                "normalised loudness, so that a gain changes nothing; leave it out."
            )

    def _layers(self):
        import torch

        from skaudio.fine_tuning._layer_groups import layer_groups

        with torch.device("meta"):
            if self._backbone is None:
                return layer_groups(self._module(*self.input_shape_, n_classes=None))
            layers = layer_groups(self._backbone.body())
        return [[f"body.{name}" for name in layer] for layer in layers]

    def _net_options(self):
        layers = self._layers()
        options = {
            "optimizer__param_groups": [
                (name, {"lr": self.lr * self.lr_decay ** (len(layers) - place)})
                for place, layer in enumerate(layers)
                for name in layer
            ]
        }
        if self._backbone is not None:
            options["module__backbone"] = self._backbone
        return options

    def _net_callbacks(self):
        from skaudio.fine_tuning._layer_groups import Unfreezing

        layers = self._layers()
        self.backbone_layers_ = len(layers)
        if self.n_frozen_layers > len(layers):
            raise ValueError(
                f"n_frozen_layers={self.n_frozen_layers}, but the backbone has "
                f"{len(layers)} layers: expected at most as many."
            )
        return [
            (
                "unfreezing",
                Unfreezing(layers, self.n_frozen_layers, self.unfreeze_epochs),
            )
        ]

    def _starting_weights(self, X, rows, seed):
        if self._backbone is None:
            return super()._starting_weights(X, rows, seed)
        from skaudio.fine_tuning._published import backbone_weights

        weights = backbone_weights(self._embedder())
        return {f"body.{name}": weight for name, weight in weights.items()}

    def _torch_step(self, step_of):
        """Give the part of an exported model that computes `predict_proba`."""
        step = super()._torch_step(step_of)
        if self._backbone is None:
            return step
        import torch

        inputs = self._backbone.input_step(self._embedder().sample_rate)
        return torch.nn.Sequential(inputs, step)

    def __getstate__(self):
        """Keep what rebuilds the published network, besides what classifiers keep."""
        state = super().__getstate__()
        if state.get("_backbone") is not None:
            from skaudio.fine_tuning._published import backbone_state

            state["_backbone"] = backbone_state(state["_backbone"])
        return state

    def __setstate__(self, state):
        """Rebuild the published network, then the net around it."""
        state = dict(state)
        if state.get("_backbone") is not None:
            from skaudio.fine_tuning._published import backbone_from

            state["_backbone"] = backbone_from(state["_backbone"])
        super().__setstate__(state)
