"""EfficientAT's log-mels."""

import torch
from torch import nn

from skaudio._nets.mel_filters import mel_filters

SAMPLE_RATE = 32000
SHORTEST = 1024  # samples; the reflection at both ends needs more than half of it
N_MELS = 128
_N_FFT, _WINDOW, _HOP = 1024, 800, 320
_FMIN, _FMAX = 0.0, 15000.0
_PRE_EMPHASIS = 0.97
_OFFSET = 1e-5


class EfficientATFrontEnd(nn.Module):
    """From waveforms (n, n_samples) at 32 kHz to log-mels (n, 128, n_frames)."""

    def __init__(self):
        super().__init__()
        window = torch.hann_window(_WINDOW, periodic=False)
        filters = mel_filters(SAMPLE_RATE, _N_FFT, N_MELS, _FMIN, _FMAX)
        self.register_buffer("window", window, persistent=False)
        self.register_buffer("filters", torch.from_numpy(filters), persistent=False)

    def forward(self, waveforms):
        emphasised = waveforms[:, 1:] - _PRE_EMPHASIS * waveforms[:, :-1]
        spectrum = torch.stft(
            *(emphasised, _N_FFT, _HOP, _WINDOW, self.window), return_complex=True
        )
        power = spectrum.real.square() + spectrum.imag.square()
        return ((self.filters.T @ power + _OFFSET).log() + 4.5) / 5
