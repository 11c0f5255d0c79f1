"""Embeddings of PANNs."""

import os
from numbers import Real

from skaudio._utils.sklearn_compat import Interval
from skaudio._utils.threads import torch_threads
from skaudio.pretrained._base import WaveformEmbedder, Weights
from skaudio.pretrained._published_file import PublishedFile
from skaudio.pretrained._weights import checksum
from skaudio.pretrained._windows import cut_windows

_SITE = "https://zenodo.org/records/3987831/files/"
PUBLISHED = {
    "Cnn14": PublishedFile(
        "Cnn14_mAP=0.431.pth",
        f"{_SITE}Cnn14_mAP=0.431.pth",
        "0dc499e40e9761ef5ea061ffc77697697f277f6a960894903df3ada000e34b31",
    ),
    "Cnn14_16k": PublishedFile(
        "Cnn14_16k_mAP=0.438.pth",
        f"{_SITE}Cnn14_16k_mAP=0.438.pth",
        "e2ee543a27919542c2ea03eabaa70b24dcd4e6c8e05621de6b67a94e4c5058e6",
    ),
}


class PANNsEmbedder(WaveformEmbedder):
    """Embed clips with PANNs' Cnn14: 2048 features, trained on 527 sound classes.

    Pretrained audio neural networks were trained on two million sound tracks of
    AudioSet. Cnn14 is the one that most later work compares with; it has 80 million
    weights, and 10 s of audio take about a second on one core.

    Needs no extra. The weights (CC BY 4.0, 327 MB) are fetched once from Zenodo, or
    read from a file that you have.

    Parameters
    ----------
    model_path : {"Cnn14", "Cnn14_16k"} or path, default="Cnn14"
        A published network, for waveforms of 32 or 16 kHz, which is looked for in the
        folder ``SKAUDIO_WEIGHTS`` and then in ``pretrained/`` of the folder of data
        sets (`get_data_home`), where it is put if it is in neither; or a .pth file with
        the published names and layers of any width.
    sample_rate : int, default=32000
        Rate of the waveforms in Hz; they are resampled to the network's.
    pooling : {"mean", "max", "mean_std"}, default="mean"
        How the windows of a clip are summarised: mean, maximum, or mean and standard
        deviation concatenated.
    speeds : tuple of float, default=(1,)
        Each clip is embedded at each of these playback speeds (2: an octave higher, in
        half the time); the embeddings are concatenated. See the notes.
    window : float, default=10.0
        Length of windows in seconds. Clips up to that length are one window, of their
        own length.
    views : {"raise", "mean"}, default="raise"
        What to do with clips that come in several views: raise, or average the
        embeddings of the views.
    batch_size : int, default=16
        Windows of one length per run of the network, and clips per task of a thread.
    device : str, default="cpu"
        Torch device.
    cache_dir : str, path-like or None, default=None
        Folder to keep embeddings in, for other processes and later runs. None is
        ``embeddings/`` of the folder that the environment variable ``SKAUDIO_CACHE``
        names; without it they are kept within this process only.
    n_jobs : int or None, default=None
        Number of threads, each of which uses one core; -1 uses all cores.
    verbose : int, default=0
        1 shows how many clips are done.

    See Also
    --------
    YAMNetEmbedder : Thirty times faster, and its weights need no download.

    Notes
    -----
    Windows follow each other without a gap, and the last one ends with the clip, so
    that all of it is used. Clips shorter than 0.31 s, the network's shortest input, are
    padded at the end with zeros. Silence has an embedding like any other clip; a clip
    that contains NaN gives NaN. Nothing is learnt from other clips, so nothing can
    leak.

    With the same weights the embedding equals that of the package panns_inference to
    1e-5. The sha256 of the published files are 0dc499e4...00e34b31 (Cnn14) and
    e2ee543a...4c5058e6 (Cnn14_16k), of https://zenodo.org/records/3987831. Files are
    read with ``weights_only=True``, so that none can execute code.

    A higher speed shifts low calls towards the frequencies that a network was trained
    on: on the study's 13 animals ``speeds=(1, 2)`` raises the accuracy by a point or
    two (see the user guide).

    References
    ----------
    Q. Kong, Y. Cao, T. Iqbal, Y. Wang, W. Wang, M. D. Plumbley, "PANNs: large-scale
    pretrained audio neural networks for audio pattern recognition", IEEE/ACM
    Transactions on Audio, Speech, and Language Processing 28 (2020).

    Examples
    --------
    The first call fetches 327 MB.

    >>> from skaudio import PANNsEmbedder
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(2, n_classes=2, random_state=0)
    >>> embedder = PANNsEmbedder("Cnn14_16k", sample_rate=16000)
    >>> embedder.transform(calls.data).shape  # doctest: +SKIP
    (4, 2048)
    """

    _parameter_constraints = {
        **WaveformEmbedder._parameter_constraints,
        "model_path": [str, os.PathLike],
        "window": [Interval(Real, 0, None, closed="neither")],
        "device": [str],
    }

    def __init__(
        self,
        model_path="Cnn14",
        sample_rate=32000,
        pooling="mean",
        speeds=(1,),
        window=10.0,
        views="raise",
        batch_size=16,
        device="cpu",
        cache_dir=None,
        n_jobs=None,
        verbose=0,
    ):
        self.model_path = model_path
        self.sample_rate = sample_rate
        self.pooling = pooling
        self.speeds = speeds
        self.window = window
        self.views = views
        self.batch_size = batch_size
        self.device = device
        self.cache_dir = cache_dir
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _weights(self):
        published = PUBLISHED.get(str(self.model_path))
        if published is None:
            return Weights(str(self.model_path), checksum(self.model_path))
        path = published.path(n_retries=2, instead="pass the path of one as model_path")
        return Weights(path, checksum(path))

    def _open(self, weights):
        return _PANNs(weights.path, self.device)

    def _opens_with(self):
        return (self.device,)

    def _front_end(self):
        return (self.window,)

    def _windows(self, model, waveform):
        length = max(model.n_samples, round(self.window * model.sample_rate))
        return cut_windows(waveform, length, length, shortest=model.n_samples)


class _PANNs:
    def __init__(self, path, device):
        from skaudio._nets.cnn14 import Cnn14
        from skaudio._nets.devices import present_device
        from skaudio._nets.published_weights import read_weights

        self._device = present_device(device)
        try:
            network = Cnn14(read_weights(path))
        except (KeyError, TypeError, RuntimeError) as error:
            raise ValueError(
                f"{path}: holds no weights of Cnn14 ({type(error).__name__}: {error}). "
                f"Expected a file like {PUBLISHED['Cnn14'].url}"
            ) from error
        self.network = network.to(self._device)
        self.sample_rate = network.sample_rate
        self.n_samples = network.n_samples
        self.n_features = network.n_features

    def run(self, batch):
        import torch

        with torch_threads(1), torch.inference_mode():
            waveforms = torch.from_numpy(batch).to(self._device)
            return self.network(waveforms).cpu().numpy()
