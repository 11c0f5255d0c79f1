"""Statistics over time of fixed filters: features without training."""

import numpy as np
import torch
from scipy.fft import dct
from torch import nn

# Enough cepstral coefficients for the harmonics of a call, not only its envelope.
_N_CEPSTRA = 40
# Lags in frames, 0.06 to 0.5 s at the default features: the durations of syllables.
_LAGS = (2, 4, 8, 16)
_N_LAGGED = 12


class TimeStatistics(nn.Module):
    """Compute statistics over time of bands, cepstra and their changes.

    Mean, deviation and 90th percentile of the mel bands, and the deviation of their
    changes from frame to frame; mean, deviation, 10th and 90th percentile of 40
    cepstral coefficients (the cosine transform over bands), and the deviation of their
    changes; of the first 12 the deviation of their changes over 2, 4, 8 and 16 frames.
    All are convolutions along time with fixed weights, pooled over time. Changes wrap
    around at the end of the log-mel, so that they are defined for any length.

    Input (n, n_bands, n_frames), output (n, n_features).
    """

    def __init__(self, n_bands):
        super().__init__()
        n_cepstra = min(_N_CEPSTRA, n_bands)
        self.n_lagged = min(_N_LAGGED, n_bands)
        transform = dct(np.eye(n_bands), axis=0, norm="ortho")[:n_cepstra]
        self.register_buffer("transform", torch.from_numpy(transform).float())
        self.n_features = 4 * n_bands + 5 * n_cepstra + len(_LAGS) * self.n_lagged

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give the features."""
        cepstra = self.transform @ X
        envelope = cepstra[:, : self.n_lagged]
        features = [
            X.mean(dim=-1),
            _deviation(X),
            *_percentiles(X, 0.9),
            _deviation(_changes(X, 1)),
            cepstra.mean(dim=-1),
            _deviation(cepstra),
            *_percentiles(cepstra, 0.1, 0.9),
            _deviation(_changes(cepstra, 1)),
            *(_deviation(_changes(envelope, lag)) for lag in _LAGS),
        ]
        return torch.cat(features, dim=1)


def _deviation(X):
    # Torch's `var` takes ten times as long.
    variance = (X - X.mean(dim=-1, keepdim=True)).square().mean(dim=-1)
    return (variance + 1e-6).sqrt()


def _changes(X, lag):
    return X.roll(-lag, dims=-1) - X


def _percentiles(X, *shares):
    ordered = _in_order(X)
    n_frames = int(X.shape[-1])  # as a number while the net is exported, too
    return [ordered[..., round(share * (n_frames - 1))] for share in shares]


def _in_order(X):
    exported = torch.compiler.is_compiling() or torch.jit.is_tracing()
    if exported or X.device.type != "cpu":
        return X.sort(dim=-1).values
    # On a CPU numpy sorts ten times as fast as torch.
    return torch.from_numpy(np.sort(X.detach().numpy(), axis=-1))
