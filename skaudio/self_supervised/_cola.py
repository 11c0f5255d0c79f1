"""COLA over log-mels."""

from skaudio._utils.docstrings import documented_by
from skaudio.self_supervised._base import SelfSupervisedEncoder
from skaudio.self_supervised._views import PairDrawer


@documented_by(SelfSupervisedEncoder)
class COLAEncoder(SelfSupervisedEncoder):
    """Learn which two crops come from one clip, by a learned similarity.

    The crops differ in their position only. A dense layer with layer normalisation and
    tanh, and a bilinear similarity, are trained on top of the net and removed
    afterwards.

    Parameters
    ----------
    architecture : {"alexnet_mel", "cnn1d", "enhanced_cnn1d", "resnet_mel", \
            "statistics_mel", "transformer_mel"}
        The net to train, by default "alexnet_mel": that of the classifier of this name
        without its last layer.
    crop_frames : int, default=32
        Frames of a crop, 1 s at the default features as in the paper; shorter clips are
        repeated.
    projection_size : int, default=512
        Width of the dense layer.
    lr : float, default=0.001
        Learning rate; the paper's 0.0001 is for millions of clips.
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    SimCLREncoder : Also changes the crops.
    BYOLAEncoder : Learns without contrasting clips.
    fit_on_recordings : Fits on more clips than fit into memory.

    Notes
    -----
    Pickles are like those of `SimCLREncoder`. Windows cut from one recording count as
    different clips: if a batch is from few recordings, the net learns to separate
    similar windows.

    References
    ----------
    A. Saeed, D. Grangier, N. Zeghidour, "Contrastive learning of general-purpose audio
    representations", ICASSP 2021.

    Examples
    --------
    >>> from skaudio import COLAEncoder, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> log_mels = LogMelExtractor(n_mels=32, n_frames=64).transform(calls.data)
    >>> encoder = COLAEncoder("cnn1d", max_epochs=2, random_state=0).fit(log_mels)
    >>> encoder.transform(log_mels).shape
    (24, 128)
    """

    _parameter_constraints = {**SelfSupervisedEncoder._parameter_constraints}

    def __init__(
        self,
        architecture="alexnet_mel",
        *,
        crop_frames=32,
        projection_size=512,
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
        from skaudio.self_supervised._objectives import BilinearContrast

        return BilinearContrast(body, self.projection_size)

    def _pairs(self, crop_frames):
        return PairDrawer(crop_frames)
