"""The base of the published backbones."""

from functools import cached_property

import numpy as np
from joblib import Parallel, delayed
from torch import nn

from skaudio._nets.layers import dense_head
from skaudio._utils.warn import warn_user
from skaudio.io import resample


class Backbone:
    """A published network without its weights: what a fitted classifier keeps of it.

    A subclass is made from what its embedder opens, and has `network_input`, from
    float32 (n_samples,) to the (n_bands, n_frames) that the first layer takes, and
    `body`, which builds a module of random weights from inputs to (n, ``n_features``).
    The module lists the classes that begin its layers in `layer_types`. `weights` gives
    those of the opened network, by the names of the module's. `state` gives what a
    saved classifier keeps of it, as numbers, text and arrays, and `from_state` makes
    the backbone again from it alone.

    Parameters
    ----------
    sample_rate : int
        Of the network.
    n_samples : int
        Length of the network's window.
    """

    def __init__(self, sample_rate, n_samples):
        self.sample_rate = sample_rate
        self.n_samples = n_samples

    @cached_property
    def input_shape(self):
        """Shape of the network's input, (n_bands, n_frames)."""
        return self.network_input(np.zeros(self.n_samples, np.float32)).shape

    def input_step(self, sample_rate):
        """Make the part of an exported model that computes the network's inputs.

        Parameters
        ----------
        sample_rate : int
            Of the waveforms.

        Raises
        ------
        ValueError
            Where the backbone has none.
        """
        raise ValueError(
            f"{type(self).__name__} cannot be exported to ONNX: use "
            "backbone='efficientat' instead (--features efficientat)"
        )

    def inputs(self, clips, sample_rate, n_jobs=None):
        """Compute the network's inputs: log-mels, or waveforms as one band.

        Parameters
        ----------
        clips : sequence of n sequences of n_views waveforms
            Shorter ones are repeated, longer ones cut, with a warning.
        sample_rate : int
            Of the waveforms; they are resampled to the network's.
        n_jobs : int or None
            Number of threads.

        Returns
        -------
        inputs : ndarray of float32, shape (n, n_views, n_bands, n_frames)
            NaN for waveforms that contain a NaN or infinite sample.
        """
        longest = self.n_samples * sample_rate / self.sample_rate
        n_cut = sum(len(views[0]) > longest + 1 for views in clips)
        if n_cut:
            warn_user(
                f"{n_cut} of {len(clips)} clips are longer than the backbone's window "
                f"of {self.n_samples / self.sample_rate:.4g} s and were cut: to use "
                "all of them, split them first with skaudio.io.clip_windows."
            )
        return np.stack(
            Parallel(n_jobs=n_jobs, prefer="threads")(
                delayed(self._views)(views, sample_rate) for views in clips
            )
        )

    def _views(self, views, sample_rate):
        inputs = np.full((len(views), *self.input_shape), np.nan, np.float32)
        for row, waveform in zip(inputs, views, strict=True):
            if np.isfinite(waveform).all():
                waveform = resample(waveform, sample_rate, self.sample_rate)
                row[:] = self.network_input(np.resize(waveform, self.n_samples))
        return inputs


class PublishedNet(nn.Module):
    """A backbone's body with a new last layer.

    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    def __init__(self, n_bands, n_frames, n_classes, backbone):
        super().__init__()
        self.body = backbone.body()
        self.n_features = self.body.n_features
        self.head = dense_head([], 0.3, self.n_features, n_classes)

    def forward(self, X):
        return self.head(self.body(X))
