"""Mel spectrograms in decibels, of many clips at a time.

Three things make it fast on one core. Clips are laid end to end on one grid of frames,
so that a batch of short clips needs no more calls than one long clip. Frames go through
window, transform, power and filters in pieces that stay in the processor's cache. And
mel filters are narrow: groups of neighbouring bands are multiplied with the few bins
that they reach.
"""

import functools

import numpy as np

from skaudio._utils.mel_scale import mel_filters
from skaudio._utils.threads import torch_threads
from skaudio._utils.warn import warn_user

_AMIN = 1e-10  # librosa's lower limit of power before the logarithm
_FRAMES_AT_ONCE = 256
_BANDS_AT_ONCE = 16
_SAMPLES_AT_ONCE = 2**19  # of clips laid end to end: 2 MB


def mel_decibels(waveforms, sample_rate, n_fft, hop_length, n_mels, fmin, fmax, htk):
    """Compute ``10 log10`` of mel power for each waveform, relative to full scale 1.

    Parameters
    ----------
    waveforms : iterable of float32 arrays of shape (n_samples,)
    sample_rate, n_fft, hop_length, n_mels, fmin, fmax, htk
        As in `LogMelExtractor`.

    Yields
    ------
    decibels : ndarray of float32, shape (n_frames, n_mels)
        Of each waveform, in order; centred frames with zeros around, as librosa's.
        The caller may write into it. NaN or infinite samples give frames that are not
        finite.
    """
    window, bands = _window_and_bands(sample_rate, n_fft, n_mels, fmin, fmax, htk)
    for firsts, ends, signal in _end_to_end(waveforms, n_fft, hop_length):
        decibels = _decibels_of_frames(signal, window, bands, n_mels, hop_length)
        for first, last in zip(firsts, ends, strict=True):
            yield decibels[first:last]


def _end_to_end(waveforms, n_fft, hop_length):
    """Lay clips on one grid of frames; neighbours share the zeros between them."""
    half = n_fft // 2
    firsts, ends, placed, place = [], [], [], 0
    samples = np.empty(0, np.float32)

    def signal():
        nonlocal samples
        n_samples = place * hop_length + n_fft
        if len(samples) < n_samples:  # memory that is used again costs nothing
            samples = np.empty(n_samples, np.float32)
        end = 0
        for first, waveform in zip(firsts, placed, strict=True):
            start = first * hop_length + half
            samples[end:start] = 0
            end = start + len(waveform)
            samples[start:end] = waveform
        samples[end:n_samples] = 0
        return samples[:n_samples]

    for waveform in waveforms:
        if placed and place * hop_length + len(waveform) > _SAMPLES_AT_ONCE:
            yield firsts, ends, signal()
            firsts, ends, placed, place = [], [], [], 0
        firsts.append(place)
        ends.append(place + 1 + (len(waveform) + 2 * half - n_fft) // hop_length)
        placed.append(waveform)
        place += -(-(half + len(waveform)) // hop_length)
    if placed:
        yield firsts, ends, signal()


def _decibels_of_frames(signal, window, bands, n_mels, hop_length):
    import torch

    frames = torch.from_numpy(signal).unfold(0, len(window), hop_length)
    decibels = torch.empty(len(frames), n_mels)
    windowed = torch.empty(_FRAMES_AT_ONCE, len(window))
    with torch_threads(1), torch.inference_mode():
        for first in range(0, len(frames), _FRAMES_AT_ONCE):
            piece = frames[first : first + _FRAMES_AT_ONCE]
            out = decibels[first : first + _FRAMES_AT_ONCE]
            spectrum = torch.fft.rfft(
                torch.mul(piece, window, out=windowed[: len(piece)])
            )
            # Real and imaginary parts, side by side; the filters come doubled.
            squared = torch.view_as_real(spectrum).flatten(1).square_()
            for low, high, some, filters in bands:
                torch.mm(squared[:, low:high], filters, out=out[:, some])
        decibels.clamp_(min=_AMIN).log10_().mul_(10)
    return decibels.numpy()


@functools.lru_cache(maxsize=8)
def _window_and_bands(sample_rate, n_fft, n_mels, fmin, fmax, htk):
    """Return the window and, per group of bands: first bin, end, bands, filters."""
    import torch

    filters = mel_filters(sample_rate, n_fft, n_mels, fmin, fmax, htk)
    if empty := int((filters.max(axis=1) == 0).sum()):
        warn_user(
            f"{empty} of {n_mels} mel bands are empty: n_fft={n_fft} resolves "
            f"{sample_rate / n_fft:.1f} Hz; take fewer bands or a longer window."
        )
    bands = []
    for first in range(0, n_mels, _BANDS_AT_ONCE):
        some = slice(first, first + _BANDS_AT_ONCE)
        reached = np.flatnonzero(filters[some].any(axis=0))
        low, high = (reached[0], reached[-1] + 1) if len(reached) else (0, 1)
        doubled = np.repeat(filters[some, low:high].T, 2, axis=0)
        bands.append((2 * low, 2 * high, some, torch.from_numpy(doubled)))
    return torch.hann_window(n_fft), bands
