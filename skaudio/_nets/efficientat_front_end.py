"""EfficientAT's log-mels."""

import torch
from torch import nn

from skaudio._nets.mel_filters import mel_filters

SAMPLE_RATE = 32000
SHORTEST = 1024  # samples; the reflection at both ends needs more than half of it
N_MELS = 128
N_FFT, _WINDOW, HOP = 1024, 800, 320
_FMIN, FMAX = 0.0, 15000.0
PRE_EMPHASIS = 0.97
OFFSET = 1e-5


class EfficientATFrontEnd(nn.Module):
    """From waveforms (n, n_samples) at 32 kHz to log-mels (n, 128, n_frames)."""

    def __init__(self):
        super().__init__()
        window = torch.hann_window(_WINDOW, periodic=False)
        filters = mel_filters(SAMPLE_RATE, N_FFT, N_MELS, _FMIN, FMAX)
        self.register_buffer("window", window, persistent=False)
        self.register_buffer("filters", torch.from_numpy(filters), persistent=False)

    def forward(self, waveforms):
        emphasised = waveforms[:, 1:] - PRE_EMPHASIS * waveforms[:, :-1]
        spectrum = torch.stft(
            *(emphasised, N_FFT, HOP, _WINDOW, self.window), return_complex=True
        )
        power = spectrum.real.square() + spectrum.imag.square()
        return ((self.filters.T @ power + OFFSET).log() + 4.5) / 5
