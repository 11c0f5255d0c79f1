"""Embeddings of EfficientAT."""

from numbers import Real

import pandas as pd
from scipy.special import expit

from skaudio._utils.sklearn_compat import Interval, StrOptions
from skaudio._utils.threads import torch_threads
from skaudio.pretrained._base import PATH, WaveformEmbedder, Weights
from skaudio.pretrained._published_file import PublishedFile
from skaudio.pretrained._weights import checksum
from skaudio.pretrained._windows import cut_windows

_SITE = "https://github.com/fschmid56/EfficientAT/releases/download/v0.0.1/"
# By name, with the mean average precision on AudioSet in thousandths.
_PRECISIONS = {
    **{"mn01_as": 298, "mn02_as": 378, "mn04_as": 432, "mn05_as": 443},
    **{"mn10_as": 471, "mn20_as": 478, "mn30_as": 482, "mn40_as": 484},
}
_SHA256 = {
    "mn04_as": "899a8c6217063f6941793102a2780b3dd788ab11fce468d9cf5f0577c453321c",
    # As other projects state it; the file has not been seen by us.
    "mn10_as": "0bd7dc2443af498c289a2e739f02ebb515d6aa3fd3ab9db539c86123ae368a4e",
}
PUBLISHED = {
    model: PublishedFile(file := f"{model}_mAP_{precision}.pt", _SITE + file, sha256)
    for model, precision in _PRECISIONS.items()
    for sha256 in [_SHA256.get(model)]
}
# AudioSet's names of its classes: Google, CC BY 4.0.
_N_CLASSES = 527
CLASSES = PublishedFile(
    "audioset_class_labels_indices.csv",
    "https://raw.githubusercontent.com/fschmid56/EfficientAT/v0.0.1/metadata/"
    "class_labels_indices.csv",
    "cdd1049833c4b86127c2773ac0d14a2754b6a6d0d1798002ed5c66e699708429",
)


class EfficientATEmbedder(WaveformEmbedder):
    """Embed clips with EfficientAT: 1400 features at each speed, free to use.

    MobileNets that learnt AudioSet's 527 classes from large transformers. The smallest
    that this project has run, ``mn04_as``, has a million weights in a file of 4 MB; a
    window of 5 s takes about 15 ms on one core. Read at all of its layers and at two
    speeds it is the best network here that a company may use.

    Needs no extra. **The weights have the MIT licence.** They are fetched once from
    their authors, or read from a file that you have.

    Parameters
    ----------
    model : str, default="mn04_as"
        The published network: "mn01_as", "mn02_as", "mn04_as", "mn05_as", "mn10_as",
        "mn20_as", "mn30_as" or "mn40_as", of 0.1 to 4 times the width of MobileNetV3,
        with 1 to 68 million weights from "mn04_as" on. Only "mn04_as" has been checked
        against its authors' network; the others are built alike, but their files have
        not been run here.
    layers : {"all", "embedding"}, default="all"
        What an embedding consists of: the mean over time and frequency of every block,
        of the last convolution, and the hidden layer of the classifier; or of the last
        convolution alone, which is the published embedding (384 features of "mn04_as").
    sample_rate : int, default=32000
        Rate of the waveforms in Hz. The network works at 32 kHz: others are resampled.
    pooling : {"mean", "max", "mean_std"}, default="mean"
        How the windows of a clip are summarised: mean, maximum, or mean and standard
        deviation concatenated.
    speeds : tuple of float, default=(1, 2)
        Each clip is embedded at each of these playback speeds (2: an octave higher, in
        half the time); the embeddings are concatenated.
    window : float, default=5.0
        Length of windows in seconds. A shorter clip is repeated up to it.
    views : {"raise", "mean"}, default="raise"
        What to do with clips that come in several views: raise, or average the
        embeddings of the views.
    batch_size : int, default=16
        Clips per task of a thread; on a GPU also windows per run of the network.
    device : str, default="cpu"
        Torch device.
    cache_dir : str, path-like or None, default=None
        Folder to keep embeddings in, for other processes and later runs. None is
        ``embeddings/`` of the folder that the environment variable ``SKAUDIO_CACHE``
        names; without it they are kept within this process only.
    model_path : str, path-like or None, default=None
        A .pt file with the published names and layers of any width, instead of `model`.
    n_jobs : int or None, default=None
        Number of threads, each of which uses one core; -1 uses all cores.
    verbose : int, default=0
        1 shows how many clips are done.

    See Also
    --------
    BirdNETEmbedder : Better on animals, but not for commercial use.
    WavLoader : The step before, with ``sample_rate=32000``.

    Notes
    -----
    Windows follow each other without a gap, and the last one ends with the clip, so
    that all of it is used; a clip as long as a window is one window as it is. Silence
    has an embedding like any other clip; a clip that contains NaN gives NaN. Nothing is
    learnt from other clips, so nothing can leak.

    On the CPU each window runs alone, which is as fast for so small a network: its
    embedding is the same to the bit in any batch.

    The weights are those of github.com/fschmid56/EfficientAT, release v0.0.1, MIT
    licence, (c) 2022 Florian Schmid; ``mn04_as_mAP_432.pt`` has 4,066,513 bytes and the
    sha256 899a8c62...453321c. They are looked for in the folder that the environment
    variable ``SKAUDIO_WEIGHTS`` names, then in ``pretrained/`` of the folder of data
    sets (`get_data_home`), where they are put if they are in neither. Files are read
    with ``weights_only=True``, so that none can execute code. A pickle holds no
    weights.

    References
    ----------
    F. Schmid, K. Koutini, G. Widmer, "Efficient large-scale audio tagging via
    transformer-to-CNN knowledge distillation", ICASSP (2023).

    Examples
    --------
    The first call fetches 4 MB.

    >>> from skaudio import EfficientATEmbedder
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(2, n_classes=2, random_state=0)
    >>> embedder = EfficientATEmbedder(sample_rate=16000)
    >>> embedder.transform(calls.data).shape  # doctest: +SKIP
    (4, 2800)
    """

    MODELS = tuple(PUBLISHED)

    _parameter_constraints = {
        **WaveformEmbedder._parameter_constraints,
        "model": [StrOptions(set(MODELS))],
        "layers": [StrOptions({"all", "embedding"})],
        "window": [Interval(Real, 0, None, closed="neither")],
        "device": [str],
        "model_path": PATH,
    }

    def __init__(
        self,
        model="mn04_as",
        layers="all",
        sample_rate=32000,
        pooling="mean",
        speeds=(1, 2),
        window=5.0,
        views="raise",
        batch_size=16,
        device="cpu",
        cache_dir=None,
        model_path=None,
        n_jobs=None,
        verbose=0,
    ):
        self.model = model
        self.layers = layers
        self.sample_rate = sample_rate
        self.pooling = pooling
        self.speeds = speeds
        self.window = window
        self.views = views
        self.batch_size = batch_size
        self.device = device
        self.cache_dir = cache_dir
        self.model_path = model_path
        self.n_jobs = n_jobs
        self.verbose = verbose

    def predict_audioset(self, X):
        """Compute the network's own scores of AudioSet's classes, for each clip.

        Needs no clips to learn from: is this a dog?

        Parameters
        ----------
        X : waveforms, as `transform` takes them

        Returns
        -------
        scores : DataFrame of shape (n, 527)
            The highest score of a window at the clip's own speed, between 0 and 1, by
            AudioSet's class names; numbers where `model_path` has other classes. Views
            are averaged. NaN for a clip that contains a NaN or infinite sample.

        Raises
        ------
        OSError
            Where the list of names is not there and cannot be fetched; says where to
            put it.
        """
        rows = self._class_scores(X, expit)
        if rows.shape[1] != _N_CLASSES:
            return pd.DataFrame(rows)
        path = CLASSES.path(n_retries=0, instead="into the folder SKAUDIO_WEIGHTS")
        return pd.DataFrame(rows, columns=pd.read_csv(path)["display_name"].to_numpy())

    class_scores = predict_audioset  # as the other embedders name it

    def _torch_step(self, step_of):
        """Give the part of an exported model that computes what `transform` does."""
        import copy

        from skaudio._nets.efficientat_step import EfficientATStep

        model = self._opened(self._weights())
        return EfficientATStep(
            *(copy.deepcopy(model.network).cpu(), self.layers),
            *(self.sample_rate, self.speeds, self._window_samples(model)),
            self.pooling,
        )

    def _weights(self):
        if self.model_path is not None:
            return Weights(str(self.model_path), checksum(self.model_path))
        # Without a second attempt: a machine without a network should answer at once.
        path = PUBLISHED[self.model].path(
            n_retries=0, instead="pass the path of one as model_path"
        )
        return Weights(path, checksum(path))

    def _open(self, weights):
        return _EfficientAT(weights.path, self.layers, self.device)

    def _opens_with(self):
        return self.layers, self.device

    def _front_end(self):
        return self.layers, self.window

    def _window_samples(self, model):
        return max(model.n_samples, round(self.window * model.sample_rate))

    def _windows(self, model, waveform):
        length = self._window_samples(model)
        return cut_windows(waveform, length, length, pad_mode="repeat")


class _EfficientAT:
    def __init__(self, path, layers, device):
        from skaudio._nets.devices import present_device
        from skaudio._nets.efficientat_front_end import (
            SAMPLE_RATE,
            SHORTEST,
            EfficientATFrontEnd,
        )
        from skaudio._nets.mobilenet_v3 import MobileNetV3
        from skaudio._nets.published_weights import read_weights

        self._device = present_device(device)
        try:
            self.weights = read_weights(path)
            network = MobileNetV3.from_weights(self.weights)
        except (LookupError, AttributeError, RuntimeError) as error:
            raise ValueError(
                f"{path}: holds no weights of EfficientAT "
                f"({type(error).__name__}: {' '.join(str(error).split())[:200]}). "
                f"Expected a file like {PUBLISHED['mn04_as'].url}"
            ) from error
        self.network = network.fold_batch_norms().to(self._device)
        self.front_end = EfficientATFrontEnd().to(self._device)
        self.sample_rate, self.n_samples = SAMPLE_RATE, SHORTEST
        self.n_features = network.n_features[layers]
        self.n_classes = network.n_classes
        self.layers = layers

    def run(self, batch):
        return self._call(batch, self.layers)

    def scores(self, batch):
        return self._call(batch, "scores")

    def _call(self, batch, layers):
        import torch

        # On the CPU one window at a time: see the notes of the embedder.
        size = 1 if self._device.type == "cpu" else len(batch)
        with torch_threads(1), torch.inference_mode():
            rows = [
                self.network(self.front_end(windows.to(self._device)), layers).cpu()
                for windows in torch.from_numpy(batch).split(size)
            ]
            return torch.cat(rows).numpy()
