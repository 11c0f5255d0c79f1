"""SimCLR over log-mels."""

from numbers import Real

from skaudio._utils.docstrings import documented_by
from skaudio._utils.sklearn_compat import HasMethods, Interval, StrOptions
from skaudio.augment import SpecAugmenter
from skaudio.self_supervised._base import SelfSupervisedEncoder
from skaudio.self_supervised._views import PairDrawer, check_scale


@documented_by(SelfSupervisedEncoder)
class SimCLREncoder(SelfSupervisedEncoder):
    """Learn which two views come from one clip, among all views of a batch.

    A view is a crop of the clip with another clip faintly in the background, slightly
    resized in time and pitch, louder or softer, and masked. These replace the crops,
    colours and blur that SimCLR applies to images. A projection of one hidden layer is
    trained on top of the net and removed afterwards.

    Parameters
    ----------
    architecture : {"alexnet_mel", "cnn1d", "enhanced_cnn1d", "resnet_mel", \
            "statistics_mel", "transformer_mel"}
        The net to train, by default "alexnet_mel": that of the classifier of this name
        without its last layer.
    crop_frames : int, default=64
        Frames of a view, 2 s at the default features; shorter clips are repeated.
    temperature : float, default=0.1
        Divisor of the similarities: the smaller, the more weight the most similar of
        the other clips have.
    mixup_ratio : float in [0, 1), default=0.2
        Largest share of another clip in the background.
    crop_scale : pair of float or None, default=(0.8, 1.25)
        Range of the resizing; None turns it off.
    gain_db : float, default=6.0
        Largest gain or loss, in decibels (see `AlexNetMelClassifier`).
    augment : augmenter, "masks" or None, default="masks"
        Has a method ``redraw(log_mels, rng)``; "masks" is ``SpecAugmenter()``.
    projection_size : int, default=128
        Width of the projection.
    lr : float, default=0.001
        Learning rate.
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    COLAEncoder : Crops alone, and a learned similarity.
    BYOLAEncoder : Learns without contrasting clips.
    fit_on_recordings : Fits on more clips than fit into memory.

    Notes
    -----
    Pickles hold the net's weights and the history. After `partial_fit`, or a `fit` that
    was interrupted, they also hold the projection and the optimiser (three times as
    much), so that training can continue.

    Constant learning rate, AdamW and small batches replace the paper's cosine schedule,
    LARS and batches of thousands: they do not depend on the number of passes.

    References
    ----------
    T. Chen et al., "A simple framework for contrastive learning of visual
    representations", ICML 2020.

    Examples
    --------
    >>> from sklearn.frozen import FrozenEstimator
    >>> from skaudio import AlexNetMelClassifier, LogMelExtractor, SimCLREncoder
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> log_mels = LogMelExtractor(n_mels=32, n_frames=64).transform(calls.data)
    >>> encoder = SimCLREncoder(max_epochs=2, random_state=0).fit(log_mels)
    >>> encoder.transform(log_mels).shape
    (24, 1024)

    A classifier that starts from it:

    >>> classifier = AlexNetMelClassifier(
    ...     encoder=FrozenEstimator(encoder), max_epochs=2, random_state=0
    ... )
    >>> classifier = classifier.fit(log_mels, calls.target, groups=calls.groups)
    """

    _parameter_constraints = SelfSupervisedEncoder._parameter_constraints | {
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "mixup_ratio": [Interval(Real, 0, 1, closed="left")],
        "crop_scale": [tuple, list, None],
        "gain_db": [Interval(Real, 0, None, closed="left")],
        "augment": [HasMethods("redraw"), StrOptions({"masks"}), None],
    }

    def __init__(
        self,
        architecture="alexnet_mel",
        *,
        crop_frames=64,
        temperature=0.1,
        mixup_ratio=0.2,
        crop_scale=(0.8, 1.25),
        gain_db=6.0,
        augment="masks",
        projection_size=128,
        max_epochs=100,
        lr=0.001,
        batch_size=128,
        weight_decay=0.0001,
        device="cpu",
        n_threads=1,
        random_state=None,
        verbose=0,
    ):
        self.architecture = architecture
        self.crop_frames = crop_frames
        self.temperature = temperature
        self.mixup_ratio = mixup_ratio
        self.crop_scale = crop_scale
        self.gain_db = gain_db
        self.augment = augment
        self.projection_size = projection_size
        self.max_epochs = max_epochs
        self.lr = lr
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    def _objective(self, body):
        from skaudio.self_supervised._objectives import Contrast

        return Contrast(body, self.projection_size, self.temperature)

    def _pairs(self, crop_frames):
        return PairDrawer(
            crop_frames,
            mixup_ratio=self.mixup_ratio,
            scale=check_scale(self.crop_scale),
            gain=self.gain_db * self._unit_of_decibel,
            masks=SpecAugmenter() if self.augment == "masks" else self.augment,
        )
