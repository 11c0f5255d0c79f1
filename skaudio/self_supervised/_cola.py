"""COLA over log-mels."""

from skaudio.self_supervised._base import SelfSupervisedEncoder
from skaudio.self_supervised._objectives import BilinearContrast
from skaudio.self_supervised._views import PairDrawer


class COLAEncoder(SelfSupervisedEncoder):
    """Learn which two crops come from one clip, by a similarity that is learned too.

    Nothing is changed but the place of the crops. On top of the net one dense layer
    with layer normalisation and tanh, and a bilinear similarity; both are left out
    afterwards.

    Parameters
    ----------
    architecture : {"alexnet_mel", "cnn1d", "enhanced_cnn1d", "transformer_mel"}
        The net that is trained, by default "alexnet_mel": that of the classifier of
        this name without its last layer.
    crop_frames : int, default=32
        Frames of a crop, 1 s at the default features as in the paper; shorter clips are
        repeated.
    projection_size : int, default=512
        Width of the dense layer.
    lr : float, default=0.001
        Learning rate; the paper's 0.0001 is for millions of clips.
    {shared}

    {attributes}

    See Also
    --------
    SimCLREncoder : Also changes the crops.
    BYOLAEncoder : Learns without other clips to tell apart.
    fit_on_recordings : Fits on more than the memory holds.

    Notes
    -----
    Pickles are as of `SimCLREncoder`. Windows cut from one recording count as different
    clips: where all windows of a batch are from few recordings, it learns to tell what
    is alike.

    References
    ----------
    A. Saeed, D. Grangier, N. Zeghidour, "Contrastive learning of general-purpose audio
    representations", ICASSP 2021.

    Examples
    --------
    >>> from skaudio import COLAEncoder, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> pictures = LogMelExtractor(n_mels=32, n_frames=64).transform(calls.data)
    >>> encoder = COLAEncoder("cnn1d", max_epochs=2, random_state=0).fit(pictures)
    >>> encoder.transform(pictures).shape
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
        self.random_state = random_state
        self.verbose = verbose

    def _objective(self, body):
        return BilinearContrast(body, self.projection_size)

    def _pairs(self, crop_frames):
        return PairDrawer(crop_frames)
