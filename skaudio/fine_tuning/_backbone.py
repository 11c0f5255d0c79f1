"""What the published backbones have in common."""

import warnings

import numpy as np
from joblib import Parallel, delayed
from torch import nn

from skaudio._nets.layers import dense_head
from skaudio.io import resample


class Backbone:
    """A published network without its weights: what a fitted classifier keeps of it.

    A subclass is made from what its embedder opens, and has `picture`, from float32
    (n_samples,) to the (n_bands, n_frames) that the first layer sees, and `body`, which
    builds a module of random weights from pictures to (n, ``n_features``). The module
    names the classes that begin its layers in `begins`. `weights` gives those of the
    opened network, by the names of the module's.

    Parameters
    ----------
    sample_rate : int
        Of the network.
    n_samples : int
        That a picture shows.
    """

    def __init__(self, sample_rate, n_samples):
        self.sample_rate = sample_rate
        self.n_samples = n_samples
        self.input_shape = self.picture(np.zeros(n_samples, np.float32)).shape

    def pictures(self, clips, sample_rate, n_jobs=None):
        """Turn clips into pictures.

        Parameters
        ----------
        clips : sequence of n sequences of n_views waveforms
            Shorter ones are repeated, longer ones cut, with a warning.
        sample_rate : int
            Of the waveforms; they are resample to the network's.
        n_jobs : int or None
            Threads.

        Returns
        -------
        pictures : ndarray of float32, shape (n, n_views, n_bands, n_frames)
            NaN for waveforms that hold a NaN or infinite sample.
        """
        longest = self.n_samples * sample_rate / self.sample_rate
        n_cut = sum(len(views[0]) > longest + 1 for views in clips)
        if n_cut:
            warnings.warn(
                f"{n_cut} of {len(clips)} clips are longer than the backbone's window "
                f"of {self.n_samples / self.sample_rate:.4g} s and were cut: spans of "
                "skaudio.datasets.clip_windows would keep all of them.",
                stacklevel=4,
            )
        return np.stack(
            Parallel(n_jobs=n_jobs, prefer="threads")(
                delayed(self._views)(views, sample_rate) for views in clips
            )
        )

    def _views(self, views, sample_rate):
        pictures = np.full((len(views), *self.input_shape), np.nan, np.float32)
        for picture, waveform in zip(pictures, views, strict=True):
            if np.isfinite(waveform).all():
                waveform = resample(waveform, sample_rate, self.sample_rate)
                picture[:] = self.picture(np.resize(waveform, self.n_samples))
        return pictures


class PublishedNet(nn.Module):
    """A backbone's body with a new last layer.

    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    def __init__(self, n_bands, n_frames, n_classes, backbone):
        super().__init__()
        self.body = backbone.body()
        self.head = dense_head([], 0.3, self.body.n_features, n_classes)

    def forward(self, X):
        return self.head(self.body(X))
