"""From waveforms to log-mel spectrograms."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from skaudio._utils.sklearn_compat import Interval, StrOptions, validate_parameters
from skaudio._utils.warn import warn_user
from skaudio._utils.waveforms import as_waveforms
from skaudio.features._mel_decibels import mel_decibels


class LogMelExtractor(TransformerMixin, BaseEstimator):
    """Log-mel spectrograms of fixed size, at many times the speed of librosa.

    Before normalisation a clip's log-mel spectrogram equals
    ``librosa.power_to_db(librosa.feature.melspectrogram(...), ref=np.max)`` to 5e-3 dB.

    Parameters
    ----------
    sample_rate : int, default=16000
        Rate of the waveforms in Hz.
    n_mels : int, default=128
        Number of mel bands.
    n_fft, hop_length : int, default=1024 and 512
        Window and step of the Fourier transform, in samples.
    n_frames : int, default=500
        Number of frames. Longer clips are cut (with a warning that counts them, unless
        `n_crops` covers them), shorter ones padded.
    fmin, fmax : float, default=0.0 and None
        Range of the mel bands in Hz; None is half the sample rate.
    htk : bool, default=False
        HTK's mel formula instead of Slaney's.
    normalize : {"sample", "band"} or None, default="sample"
        Zero mean and unit variance over the whole clip, or over time within each band.
        None leaves decibels below the clip's maximum.
    pad_mode : {"zero", "repeat"}, default="zero"
        How short clips are filled after normalisation: exact zeros, from
        which the classifiers find the clip's true length, or the clip repeated.
    n_crops : int, default=1
        With more than one, each clip gives `n_crops` evenly spaced crops as views;
        classifiers average their predictions over them.
    top_db : float or None, default=80.0
        Dynamic range: lower values are raised to this limit below the clip's maximum.

    See Also
    --------
    WavLoader : The step before.
    librosa.feature.melspectrogram : The reference.

    Notes
    -----
    Each clip is normalised on its own: nothing is learnt, and nothing can leak from one
    clip to another. Silence gives all zeros, a clip that holds NaN gives NaN. The
    output of n clips takes ``4 * n * n_mels * n_frames`` bytes: 590 clips of 128 x 500
    are 151 MB.

    References
    ----------
    S. S. Stevens, J. Volkmann, E. B. Newman, "A scale for the measurement of the
    psychological magnitude pitch", JASA 8 (1937). M. Slaney, "Auditory Toolbox" (1998),
    for the default mel formula.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio import LogMelExtractor
    >>> time = np.arange(16000) / 16000
    >>> tones = np.sin(2 * np.pi * np.array([[440.0], [880.0]]) * time)
    >>> log_mels = LogMelExtractor(n_mels=64, n_frames=40).transform(tones)
    >>> log_mels.shape, log_mels.dtype
    ((2, 64, 40), dtype('float32'))
    >>> log_mels[:, :, :32].mean(axis=2).argmax(axis=1)  # the band of each tone
    array([ 8, 18])
    """

    # Treats each clip by itself and learns nothing: computed once for all folds.
    _row_by_row = True

    _parameter_constraints = {
        "sample_rate": [Interval(Integral, 1, None, closed="left")],
        "n_mels": [Interval(Integral, 1, None, closed="left")],
        "n_fft": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "n_frames": [Interval(Integral, 1, None, closed="left")],
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [None, Interval(Real, 0, None, closed="neither")],
        "htk": ["boolean"],
        "normalize": [None, StrOptions({"sample", "band"})],
        "pad_mode": [StrOptions({"zero", "repeat"})],
        "n_crops": [Interval(Integral, 1, None, closed="left")],
        "top_db": [None, Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        sample_rate=16000,
        n_mels=128,
        n_fft=1024,
        hop_length=512,
        n_frames=500,
        fmin=0.0,
        fmax=None,
        htk=False,
        normalize="sample",
        pad_mode="zero",
        n_crops=1,
        top_db=80.0,
    ):
        self.sample_rate = sample_rate
        self.n_mels = n_mels
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.n_frames = n_frames
        self.fmin = fmin
        self.fmax = fmax
        self.htk = htk
        self.normalize = normalize
        self.pad_mode = pad_mode
        self.n_crops = n_crops
        self.top_db = top_db

    def fit(self, X, y=None):
        """Check the parameters and the shape of `X`; there is nothing to learn.

        Parameters
        ----------
        X : waveforms, as `transform` takes them
        y : ignored

        Returns
        -------
        self : LogMelExtractor
        """
        self._validate()
        as_waveforms(self, X, reset=True)
        return self

    def transform(self, X):
        """Compute log-mel spectrograms.

        Parameters
        ----------
        X : ndarray or list
            Waveforms: float (n, n_samples), or object (n,) of 1-D arrays of any length.
            Views: float (n, n_views, n_samples), or object (n,) of 2-D arrays.

        Returns
        -------
        log_mels : ndarray of float32
            (n, n_mels, n_frames); with views or crops (n, n_views * n_crops, n_mels,
            n_frames), the crops of view 0 first.
        """
        self._validate()
        clips, with_views = as_waveforms(self, X, reset=False)
        n_views, n_crops = len(clips[0]), self.n_crops
        shape = (len(clips), n_views * n_crops, self.n_mels, self.n_frames)
        log_mels = np.zeros(shape, np.float32)
        n_cut = 0
        decibels = mel_decibels(
            (waveform for views in clips for waveform in views),
            *(self.sample_rate, self.n_fft, self.hop_length),
            *(self.n_mels, self.fmin, self.fmax, self.htk),
        )
        for number, log_mel in enumerate(decibels):
            clip, view = divmod(number, n_views)
            n_cut += view == 0 and len(log_mel) > self.n_frames * n_crops
            crops = log_mels[clip, view * n_crops : (view + 1) * n_crops]
            self._place(self._normalise(log_mel), crops)
        if n_cut:
            seconds = n_crops * self.n_frames * self.hop_length / self.sample_rate
            warn_user(
                f"{n_cut} of {len(clips)} clips are longer than {seconds:.3g} s and "
                f"were cut: raise n_frames={self.n_frames} or n_crops={self.n_crops} "
                "to use all of them."
            )
        return log_mels if with_views or self.n_crops > 1 else log_mels[:, 0]

    def _torch_step(self, step_of):
        """Give the part of an exported model that computes what `transform` does."""
        from skaudio.features._log_mel_step import LogMelStep

        if self.n_crops > 1:
            raise ValueError(f"n_crops={self.n_crops} cannot be exported: expected 1")
        return LogMelStep(self)

    def _normalise(self, decibels):
        """Make (n_frames, n_mels) relative to its maximum, limit and normalise it."""
        loudest = decibels.max()
        if not np.isfinite(loudest):
            return np.full((1, self.n_mels), np.nan, np.float32).repeat(
                self.n_frames, 0
            )
        decibels -= loudest
        if self.top_db is not None:
            np.maximum(decibels, -self.top_db, out=decibels)
        if self.normalize == "band":
            decibels -= decibels.mean(axis=0)
            deviation = decibels.std(axis=0)
            decibels /= np.where(deviation > 1e-6, deviation, np.float32(1))
        elif self.normalize == "sample":
            decibels -= decibels.mean()
            # Its `std` would subtract the mean once more, and make copies.
            values = decibels.ravel()
            deviation = np.sqrt(values @ values / values.size)
            if deviation > 1e-6:
                decibels *= 1 / deviation
        return decibels

    def _place(self, log_mel, crops):
        """Cut or pad (n_there, n_mels) into crops of (n_mels, n_frames)."""
        n_there = len(log_mel)
        if n_there >= self.n_frames:
            starts = np.linspace(0, n_there - self.n_frames, self.n_crops).astype(int)
            for crop, start in zip(crops, starts, strict=True):
                crop[:] = log_mel[start : start + self.n_frames].T
        elif self.pad_mode == "repeat":
            crops[:] = log_mel[np.arange(self.n_frames) % n_there].T
        else:
            crops[:, :, :n_there] = log_mel.T

    def _validate(self):
        validate_parameters(self)
        fmax = self.sample_rate / 2 if self.fmax is None else self.fmax
        if not self.fmin < fmax <= self.sample_rate / 2:
            raise ValueError(
                f"fmin={self.fmin} and fmax={self.fmax} do not fit: expected "
                f"fmin < fmax <= sample_rate / 2 = {self.sample_rate / 2}."
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        tags.requires_fit = False
        return tags
