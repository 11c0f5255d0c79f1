"""Log-mels as part of an exported model."""

import torch
from torch import nn
from torch.nn.functional import pad

from skaudio._utils.convolutions import PowerSpectrum, there_mask
from skaudio._utils.mel_scale import mel_filters

_AMIN = 1e-10
_LEAST_DEVIATION = 1e-6


class LogMelStep(nn.Module):
    """From waveforms to the log-mels of a `LogMelExtractor`, (n, n_mels, n_frames).

    Parameters
    ----------
    extractor : LogMelExtractor
    """

    def __init__(self, extractor):
        super().__init__()
        n_fft, self.hop_length = extractor.n_fft, extractor.hop_length
        self.half, self.over = n_fft // 2, 2 * (n_fft // 2) - n_fft
        filters = mel_filters(
            *(extractor.sample_rate, n_fft, extractor.n_mels),
            *(extractor.fmin, extractor.fmax, extractor.htk),
        )
        window = torch.hann_window(n_fft)
        self.spectrum = PowerSpectrum(window, n_fft, self.hop_length, len(filters.T))
        self.register_buffer("filters", torch.from_numpy(filters))
        self.n_frames, self.top_db = extractor.n_frames, extractor.top_db
        self.normalize, self.pad_mode = extractor.normalize, extractor.pad_mode

    def forward(self, flow):
        waveforms, lengths = flow["waveforms"], flow["lengths"]
        power = self.filters @ self.spectrum(pad(waveforms, (self.half, self.half)))
        decibels = 10 * power.clamp(min=_AMIN).log10()
        n_there = 1 + (lengths + self.over) // self.hop_length
        there = there_mask(decibels.shape[2], n_there)[:, None]
        decibels = self._normalised(decibels, there, n_there[:, None, None])
        return {"X": self._placed(decibels * there, n_there)}

    def _normalised(self, decibels, there, n_there):
        loudest = decibels.masked_fill(~there, -torch.inf).amax((1, 2), keepdim=True)
        decibels = decibels - loudest
        if self.top_db is not None:
            decibels = decibels.clamp(min=-self.top_db)
        if self.normalize is None:
            return decibels
        axis = (2,) if self.normalize == "band" else (1, 2)
        n_values = n_there * (1 if self.normalize == "band" else decibels.shape[1])
        mean = (decibels * there).sum(axis, keepdim=True) / n_values
        decibels = (decibels - mean) * there
        deviation = (decibels.square().sum(axis, keepdim=True) / n_values).sqrt()
        return decibels / torch.where(deviation > _LEAST_DEVIATION, deviation, 1.0)

    def _placed(self, log_mels, n_there):
        """Cut or fill to the model's number of frames."""
        if self.pad_mode == "repeat":
            # Longer clips are cut, so that none of their frames comes again.
            places = torch.arange(self.n_frames) % n_there[:, None]
            places = places[:, None].expand(-1, log_mels.shape[1], -1)
            return log_mels.gather(2, places)
        return pad(log_mels, (0, self.n_frames))[..., : self.n_frames]
