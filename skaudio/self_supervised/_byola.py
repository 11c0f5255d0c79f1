"""BYOL-A over log-mels."""

from numbers import Integral, Real

from skaudio._utils.docstrings import documented_by
from skaudio._utils.sklearn_compat import Interval
from skaudio.self_supervised._base import SelfSupervisedEncoder
from skaudio.self_supervised._views import PairDrawer, check_scale


@documented_by(SelfSupervisedEncoder)
class BYOLAEncoder(SelfSupervisedEncoder):
    """Learn to predict, from one view of a crop, the net's output for another view.

    Both views are of the same crop, with another clip in the background and resized in
    time and pitch. The target of the prediction comes from a moving average of the net.
    Other clips are not pushed away, so that clips of one animal in a batch do no harm.

    Parameters
    ----------
    architecture : {"alexnet_mel", "cnn1d", "enhanced_cnn1d", "resnet_mel", \
            "statistics_mel", "transformer_mel"}
        The net to train, by default "alexnet_mel": that of the classifier of this name
        without its last layer.
    crop_frames : int, default=32
        Frames of a crop, 1 s at the default features as in the paper; shorter clips are
        repeated.
    mixup_ratio : float in [0, 1), default=0.4
        Largest share of another clip in the background.
    crop_scale : pair of float or None, default=(0.6, 1.5)
        Range of the resizing; None turns it off.
    momentum : float in [0, 1], default=0.99
        Decay of the moving average.
    projection_size : int, default=256
        Width of the projection and of the prediction.
    n_hidden : int, default=512
        Width of their hidden layers; the paper's 4096 is for a larger net.
    lr : float, default=0.0003
        Learning rate.
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    SimCLREncoder, COLAEncoder : Contrast clips with each other.
    fit_on_recordings : Fits on more clips than fit into memory.

    Notes
    -----
    Pickles are like those of `SimCLREncoder`. The background is a clip of the same
    batch, where the paper takes one of the last 2048; the normalisation of views within
    a batch is left to the net's own batch normalisation.

    References
    ----------
    D. Niizumi et al., "BYOL for Audio: self-supervised learning for general-purpose
    audio representation", IJCNN 2021.

    J.-B. Grill et al., "Bootstrap your own latent", NeurIPS 2020.

    Examples
    --------
    >>> from skaudio import BYOLAEncoder, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> log_mels = LogMelExtractor(n_mels=32, n_frames=64).transform(calls.data)
    >>> encoder = BYOLAEncoder("cnn1d", max_epochs=2, random_state=0).fit(log_mels)
    >>> encoder.transform(log_mels).shape
    (24, 128)
    """

    _parameter_constraints = SelfSupervisedEncoder._parameter_constraints | {
        "mixup_ratio": [Interval(Real, 0, 1, closed="left")],
        "crop_scale": [tuple, list, None],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "n_hidden": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        architecture="alexnet_mel",
        *,
        crop_frames=32,
        mixup_ratio=0.4,
        crop_scale=(0.6, 1.5),
        momentum=0.99,
        projection_size=256,
        n_hidden=512,
        max_epochs=100,
        lr=0.0003,
        batch_size=128,
        weight_decay=0.0001,
        device="cpu",
        n_threads=1,
        random_state=None,
        verbose=0,
    ):
        self.architecture = architecture
        self.crop_frames = crop_frames
        self.mixup_ratio = mixup_ratio
        self.crop_scale = crop_scale
        self.momentum = momentum
        self.projection_size = projection_size
        self.n_hidden = n_hidden
        self.max_epochs = max_epochs
        self.lr = lr
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    def _objective(self, body):
        from skaudio.self_supervised._objectives import Bootstrap

        return Bootstrap(body, self.projection_size, self.n_hidden, self.momentum)

    def _pairs(self, crop_frames):
        return PairDrawer(
            crop_frames,
            same_crop=True,
            mixup_ratio=self.mixup_ratio,
            scale=check_scale(self.crop_scale),
        )
