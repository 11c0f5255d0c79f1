"""YAMNet's log-mel patches."""

import functools

import numpy as np
from scipy.fft import rfft

from skaudio._nets.mel_filters import mel_filters

SAMPLE_RATE = 16000
N_FRAMES, N_MELS = 96, 64  # of a patch: 0.96 s
_WINDOW, _HOP, _N_FFT = 400, 160, 512
_PATCH_HOP = 48  # frames: 0.48 s
PATCH_SAMPLES = _WINDOW + (N_FRAMES - 1) * _HOP
_FMIN, _FMAX = 125.0, 7500.0
_OFFSET = 0.001
SILENCE = np.log(np.float32(_OFFSET))


def log_mel_patches(waveform):
    """Compute the patches of a clip.

    Parameters
    ----------
    waveform : float32 array of shape (n_samples,)
        At 16 kHz.

    Returns
    -------
    patches : float32 array of shape (n_patches, 96, 64)
        Frames by bands, every 0.48 s. The waveform is zero-padded to whole patches; the
        last of several patches holds less than 0.48 s of padding.
    """
    n_more = max(0, len(waveform) - PATCH_SAMPLES)
    n_samples = PATCH_SAMPLES + -(-n_more // (_PATCH_HOP * _HOP)) * _PATCH_HOP * _HOP
    padded = np.zeros(n_samples, np.float32)
    padded[: len(waveform)] = waveform
    patches = np.lib.stride_tricks.sliding_window_view(
        log_mel(padded), N_FRAMES, axis=0
    )
    return patches[::_PATCH_HOP].swapaxes(1, 2)


def log_mel(waveform):
    """Compute the log-mel of a clip, from which patches are cut.

    Parameters
    ----------
    waveform : float32 array of shape (n_samples,)
        At 16 kHz, at least 25 ms.

    Returns
    -------
    log_mel : float32 array of shape (n_frames, 64)
        Silence is `SILENCE` throughout.
    """
    frames = np.lib.stride_tricks.sliding_window_view(waveform, _WINDOW)[::_HOP]
    window, filters = _window_and_filters()
    magnitude = abs(rfft(frames * window, _N_FFT))
    return np.log(magnitude @ filters + np.float32(_OFFSET))


@functools.cache
def _window_and_filters():
    """Compute the Hann window and the (n_bins, n_mels) filters."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    filters = mel_filters(SAMPLE_RATE, _N_FFT, N_MELS, _FMIN, _FMAX)
    return window.astype(np.float32), filters
