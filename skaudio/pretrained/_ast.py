"""Embeddings of the Audio Spectrogram Transformer."""

from skaudio._utils.threads import torch_threads
from skaudio.pretrained._transformers import Published, TransformersEmbedder
from skaudio.pretrained._windows import cut_windows

# Kaldi's frames, in samples at 16 kHz, as built into ASTFeatureExtractor.
_FRAME, _HOP = 400, 160


class ASTEmbedder(TransformersEmbedder):
    """Embed clips with the Audio Spectrogram Transformer: 768 features.

    AST is a vision transformer over patches of 16 x 16 of a log-mel spectrogram. It was
    trained on images first, then on two million sound tracks of AudioSet. It has
    87 million weights; 10 s of audio take a few seconds on one core.

    Needs ``pip install 'skaudio[transformers]'``. The weights (BSD-3-Clause, 346 MB)
    are fetched once from the hub of Hugging Face, or read from a folder that you have.

    Parameters
    ----------
    model_path : str or path-like, default="MIT/ast-finetuned-audioset-10-10-0.4593"
        A folder with config.json, preprocessor_config.json and weights, or the name of
        a model on the hub, with ``@revision`` at the end for other than the latest.
    sample_rate : int, default=16000
        Rate of the waveforms in Hz; they are resampled to the network's.
    pooling : {"mean", "max", "mean_std"}, default="mean"
        How the windows of a clip are summarised: mean, maximum, or mean and standard
        deviation concatenated.
    speeds : tuple of float, default=(1,)
        Each clip is embedded at each of these playback speeds (2: an octave higher, in
        half the time); the embeddings are concatenated. See the notes.
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
    HTSATEmbedder, Wav2Vec2Embedder, PANNsEmbedder

    Notes
    -----
    A window is as long as the network's input, 10.26 s as published. Windows follow
    each other without a gap, and the last one ends with the clip, so that all of it is
    used. Log-mels of shorter clips are padded as in the network's training, clips below
    25 ms with zeros first. The embedding of a window is the mean of the two class
    tokens, the input of the published classifier. Silence has an embedding like any
    other clip; a clip that contains NaN gives NaN. Nothing is learnt from other clips,
    so nothing can leak.

    The default model is revision f826b80d28226b62986cc218e5cec390b1096902; its
    model.safetensors has the sha256 ae0c1e2a...3869924d.

    A higher speed shifts low calls towards the frequencies that a network was trained
    on: on the study's 13 animals ``speeds=(1, 2)`` raises the accuracy by a point or
    two (see the user guide).

    References
    ----------
    Y. Gong, Y.-A. Chung, J. Glass, "AST: Audio Spectrogram Transformer", Interspeech
    (2021).

    Examples
    --------
    The first call fetches 346 MB.

    >>> from skaudio import ASTEmbedder
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(2, n_classes=2, random_state=0)
    >>> ASTEmbedder().transform(calls.data).shape  # doctest: +SKIP
    (4, 768)
    """

    _published = Published(
        "MIT/ast-finetuned-audioset-10-10-0.4593",
        "f826b80d28226b62986cc218e5cec390b1096902",
        "model.safetensors",
        "ae0c1e2ad4e1381d851fa9bf298ba13ebc9c5a914cdee2dbe427a6583869924d",
    )
    _model, _extractor = "ASTModel", "ASTFeatureExtractor"
    _types = ("audio-spectrogram-transformer",)

    def __init__(
        self,
        model_path="MIT/ast-finetuned-audioset-10-10-0.4593",
        sample_rate=16000,
        pooling="mean",
        speeds=(1,),
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
        self.views = views
        self.batch_size = batch_size
        self.device = device
        self.cache_dir = cache_dir
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _network(self, model, extractor, device):
        return _AST(model, extractor, device)

    def _windows(self, model, waveform):
        length = model.n_samples
        windows = cut_windows(waveform, length, length, shortest=_FRAME)
        return [model.log_mel(window) for window in windows]


class _AST:
    def __init__(self, model, extractor, device):
        self.model, self._extractor, self._device = model, extractor, device
        self.sample_rate = extractor.sampling_rate
        self.n_samples = _FRAME + (extractor.max_length - 1) * _HOP
        self.n_features = model.config.hidden_size

    def log_mel(self, window):
        inputs = self._extractor(window, self.sample_rate, return_tensors="np")
        return inputs["input_values"][0]

    def run(self, batch):
        import torch

        with torch_threads(1), torch.inference_mode():
            log_mels = torch.from_numpy(batch).to(self._device)
            return self.model(log_mels).pooler_output.cpu().numpy()
