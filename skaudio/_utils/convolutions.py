"""Spectra and resampling as convolutions, which every runtime of networks has.

A *flow* is a dict of tensors that the parts of an exported model take and return, in
their order: ``waveforms`` (n, n_samples), padded at the end, and their ``lengths``
(n,); then ``features``, ``logits``, ``probabilities``, ``p_values``.
"""

from fractions import Fraction

import numpy as np
import torch
from torch import nn
from torch.nn.functional import conv1d, pad

# Products of the two numbers of a ratio that are worth a convolution.
_MOST_COMPLEX = 64
_BLOCK = 64  # output samples of one row of the convolution
_LEAST = 1e-7  # of a filter's weights
_MOST_DIFFERENT = 2e-5  # of full scale, from soxr
_START = 64  # samples


def there_mask(n_places, lengths):
    """Return a mask (n, n_places) of what is within each row's length."""
    return torch.arange(n_places, device=lengths.device) < lengths[:, None]


class PowerSpectrum(nn.Module):
    """The power spectrum of frames, by a convolution with cosines and sines.

    Input (n, n_samples), output (n, n_bins, n_frames).

    Parameters
    ----------
    window : Tensor of shape (n_window,)
    n_fft, hop_length, n_bins : int
        The window lies in the middle of the `n_fft` samples of a frame. Bins from 0.
    """

    def __init__(self, window, n_fft, hop_length, n_bins):
        super().__init__()
        # The samples of a frame outside of the window count for nothing.
        self.left = (n_fft - len(window)) // 2
        self.right = n_fft - len(window) - self.left
        self.hop_length, self.n_bins = hop_length, n_bins
        places = np.arange(self.left, self.left + len(window))
        angles = np.outer(np.arange(n_bins), places) % n_fft * (2 * np.pi / n_fft)
        waves = np.concatenate([np.cos(angles), np.sin(angles)])
        waves = (waves * window.double().numpy()).astype(np.float32)
        self.register_buffer("waves", torch.from_numpy(waves[:, None]))

    def forward(self, waveforms):
        waveforms = pad(waveforms[:, None], (-self.left, -self.right))
        spectrum = conv1d(waveforms, self.waves, stride=self.hop_length).square()
        return spectrum[:, : self.n_bins] + spectrum[:, self.n_bins :]


class Resampler(nn.Module):
    """soxr's "HQ" resampling by a ratio of small numbers, as a convolution.

    Input and output: waveforms (n, n_samples), zeros after their ends, and their
    lengths (n,). Equals `skaudio.io.resample` to 1e-5 of full scale (by 4 and more not
    in the first millisecond).

    Parameters
    ----------
    sample_rate, target_sample_rate : float
        In Hz.

    Raises
    ------
    ValueError
        Where the ratio is none of small numbers.
    """

    def __init__(self, sample_rate, target_sample_rate):
        super().__init__()
        ratio = Fraction(target_sample_rate).limit_denominator(10**6)
        ratio /= Fraction(sample_rate).limit_denominator(10**6)
        self.up, self.down = ratio.numerator, ratio.denominator
        rates = f"resampling from {sample_rate:g} to {target_sample_rate:g} Hz"
        if self.up * self.down > _MOST_COMPLEX:
            raise ValueError(
                f"{rates} cannot be exported: expected a ratio of small numbers, such "
                "as 1 to 2"
            )
        if ratio != 1:
            weights, self.before = _filters(self.up, self.down)
            self.register_buffer("weights", torch.from_numpy(weights[:, None]))
            self._compare(rates)

    def _compare(self, rates):
        """Raise where soxr does not resample by one filter."""
        import soxr

        noise = np.random.default_rng(0).uniform(-1, 1, 4001).astype(np.float32)
        expected = soxr.resample(noise, self.down, self.up, "HQ")
        found, _ = self(torch.from_numpy(noise[None]), torch.tensor([len(noise)]))
        # By 4 and more, soxr has two filters, and no sound before the first sample.
        difference = np.abs(found[0, : len(expected)].numpy() - expected)[_START:].max()
        if difference > _MOST_DIFFERENT:
            raise ValueError(
                f"{rates} cannot be exported: as one filter it would be off by "
                f"{difference:.1g} of full scale; take another speed or sample rate"
            )

    def forward(self, waveforms, lengths):
        if self.up == self.down:
            return waveforms, lengths
        # Rounded up, where soxr rounds: at least one.
        n_most = (self.up * waveforms.shape[1] + self.down - 1) // self.down
        n_block, _, n_taps = self.weights.shape
        stride = n_block // self.up * self.down
        # Enough zeros for the last block, whose end is cut off again.
        waveforms = pad(waveforms[:, None], (self.before, n_taps + stride))
        blocks = conv1d(waveforms, self.weights, stride=stride)
        resampled = blocks.transpose(1, 2).flatten(1)[:, :n_most]
        n_resampled = (2 * self.up * lengths + self.down) // (2 * self.down)
        return resampled, n_resampled.clamp(min=1)


def _filters(up, down):
    """Measure soxr's filters: (n_block, n_taps), and the samples before a block."""
    import soxr

    n_block = up * max(1, _BLOCK // up)
    # Far from both ends: output m is the sum over n of h[m * down - n * up] * x[n].
    centre = 4096 * down
    response = {}
    for shift in range(down):
        impulse = np.zeros(2 * centre)
        impulse[centre + shift] = 1
        out = soxr.resample(impulse, down, up, "HQ")
        for m in np.flatnonzero(np.abs(out) > _LEAST * up):
            response[int(m) * down - (centre + shift) * up] = out[m]
    reach = max(map(abs, response))
    # Of output k + p within a block, sample j counts with h[p * down - j * up].
    first = -(reach // up)
    last = ((n_block - 1) * down + reach) // up
    weights = np.zeros((n_block, last - first + 1), np.float32)
    for p in range(n_block):
        for place, j in enumerate(range(first, last + 1)):
            weights[p, place] = response.get(p * down - j * up, 0.0)
    return weights, -first


class FixedLength(nn.Module):
    """Cut and fill waveforms to one length; with None, leave them as they are.

    Parameters
    ----------
    n_samples : int or None
    """

    def __init__(self, n_samples):
        super().__init__()
        self.n_samples = n_samples

    def forward(self, flow):
        if self.n_samples is None:
            return flow
        waveforms = pad(flow["waveforms"], (0, self.n_samples))[:, : self.n_samples]
        lengths = torch.full_like(flow["lengths"], self.n_samples)
        return {"waveforms": waveforms, "lengths": lengths}
