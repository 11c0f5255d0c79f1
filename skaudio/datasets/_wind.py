"""Synthetic wind noise: low frequencies, in gusts."""

import numpy as np


def coloured_noise(n_samples, exponent, sample_rate, random_state, corner=40.0):
    """Return Gaussian noise of unit power, falling as ``f ** -exponent``.

    Parameters
    ----------
    n_samples : int
        Length in samples.
    exponent : float
        Slope of the power spectrum: 0 is white, 1 pink, 2 brown.
    sample_rate : int
        In Hz.
    random_state : numpy.random.RandomState
        Source of randomness.
    corner : float, default=40.0
        Frequency in Hz below which the spectrum is flat.

    Returns
    -------
    noise : ndarray of shape (n_samples,), float64
    """
    # Powers of two avoid the slow FFTs of prime lengths.
    n_fft = 1 << max(n_samples - 1, 1).bit_length()
    frequency = np.fft.rfftfreq(n_fft, 1 / sample_rate)
    spectrum = np.fft.rfft(random_state.standard_normal(n_fft))
    spectrum *= np.maximum(frequency / corner, 1.0) ** (-exponent / 2)
    noise = np.fft.irfft(spectrum, n_fft)[:n_samples]
    return noise / np.sqrt(np.mean(noise**2))


def make_wind(n_samples, sample_rate, random_state):
    """Return synthetic wind noise of unit power.

    The power falls with frequency as turbulence does, by an exponent drawn from 5/3 to
    twice that [1]_. Gusts of about a second change its level; stronger gusts have more
    high frequencies.

    Parameters
    ----------
    n_samples : int
        Length in samples.
    sample_rate : int
        In Hz.
    random_state : numpy.random.RandomState
        Source of randomness.

    Returns
    -------
    wind : ndarray of shape (n_samples,), float64
        Mean square 1, so it can be scaled to any level.

    References
    ----------
    .. [1] G. P. van den Berg, "Wind-induced noise in a screened microphone", Journal
       of the Acoustical Society of America 119(2), 2006.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.datasets import make_wind
    >>> wind = make_wind(16000, sample_rate=8000, random_state=np.random.RandomState(0))
    >>> wind.shape, round(float(np.mean(wind**2)), 3)
    ((16000,), 1.0)
    """
    slope = random_state.uniform(5 / 3, 10 / 3)
    n_knots = 2 + int(n_samples / sample_rate * random_state.uniform(0.8, 2.5))
    strength = np.interp(
        np.linspace(0, n_knots - 1, n_samples),
        np.arange(n_knots),
        random_state.standard_normal(n_knots),
    )
    rumble = coloured_noise(n_samples, slope, sample_rate, random_state)
    hiss = coloured_noise(n_samples, 1.0, sample_rate, random_state)
    wind = rumble * np.exp(0.7 * strength) + 0.1 * hiss * np.exp(1.4 * strength)
    return wind / np.sqrt(np.mean(wind**2))
