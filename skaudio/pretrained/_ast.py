"""The embeddings of the Audio Spectrogram Transformer."""

from skaudio.pretrained._transformers import Published, TransformersEmbedder
from skaudio.pretrained._windows import cut_windows

# Kaldi's frames, in samples at 16 kHz; ASTFeatureExtractor has them built in.
_FRAME, _HOP = 400, 160


class ASTEmbedder(TransformersEmbedder):
    """What the Audio Spectrogram Transformer hears: 768 numbers a clip.

    AST is a vision transformer that looks at log-mel pictures in patches of 16 x 16. It
    was trained on pictures first, then on two million sound tracks of AudioSet. It has
    87 million weights; 10 s of sound take a few seconds on one core.

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
        How the windows of a clip become one row: their mean, their maximum, or mean
        and deviation side by side.
    speeds : tuple of float, default=(1,)
        Each clip is played at each of these speeds, 2 an octave higher and in half the
        time, and what is heard then is laid side by side. See the notes.
    views : {"raise", "mean"}, default="raise"
        What to do with clips that come in several views: raise, or average the
        embeddings of the views.
    batch_size : int, default=8
        Windows in a run of the network, and clips that a thread takes at a time.
    device : str, default="cpu"
        Torch device.
    cache_dir : str, path-like or None, default=None
        Folder to keep embeddings in, for other processes and later runs. None keeps
        them within this process only.
    n_jobs : int or None, default=None
        Threads that embed at once; -1 uses all cores. Torch may use more in each.
    verbose : int, default=0
        1 shows how many clips are done.

    See Also
    --------
    HTSATEmbedder, Wav2Vec2Embedder, PANNsEmbedder

    Notes
    -----
    A window is as long as the network's picture, 10.26 s as published. Windows follow
    each other without a gap, and the last one ends with the clip, so that all of it is
    heard. Pictures of shorter clips are filled as the network was trained to see them,
    clips below 25 ms with zeros first. The embedding of a window is the mean of the two
    class tokens, which the published classifier starts from. Silence has an embedding
    like any other sound; a clip that holds NaN gives NaN. Nothing is learnt from other
    clips, so nothing can leak.

    The default model is taken at revision f826b80d28226b62986cc218e5cec390b1096902,
    its model.safetensors is known by sha256 ae0c1e2a...3869924d.

    A fast tape brings low voices to where a network has learnt to listen: on the
    study's 13 animals ``speeds=(1, 2)`` is worth a point or two (see the user guide).

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
        return [model.picture(window) for window in windows]


class _AST:
    def __init__(self, model, extractor, device):
        self.model, self._extractor, self._device = model, extractor, device
        self.sample_rate = extractor.sampling_rate
        self.n_samples = _FRAME + (extractor.max_length - 1) * _HOP
        self.n_features = model.config.hidden_size

    def picture(self, window):
        inputs = self._extractor(window, self.sample_rate, return_tensors="np")
        return inputs["input_values"][0]

    def run(self, batch):
        import torch

        with torch.inference_mode():
            pictures = torch.from_numpy(batch).to(self._device)
            return self.model(pictures).pooler_output.cpu().numpy()
