"""Embeddings of wav2vec 2.0."""

from numbers import Integral, Real

import numpy as np

from skaudio._utils.sklearn_compat import Interval
from skaudio._utils.threads import torch_threads
from skaudio.pretrained._transformers import Published, TransformersEmbedder
from skaudio.pretrained._windows import cut_windows


class Wav2Vec2Embedder(TransformersEmbedder):
    """Embed clips with wav2vec 2.0: 768 features, trained on speech without labels.

    The network takes waveforms, not log-mels. It was trained on 960 hours of books read
    aloud to identify masked parts of a waveform. No animals were among them: it serves
    as a comparison. It has 95 million weights; 10 s of audio take about a second on one
    core.

    Needs ``pip install 'skaudio[transformers]'``. The weights (Apache 2.0, 380 MB) are
    fetched once from the hub of Hugging Face, or read from a folder that you have.

    Parameters
    ----------
    model_path : str or path-like, default="facebook/wav2vec2-base"
        A folder with config.json, preprocessor_config.json and weights, or the name of
        a model on the hub, with ``@revision`` at the end for other than the latest.
    sample_rate : int, default=16000
        Rate of the waveforms in Hz; they are resampled to the network's.
    pooling : {"mean", "max", "mean_std"}, default="mean"
        How the frames of a clip, 50 per second, are summarised: mean, maximum, or mean
        and standard deviation concatenated.
    speeds : tuple of float, default=(1,)
        Each clip is embedded at each of these playback speeds (2: an octave higher, in
        half the time); the embeddings are concatenated. See the notes.
    layer : int, default=-1
        Which layer's output to take: 0 is the input of the first one, -1 the output of
        the last. For sounds other than speech the middle layers may serve better.
    window : float, default=10.0
        Longest window in seconds: the network's memory grows with its square.
    views : {"raise", "mean"}, default="raise"
        What to do with clips that come in several views: raise, or average the
        embeddings of the views.
    batch_size : int, default=8
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
    ASTEmbedder, HTSATEmbedder, PANNsEmbedder

    Notes
    -----
    Windows follow each other without a gap, and the last one ends with the clip, so
    that all of it is used. Shorter clips keep their length; those below 25 ms, for
    which the network has no frame, are padded with zeros. Silence has an embedding like
    any other clip; a clip that contains NaN gives NaN. Nothing is learnt from other
    clips, so nothing can leak.

    The default model is revision 0b5b8e868dd84f03fd87d01f9c4ff0f080fecfe8; its
    pytorch_model.bin has the sha256 3249fe98...05dff21.

    A higher speed shifts low calls towards the frequencies that a network was trained
    on: on the study's 13 animals ``speeds=(1, 2)`` raises the accuracy by a point or
    two (see the user guide).

    References
    ----------
    A. Baevski, H. Zhou, A. Mohamed, M. Auli, "wav2vec 2.0: a framework for
    self-supervised learning of speech representations", NeurIPS (2020).

    Examples
    --------
    The first call fetches 380 MB.

    >>> from skaudio import Wav2Vec2Embedder
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(2, n_classes=2, random_state=0)
    >>> Wav2Vec2Embedder().transform(calls.data).shape  # doctest: +SKIP
    (4, 768)
    """

    _published = Published(
        "facebook/wav2vec2-base",
        "0b5b8e868dd84f03fd87d01f9c4ff0f080fecfe8",
        "pytorch_model.bin",
        "3249fe98bfc62fcbc26067f724716a6ec49d12c4728a2af1df659013905dff21",
    )
    _model, _extractor = "Wav2Vec2Model", "Wav2Vec2FeatureExtractor"
    _types = ("wav2vec2",)
    _parameter_constraints = {
        **TransformersEmbedder._parameter_constraints,
        "layer": [Interval(Integral, -1, None, closed="left")],
        "window": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        model_path="facebook/wav2vec2-base",
        sample_rate=16000,
        pooling="mean",
        speeds=(1,),
        layer=-1,
        window=10.0,
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
        self.layer = layer
        self.window = window
        self.views = views
        self.batch_size = batch_size
        self.device = device
        self.cache_dir = cache_dir
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _network(self, model, extractor, device):
        return _Wav2Vec2(model, extractor, device, self.layer)

    def _opens_with(self):
        return (*super()._opens_with(), self.layer)

    def _front_end(self):
        return self.layer, self.window

    def _windows(self, model, waveform):
        length = max(model.n_samples, round(self.window * model.sample_rate))
        windows = cut_windows(waveform, length, length, shortest=model.n_samples)
        return [model.normalised(window) for window in windows]


class _Wav2Vec2:
    def __init__(self, model, extractor, device, layer):
        self.model, self._extractor, self._device = model, extractor, device
        config = model.config
        self.sample_rate = extractor.sampling_rate
        self.n_features = config.hidden_size
        if layer > config.num_hidden_layers:
            raise ValueError(
                f"layer={layer}: expected at most {config.num_hidden_layers}, the "
                "number of layers of this network."
            )
        self._layer = layer
        self.n_samples = 1  # needed for one frame
        pairs = zip(config.conv_kernel, config.conv_stride, strict=True)
        for width, step in reversed(list(pairs)):
            self.n_samples = (self.n_samples - 1) * step + width

    def normalised(self, window):
        inputs = self._extractor(
            window, sampling_rate=self.sample_rate, return_tensors="np"
        )
        return np.asarray(inputs["input_values"][0], np.float32)

    def run(self, batch):
        import torch

        with torch_threads(1), torch.inference_mode():
            waveforms = torch.from_numpy(batch).to(self._device)
            outputs = self.model(waveforms, output_hidden_states=True)
            return outputs.hidden_states[self._layer].cpu().numpy()
