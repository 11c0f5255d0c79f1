"""Embeddings of HTS-AT, the audio tower of CLAP."""

import numpy as np

from skaudio._utils.threads import torch_threads
from skaudio.pretrained._transformers import Published, TransformersEmbedder
from skaudio.pretrained._windows import cut_windows


class HTSATEmbedder(TransformersEmbedder):
    """Embed clips with HTS-AT: 768 features, or the 512 that CLAP compares with texts.

    The hierarchical token-semantic audio transformer applies attention to log-mels in
    windows that grow from layer to layer. Here it is the audio half of CLAP, which was
    trained on 630,000 matching pairs of audio and text, many of them recordings of
    animals. 10 s of audio take about a second on one core.

    Needs ``pip install 'skaudio[transformers]'``. The weights (Apache 2.0, 615 MB with
    the half for texts) are fetched once from the hub of Hugging Face, or read from a
    folder that you have.

    Parameters
    ----------
    model_path : str or path-like, default="laion/clap-htsat-unfused"
        A folder with config.json, preprocessor_config.json and weights, or the name of
        a model on the hub, with ``@revision`` at the end for other than the latest.
    sample_rate : int, default=48000
        Rate of the waveforms in Hz; they are resampled to the network's.
    pooling : {"mean", "max", "mean_std"}, default="mean"
        How the windows of a clip are summarised: mean, maximum, or mean and standard
        deviation concatenated.
    speeds : tuple of float, default=(1,)
        Each clip is embedded at each of these playback speeds (2: an octave higher, in
        half the time); the embeddings are concatenated. See the notes.
    projection : bool, default=False
        Use CLAP's audio embedding, which can be compared with its text embeddings,
        instead of the last layer of HTS-AT.
    views : {"raise", "mean"}, default="raise"
        What to do with clips that come in several views: raise, or average the
        embeddings of the views.
    batch_size : int, default=8
        Windows per run of the network, and clips per task of a thread.
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
    ASTEmbedder, Wav2Vec2Embedder, PANNsEmbedder

    Notes
    -----
    A window is 10 s, as published. Windows follow each other without a gap, and the
    last one ends with the clip, so that all of it is used; CLAP's own way, one random
    window of a long clip, would differ from call to call. Shorter clips are repeated as
    often as they fit whole, then padded with zeros, as CLAP was trained. Silence has an
    embedding like any other clip; a clip that contains NaN gives NaN. Nothing is learnt
    from other clips, so nothing can leak.

    The default model is revision 8fa0f1c6d0433df6e97c127f64b2a1d6c0dcda8a; its
    pytorch_model.bin has the sha256 1cd3c601...c3219bb.

    A higher speed shifts low calls towards the frequencies that a network was trained
    on: on the study's 13 animals ``speeds=(1, 2)`` raises the accuracy by a point or
    two (see the user guide).

    References
    ----------
    K. Chen, X. Du, B. Zhu, Z. Ma, T. Berg-Kirkpatrick, S. Dubnov, "HTS-AT: a
    hierarchical token-semantic audio transformer for sound classification and
    detection", ICASSP (2022). Y. Wu, K. Chen, T. Zhang, Y. Hui, T. Berg-Kirkpatrick,
    S. Dubnov, "Large-scale contrastive language-audio pretraining with feature fusion
    and keyword-to-caption augmentation", ICASSP (2023).

    Examples
    --------
    The first call fetches 615 MB.

    >>> from skaudio import HTSATEmbedder
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(2, n_classes=2, random_state=0)
    >>> embedder = HTSATEmbedder(sample_rate=16000)
    >>> embedder.transform(calls.data).shape  # doctest: +SKIP
    (4, 768)
    """

    _published = Published(
        "laion/clap-htsat-unfused",
        "8fa0f1c6d0433df6e97c127f64b2a1d6c0dcda8a",
        "pytorch_model.bin",
        "1cd3c601bc4afe0fa87be3de4c13dd2cfadd249fac1e29acf74a9b296c3219bb",
    )
    _model, _extractor = "ClapAudioModelWithProjection", "ClapFeatureExtractor"
    _types = ("clap", "clap_audio_model")
    _parameter_constraints = {
        **TransformersEmbedder._parameter_constraints,
        "projection": ["boolean"],
    }

    def __init__(
        self,
        model_path="laion/clap-htsat-unfused",
        sample_rate=48000,
        pooling="mean",
        speeds=(1,),
        projection=False,
        views="raise",
        batch_size=8,
        device="cpu",
        cache_dir=None,
        n_jobs=None,
        verbose=0,
    ):
        self.model_path = model_path
        self.sample_rate = sample_rate
        self.pooling = pooling
        self.speeds = speeds
        self.projection = projection
        self.views = views
        self.batch_size = batch_size
        self.device = device
        self.cache_dir = cache_dir
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _network(self, model, extractor, device):
        return _HTSAT(model, extractor, device, self.projection)

    def _opens_with(self):
        return (*super()._opens_with(), self.projection)

    def _front_end(self):
        return (self.projection,)

    def _windows(self, model, waveform):
        windows = cut_windows(waveform, model.n_samples, model.n_samples, shortest=1)
        return [model.log_mel(window) for window in windows]


class _HTSAT:
    def __init__(self, model, extractor, device, projection):
        self.model, self._extractor, self._device = model, extractor, device
        self._projection = projection
        self.sample_rate = extractor.sampling_rate
        self.n_samples = extractor.nb_max_samples
        layers = model.audio_projection
        self.n_features = (
            layers.linear2.out_features if projection else layers.linear1.in_features
        )

    def log_mel(self, window):
        # Not by calling the extractor, which draws from numpy's global generator.
        extractor = self._extractor
        log_mel, _ = extractor._get_input_mel(
            window, self.n_samples, extractor.truncation, extractor.padding
        )
        return log_mel.astype(np.float32)

    def run(self, batch):
        import torch

        inputs = {
            "input_features": torch.from_numpy(batch).to(self._device),
            "is_longer": torch.zeros(len(batch), 1, dtype=bool, device=self._device),
        }
        with torch_threads(1), torch.inference_mode():
            if self._projection:
                return self.model(**inputs).audio_embeds.cpu().numpy()
            return self.model.audio_model(**inputs).pooler_output.cpu().numpy()
