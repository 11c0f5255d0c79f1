"""From waveforms to MFCC statistics, one feature vector per clip."""

from numbers import Integral, Real

import numpy as np
from scipy.fft import dct
from sklearn.base import BaseEstimator, TransformerMixin

from skaudio._utils.sklearn_compat import Interval, validate_parameters
from skaudio._utils.waveforms import as_waveforms
from skaudio.features._mel_decibels import mel_decibels


class MFCCStatistics(TransformerMixin, BaseEstimator):
    """Mean, standard deviation and 90th percentile over time of log-mels and MFCC.

    Features for any scikit-learn classifier. With a support vector machine they are the
    baseline ``mfcc_svm``.

    Parameters
    ----------
    sample_rate : int, default=16000
        Rate of the waveforms in Hz.
    n_mfcc : int, default=20
        Mel-frequency cepstral coefficients, the first included; at most `n_mels`.
    n_mels : int, default=128
        Number of mel bands.
    n_fft, hop_length : int, default=1024 and 512
        Window and step of the Fourier transform, in samples.
    fmin, fmax : float, default=0.0 and None
        Range of the mel bands in Hz; None is half the sample rate.
    top_db : float, default=80.0
        Dynamic range below the clip's maximum.

    See Also
    --------
    LogMelExtractor : Keeps the order in time.
    skaudio.model_selection.baseline_pipelines : Uses it.

    Notes
    -----
    Each clip is described on its own, in full length: nothing is learnt, and nothing
    can leak from one clip to another. Silence gives all zeros, a clip that holds NaN
    gives NaN.

    References
    ----------
    S. B. Davis, P. Mermelstein, "Comparison of parametric representations for
    monosyllabic word recognition", IEEE Transactions on Acoustics, Speech, and Signal
    Processing 28 (1980).

    Examples
    --------
    >>> from skaudio import MFCCStatistics
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(2, n_classes=2, random_state=0)
    >>> MFCCStatistics(n_mels=64).transform(calls.data).shape
    (4, 252)
    >>> named = MFCCStatistics(n_mels=64).set_output(transform="pandas")
    >>> named.transform(calls.data).columns[:2].tolist()
    ['mel0_mean', 'mel1_mean']
    """

    # Treats each clip by itself and learns nothing: computed once for all folds.
    _row_by_row = True

    _parameter_constraints = {
        "sample_rate": [Interval(Integral, 1, None, closed="left")],
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "n_mels": [Interval(Integral, 1, None, closed="left")],
        "n_fft": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [None, Interval(Real, 0, None, closed="neither")],
        "top_db": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        sample_rate=16000,
        n_mfcc=20,
        n_mels=128,
        n_fft=1024,
        hop_length=512,
        fmin=0.0,
        fmax=None,
        top_db=80.0,
    ):
        self.sample_rate = sample_rate
        self.n_mfcc = n_mfcc
        self.n_mels = n_mels
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.fmin = fmin
        self.fmax = fmax
        self.top_db = top_db

    def fit(self, X, y=None):
        """Check the parameters and the shape of `X`; there is nothing to learn.

        Parameters
        ----------
        X : waveforms, as `transform` takes them
        y : ignored

        Returns
        -------
        self : MFCCStatistics
        """
        self._validate()
        as_waveforms(self, X, reset=True)
        return self

    def transform(self, X):
        """Compute the statistics of each clip.

        Parameters
        ----------
        X : float array of shape (n, n_samples), or object (n,) / list of 1-D arrays

        Returns
        -------
        features : ndarray of float32, shape (n, 3 * (n_mels + n_mfcc))
            Means of log-mels and MFCC, then standard deviations, then 90th percentiles.

        Raises
        ------
        ValueError
            Where a clip has several views.
        """
        self._validate()
        clips, with_views = as_waveforms(self, X, reset=False)
        if with_views:
            raise ValueError(
                f"MFCCStatistics got clips with {len(clips[0])} views, expected one "
                "waveform per clip: leave out the step that makes views."
            )
        rows = np.empty((len(clips), 3 * (self.n_mels + self.n_mfcc)), np.float32)
        decibels = mel_decibels(
            (views[0] for views in clips),
            *(self.sample_rate, self.n_fft, self.hop_length),
            *(self.n_mels, self.fmin, self.fmax, False),
        )
        for row, log_mel in zip(rows, decibels, strict=True):
            row[:] = self._describe(log_mel)
        return rows

    def get_feature_names_out(self, input_features=None):
        """Name the features, which ``set_output(transform="pandas")`` shows.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        names : ndarray of str, shape (3 * (n_mels + n_mfcc),)
            ``mel0_mean``, ..., ``mfcc0_mean``, ..., then with ``_std`` and ``_p90``.
        """
        bands = [f"mel{number}" for number in range(self.n_mels)]
        bands += [f"mfcc{number}" for number in range(self.n_mfcc)]
        statistics = ("mean", "std", "p90")
        return np.array(
            [f"{band}_{statistic}" for statistic in statistics for band in bands],
            dtype=object,
        )

    def _describe(self, decibels):
        loudest = decibels.max()
        if not np.isfinite(loudest):
            return np.nan
        log_mel = np.maximum(decibels - loudest, -self.top_db)
        mfcc = dct(log_mel, axis=1, norm="ortho")[:, : self.n_mfcc]
        both = np.concatenate([log_mel, mfcc], axis=1)
        return np.concatenate(
            [both.mean(axis=0), both.std(axis=0), np.percentile(both, 90, axis=0)]
        )

    def _validate(self):
        validate_parameters(self)
        if self.n_mfcc > self.n_mels:
            raise ValueError(
                f"n_mfcc={self.n_mfcc}: expected at most n_mels={self.n_mels}."
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        tags.requires_fit = False
        return tags
