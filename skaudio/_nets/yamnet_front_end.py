"""YAMNet's log-mel patches."""

import functools

import numpy as np
from scipy.fft import rfft

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
    """Compute the Hann window and the (n_bins, n_mels) filters.

    The filters are triangles over mel, where librosa's are triangles over hertz; the
    constant component is left out.
    """
    bins = _mel(np.linspace(0, SAMPLE_RATE / 2, _N_FFT // 2 + 1))[:, np.newaxis]
    edges = np.linspace(_mel(_FMIN), _mel(_FMAX), N_MELS + 2)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    filters = np.maximum(0, np.minimum(rising, falling))
    filters[0] = 0
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    return window.astype(np.float32), filters.astype(np.float32)


def _mel(hertz):
    return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)
