"""From paths to waveforms."""

from numbers import Integral, Real
from os import PathLike

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_consistent_length

from skaudio._utils.clips import as_clips, taken_columns
from skaudio._utils.sklearn_compat import Interval, StrOptions, validate_parameters
from skaudio._utils.warn import warn_user
from skaudio.io import AudioFileError, OddAudioWarning, load_clip


class WavLoader(TransformerMixin, BaseEstimator):
    """Decode audio files, mix them to one channel and resample them.

    Reads what libsndfile reads (WAV in every sample format, also MP3 or A-law inside
    WAV; FLAC, Ogg Vorbis, Opus, MP3, AIFF, W64, CAF, AU). Spans are read without
    decoding the whole file. A file that holds more than its header announces is read
    whole, with a warning.

    Parameters
    ----------
    sample_rate : int, default=16000
        Rate of the waveforms in Hz. Files of another rate are resampled by soxr at its
        "HQ" quality, as ``librosa.load`` does. A clip that has 95 % or more of its
        energy above half the rate, as the call of a bat at the default rate, counts as
        unreadable: what would be left of it is noise.
    channel : "mix", "loudest" or int, default="mix"
        The mean of all channels; the one of most power, clip by clip; or one, counted
        from 0. Clips whose channels cancel in the mix, as where one was connected the
        wrong way round, are named in a warning.
    duration : float or None, default=None
        Length in seconds. Longer clips are cut (with a warning that counts them),
        shorter ones filled with zeros at the end. None keeps every clip's own length.
    on_error : {"raise", "nan"}, default="raise"
        What to do with clips that cannot be read: raise an error that names each one
        and the reason, or warn and give NaN in their place. The classifiers of skaudio
        drop NaN clips in ``fit`` and give them NaN probabilities.
    n_jobs : int or None, default=None
        Threads that decode at once; -1 uses all cores.

    Attributes
    ----------
    columns_ : dict of str to str, or None
        Which columns of the table that was passed to `fit` give ``file``,
        ``start_time`` and ``end_time``. None for lists of paths.

    See Also
    --------
    LogMelExtractor : The next step.
    skaudio.io.read_clip_table : Lists the names of columns that are known.
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

    # Treats each clip by itself and learns nothing: computed once for all folds.
    _row_by_row = True

    _parameter_constraints = {
        "sample_rate": [Interval(Integral, 1, None, closed="left")],
        "channel": [
            StrOptions({"mix", "loudest"}),
            Interval(Integral, 0, None, closed="left"),
        ],
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
        """Check the parameters and find the columns of a table; nothing is learnt.

        Parameters
        ----------
        X : any list of clips that `transform` takes
        y : array-like of length n, or None
            Only counted: files take minutes to decode, and a wrong number of labels
            should not be found after that.

        Returns
        -------
        self : WavLoader
        """
        validate_parameters(self)
        if y is not None and not isinstance(X, (str, PathLike)):
            check_consistent_length(X, y)
        self.columns_ = taken_columns(X)
        return self

    def set_output(self, *, transform=None):
        """Do nothing: waveforms stay arrays, for there is no table of them.

        So that ``pipeline.set_output(transform="pandas")`` reaches the steps that make
        features.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None

        Returns
        -------
        self : WavLoader
        """
        return self

    def transform(self, X):
        """Read the clips.

        Parameters
        ----------
        X : list, 1-D array or Series of paths, (n, 1) column, or DataFrame
            A table has ``file, start_time, end_time`` (seconds) as columns or index, or
            the columns of another program (see `read_clip_table`); `columns_` says
            which were taken.

        Returns
        -------
        waveforms : ndarray
            Object array of shape (n,) that holds float32 arrays of shape (n_samples,)
            in [-1, 1]; or, where `duration` is set, float32 of shape (n, n_samples).

        Raises
        ------
        AudioFileError
            A ValueError that names each unreadable clip and the reason.
        ValueError
            Where a table has no column of files, or several rows of one file without
            times, or times are no seconds.

        Warns
        -----
        OddAudioWarning
            Naming each clip that is read although something is wrong with it.
        """
        validate_parameters(self)
        clips = as_clips(X)
        loaded = Parallel(n_jobs=self.n_jobs, prefer="threads", batch_size=8)(
            delayed(self.load)(clip) for clip in clips
        )
        self._report_unreadable(clips, loaded)
        self._report_odd(clips, loaded)
        waveforms = [getattr(clip, "waveform", clip) for clip in loaded]
        if self.duration is not None:
            return self._stack(waveforms)
        loaded = np.empty(len(waveforms), dtype=object)
        for row, waveform in enumerate(waveforms):
            failed = isinstance(waveform, AudioFileError)
            loaded[row] = np.full(1, np.nan, np.float32) if failed else waveform
        return loaded

    def _torch_step(self, step_of):
        """Give the part of an exported model that cuts and fills to `duration`."""
        from skaudio._utils.convolutions import FixedLength

        if self.duration is None:
            return FixedLength(None)
        return FixedLength(max(1, round(self.duration * self.sample_rate)))

    def load(self, clip):
        """Read one clip.

        Parameters
        ----------
        clip : tuple of (file, start_time, end_time)

        Returns
        -------
        loaded : LoadedClip or AudioFileError
            The error as a value, so that all errors of many clips can be reported.
        """
        return load_clip(clip, self.sample_rate, self.channel)

    def _report_odd(self, clips, loaded):
        files = [clip.file for clip in clips]
        odd = {
            (file, oddity.problem): AudioFileError(file, oddity.detail)
            for file, entry in zip(files, loaded, strict=True)
            for oddity in getattr(entry, "oddities", ())
        }
        if odd:
            n_odd, n_files = len({file for file, _ in odd}), len({*files})
            warn_user(
                f"{n_odd} of {n_files} files are read although something is wrong: "
                + "; ".join(map(str, odd.values())),
                OddAudioWarning,
            )

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
        warn_user(
            f"{len(errors)} of {len(clips)} clips cannot be read and give NaN: "
            + "; ".join(str(error) for error in errors)
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
            warn_user(
                f"{n_cut} of {len(waveforms)} clips are longer than "
                f"duration={self.duration} s and were cut."
            )
        return stacked

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.requires_fit = False
        tags.no_validation = True
        return tags
