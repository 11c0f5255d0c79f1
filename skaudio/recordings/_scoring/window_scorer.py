"""A fitted model that scores windows of sound, or embeds them."""

import copy

import numpy as np

from skaudio._utils.exported import is_exported
from skaudio._utils.names import final_estimator
from skaudio._utils.no_cache import no_cache
from skaudio._utils.threads import limited_threads
from skaudio.io import AudioFileError


class WindowScorer:
    """Scores windows with a fitted model.

    Parameters
    ----------
    model : fitted classifier or Pipeline
        Starts from files or from waveforms.
    channel : "mix", int or None
        Instead of the channel of the model's loaders.
    sample_rate : int or None
        Of the waveforms that a model without loader takes.

    Attributes
    ----------
    classes : list
    n_columns : int
        Numbers of a window.
    streams : list of (sample_rate, channel)
        The streams of a recording that windows are cut from. None where the model reads
        the windows itself.
    """

    verb, dtype = "scored", np.float32

    def __init__(self, model, channel=None, sample_rate=None):
        model = getattr(model, "best_estimator_", model)
        if not hasattr(model, "classes_") or not hasattr(model, "predict_proba"):
            raise ValueError(
                f"{type(model).__name__} gives no probabilities of classes: expected a "
                "fitted classifier or pipeline with predict_proba."
            )
        self.classes = np.asarray(model.classes_).tolist()
        if is_exported(model):
            self.n_columns = len(self.classes)
            channel = model.channel if channel is None else channel
            self.streams, self._model = None, model.with_channel(channel)
            if channel != "loudest":  # chosen window by window
                self.streams = [(model.sample_rate, channel)]
                self._model = _FromWaveforms(model, self.streams[0])
            return
        self._take(model, len(self.classes), channel, sample_rate)

    def _take(self, model, n_columns, channel, sample_rate):
        """Take the loaders off the model."""
        from skaudio.recordings._scoring.pipeline_streams import (
            rate_of_waveforms,
            with_streams,
        )

        self.n_columns = n_columns
        loaders = []
        taken_apart = with_streams(model, channel, loaders)
        rate = rate_of_waveforms(model) if sample_rate is None else sample_rate
        if taken_apart is not None:
            self.streams = list(dict.fromkeys(loader.key for loader in loaders))
            self._model = taken_apart
        elif rate is not None:
            self.streams = [(rate, "mix" if channel is None else channel)]
            self._model = _FromWaveforms(model, self.streams[0])
        else:
            if channel is not None:
                from skaudio.features import set_channel

                model = set_channel(copy.deepcopy(model), channel)
            self.streams, self._model = None, model

    def score(self, windows):
        """Score windows.

        Parameters
        ----------
        windows : Windows or table of clips
            A table where `streams` is None.

        Returns
        -------
        scores : ndarray of shape (n, n_columns)
            NaN where the model gives none.
        failed : dict of int to str
            Why the model cannot read windows, by row.
        """
        try:
            return self._scores(windows), {}
        except AudioFileError as error:
            if self.streams is not None:
                raise
            if len(windows) == 1:
                nothing = np.full((1, self.n_columns), np.nan, self.dtype)
                return nothing, {0: error.reason}
        # Some of them: find out which.
        middle = len(windows) // 2
        scores, failed = self.score(windows[:middle])
        others, more = self.score(windows[middle:])
        failed |= {middle + row: reason for row, reason in more.items()}
        return np.concatenate([scores, others]), failed

    def _scores(self, windows):
        with no_cache(), limited_threads(1):
            scores = np.asarray(self._numbers(windows))
        if scores.shape != (len(windows), self.n_columns):
            raise ValueError(
                f"The model gives numbers of shape {scores.shape}: expected "
                f"{(len(windows), self.n_columns)}, a column per class or feature."
            )
        with np.errstate(over="ignore"):  # what float16 cannot hold has failed
            scores = scores.astype(self.dtype)
        scores[~np.isfinite(scores).all(axis=1)] = np.nan
        return scores

    def _numbers(self, windows):
        return _probabilities(self._model, windows)


class WindowEmbedder(WindowScorer):
    """Embeds windows.

    Parameters
    ----------
    loader : WavLoader
    embedder : transformer
        Of waveforms at the rate of the loader.
    clip_duration : float
        Seconds of a window.
    """

    verb, dtype = "embedded", np.float16

    def __init__(self, loader, embedder, clip_duration):
        from sklearn.pipeline import make_pipeline

        silence = np.zeros((1, round(clip_duration * loader.sample_rate)), np.float32)
        with no_cache():
            _, n_features = embedder.transform(silence).shape
        pipeline = make_pipeline(loader, embedder)
        self._take(pipeline, n_features, None, None)

    def _numbers(self, windows):
        return self._model.transform(windows)


class Windows:
    """Some windows of a recording, cut from each of its streams.

    Parameters
    ----------
    waveforms : dict of (sample_rate, channel) to list of ndarray
    """

    def __init__(self, waveforms):
        self._waveforms = waveforms

    def __len__(self):
        return len(next(iter(self._waveforms.values())))

    def of(self, key):
        """Return the waveforms of a stream: object array of shape (n,)."""
        waveforms = self._waveforms[key]
        array = np.empty(len(waveforms), dtype=object)
        for row, waveform in enumerate(waveforms):
            array[row] = waveform
        return array


class _FromWaveforms:
    """A model that takes waveforms."""

    def __init__(self, model, key):
        self._model, self._key = model, key

    def predict_proba(self, windows):
        return _probabilities(self._model, windows.of(self._key))


def _probabilities(model, X):
    """Compute probabilities; where `UnknownRejector` says unknown, 0 of all classes."""
    if isinstance(model, _FromWaveforms):
        return model.predict_proba(X)
    final = final_estimator(model)
    if not hasattr(final, "_proba_of_windows"):
        return model.predict_proba(X)
    if final is model:
        return model._proba_of_windows(X)
    return _probabilities(model[-1], model[:-1].transform(X))
