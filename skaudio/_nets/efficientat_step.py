"""EfficientAT's embeddings as part of an exported model."""

import torch
from torch import nn
from torch.nn.functional import pad

from skaudio._nets.efficientat_front_end import (
    FMAX,
    HOP,
    N_FFT,
    OFFSET,
    PRE_EMPHASIS,
    SAMPLE_RATE,
    EfficientATFrontEnd,
)
from skaudio._utils.convolutions import PowerSpectrum, Resampler, there_mask


class EfficientATStep(nn.Module):
    """From waveforms to embeddings, at each speed.

    Parameters
    ----------
    network : MobileNetV3
    layers : {"all", "embedding"}
    sample_rate : int
        Of the waveforms, in Hz.
    speeds : sequence of float
    n_samples : int
        Length of a window, in samples at 32 kHz.
    pooling : {"mean", "max", "mean_std"}
    """

    def __init__(self, network, layers, sample_rate, speeds, n_samples, pooling):
        super().__init__()
        self.resamplers = nn.ModuleList(
            Resampler(sample_rate * speed, SAMPLE_RATE) for speed in speeds
        )
        self.front_end = ConvolvedFrontEnd()
        self.network, self.layers = network, layers
        self.n_samples, self.pooling = n_samples, pooling

    def forward(self, flow):
        cut = [
            cut_windows(*resampler(flow["waveforms"], flow["lengths"]), self.n_samples)
            for resampler in self.resamplers
        ]
        # The network is in the graph once, for the windows of all speeds.
        windows = torch.cat([windows for windows, _ in cut], dim=1)
        embeddings = self.network(self.front_end(windows.flatten(0, 1)), self.layers)
        # Of an input: the exporter may take other sizes for constants.
        n_rows, n_features = flow["lengths"].shape[0], embeddings.shape[1]
        embeddings = embeddings.reshape(n_rows, -1, n_features)
        rows, first = [], 0
        for _, there in cut:
            own = embeddings[:, first : first + there.shape[1]]
            rows.append(_pooled(own, there, self.pooling))
            first = first + there.shape[1]
        return {"X": torch.cat(rows, dim=1)}


class EfficientATInput(nn.Module):
    """From waveforms to log-mels of one length, for a fine-tuned network.

    Parameters
    ----------
    sample_rate : int
        Of the waveforms, in Hz.
    n_samples : int
        At 32 kHz; shorter waveforms are repeated, longer ones cut.
    """

    def __init__(self, sample_rate, n_samples):
        super().__init__()
        self.resampler = Resampler(sample_rate, SAMPLE_RATE)
        self.front_end, self.n_samples = ConvolvedFrontEnd(), n_samples

    def forward(self, flow):
        waveforms, lengths = self.resampler(flow["waveforms"], flow["lengths"])
        places = torch.arange(self.n_samples) % lengths[:, None]
        return {"X": self.front_end(waveforms.gather(1, places))}


class ConvolvedFrontEnd(nn.Module):
    """`EfficientATFrontEnd` without a Fourier transform."""

    def __init__(self):
        super().__init__()
        like = EfficientATFrontEnd()
        n_bins = int(FMAX * N_FFT / SAMPLE_RATE) + 1
        self.spectrum = PowerSpectrum(like.window, N_FFT, HOP, n_bins)
        self.register_buffer("filters", like.filters[:n_bins].T.contiguous())

    def forward(self, waveforms):
        emphasised = waveforms[:, 1:] - PRE_EMPHASIS * waveforms[:, :-1]
        half = N_FFT // 2
        emphasised = pad(emphasised[:, None], (half, half), mode="reflect")[:, 0]
        power = self.filters @ self.spectrum(emphasised)
        return ((power + OFFSET).log() + 4.5) / 5


def cut_windows(waveforms, lengths, n_samples):
    """Cut windows that follow each other; the last one ends with the waveform.

    Parameters
    ----------
    waveforms : Tensor of shape (n, any)
    lengths : Tensor of int, shape (n,)
        Shorter waveforms are repeated up to `n_samples`.
    n_samples : int

    Returns
    -------
    windows : Tensor of shape (n, n_windows, n_samples)
    there : Tensor of bool, shape (n, n_windows)
        Which of them are a row's own.
    """
    n_windows = (waveforms.shape[1] + n_samples - 1) // n_samples
    last = (lengths - n_samples).clamp(min=0)
    starts = torch.arange(n_windows) * n_samples
    starts = torch.minimum(starts, last[:, None])
    places = starts[..., None] + torch.arange(n_samples)
    places = (places % lengths[:, None, None]).flatten(1)
    windows = waveforms.gather(1, places).unflatten(1, (-1, n_samples))
    return windows, there_mask(n_windows, (lengths + n_samples - 1) // n_samples)


def _pooled(embeddings, there, pooling):
    """Summarise (n, n_windows, n_features) over the windows of each row."""
    there = there[..., None]
    if pooling == "max":
        return embeddings.masked_fill(~there, -torch.inf).amax(1)
    n_there = there.sum(1)
    mean = (embeddings * there).sum(1) / n_there
    if pooling == "mean":
        return mean
    centred = (embeddings - mean[:, None]) * there
    return torch.cat([mean, (centred.square().sum(1) / n_there).sqrt()], dim=1)
