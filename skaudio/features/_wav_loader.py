"""From paths to waveforms."""

import warnings
from numbers import Integral, Real

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, TransformerMixin

from skaudio._utils.clips import as_clips
from skaudio._utils.sklearn_compat import Interval, StrOptions, validate_parameters
from skaudio.io import AudioFileError, read_audio, resample


class WavLoader(TransformerMixin, BaseEstimator):
    """Decode audio files, mix them to one channel and resample them.

    Reads what libsndfile reads (WAV in every sample format, also MP3 or A-law inside
    WAV; FLAC, Ogg Vorbis, MP3, AIFF). Spans are read without decoding the whole file.

    Parameters
    ----------
    sample_rate : int, default=16000
        Rate of the waveforms in Hz. Files of another rate are resampled by soxr at its
        "HQ" quality, as ``librosa.load`` does.
    channel : "mix" or int, default="mix"
        The mean of all channels, or one channel, counted from 0.
    duration : float or None, default=None
        Length in seconds. Longer clips are cut (with a warning that counts them),
        shorter ones filled with zeros at the end. None keeps every clip's own length.
    on_error : {"raise", "nan"}, default="raise"
        What to do with clips that cannot be read: raise an error that names each one
        and the reason, or warn and give NaN in their place. The classifiers of skaudio
        drop NaN clips in ``fit`` and give them NaN probabilities.
    n_jobs : int or None, default=None
        Threads that decode at once; -1 uses all cores.

    See Also
    --------
    LogMelExtractor : The next step.
    skaudio.datasets.load_audio_folder : Lists the clips of a folder.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio import WavLoader
    >>> from skaudio.datasets import make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = make_animal_sounds(2, n_classes=2, output_dir=folder)
    ...     waveforms = WavLoader(sample_rate=16000, duration=1.5).transform(clips.data)
    >>> waveforms.shape, waveforms.dtype
    ((4, 24000), dtype('float32'))
    """

    _parameter_constraints = {
        "sample_rate": [Interval(Integral, 1, None, closed="left")],
        "channel": [StrOptions({"mix"}), Interval(Integral, 0, None, closed="left")],
        "duration": [None, Interval(Real, 0, None, closed="neither")],
        "on_error": [StrOptions({"raise", "nan"})],
        "n_jobs": [None, Integral],
    }

    def __init__(
        self,
        sample_rate=16000,
        channel="mix",
        duration=None,
        on_error="raise",
        n_jobs=None,
    ):
        self.sample_rate = sample_rate
        self.channel = channel
        self.duration = duration
        self.on_error = on_error
        self.n_jobs = n_jobs

    def fit(self, X, y=None):
        """Check the parameters; there is nothing to learn.

        Parameters
        ----------
        X : any list of clips that `transform` takes
        y : ignored

        Returns
        -------
        self : WavLoader
        """
        validate_parameters(self)
        return self

    def transform(self, X):
        """Read the clips.

        Parameters
        ----------
        X : list, 1-D array or Series of paths, (n, 1) column, or DataFrame
            A table has ``file, start_time, end_time`` (seconds) as columns or index.

        Returns
        -------
        waveforms : ndarray
            Object array of shape (n,) that holds float32 arrays of shape (n_samples,)
            in [-1, 1]; or, where `duration` is set, float32 of shape (n, n_samples).

        Raises
        ------
        AudioFileError
            A ValueError that names each unreadable clip and the reason.
        """
        validate_parameters(self)
        clips = as_clips(X)
        waveforms = Parallel(n_jobs=self.n_jobs, prefer="threads", batch_size=8)(
            delayed(self._load)(clip) for clip in clips
        )
        self._report_unreadable(clips, waveforms)
        if self.duration is not None:
            return self._stack(waveforms)
        loaded = np.empty(len(waveforms), dtype=object)
        for row, waveform in enumerate(waveforms):
            failed = isinstance(waveform, AudioFileError)
            loaded[row] = np.full(1, np.nan, np.float32) if failed else waveform
        return loaded

    def _load(self, clip):
        """Return the waveform, or the error as a value: all errors are reported."""
        try:
            waveform, sample_rate = read_audio(*clip, channel=self.channel)
        except AudioFileError as error:
            return error
        return resample(waveform, sample_rate, self.sample_rate)

    def _report_unreadable(self, clips, waveforms):
        errors = [entry for entry in waveforms if isinstance(entry, AudioFileError)]
        if not errors:
            return
        if self.on_error == "raise":
            if len(errors) == 1:
                raise errors[0]
            more = "; ".join(str(error) for error in errors[1:])
            raise AudioFileError(
                errors[0].file,
                f"{errors[0].reason}; and {len(errors) - 1} more of {len(clips)} clips "
                f"cannot be read: {more}",
            )
        warnings.warn(
            f"{len(errors)} of {len(clips)} clips cannot be read and give NaN: "
            + "; ".join(str(error) for error in errors),
            stacklevel=4,
        )

    def _stack(self, waveforms):
        n_samples = max(1, round(self.duration * self.sample_rate))
        stacked = np.zeros((len(waveforms), n_samples), np.float32)
        n_cut = 0
        for row, waveform in zip(stacked, waveforms, strict=True):
            if isinstance(waveform, AudioFileError):
                row[:] = np.nan
                continue
            n_cut += len(waveform) > n_samples
            row[: len(waveform)] = waveform[:n_samples]
        if n_cut:
            warnings.warn(
                f"{n_cut} of {len(waveforms)} clips are longer than "
                f"duration={self.duration} s and were cut.",
                stacklevel=4,
            )
        return stacked

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.requires_fit = False
        tags.no_validation = True
        return tags
