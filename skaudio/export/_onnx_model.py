"""An exported model, opened without torch."""

import copy
import os

import numpy as np

from skaudio._utils.clips import as_clips
from skaudio._utils.model_files import ModelFileError, check_is_file, one_line
from skaudio._utils.optional import import_optional
from skaudio.export._runtime import Model
from skaudio.io import AudioFileError, load_clip


def load_onnx(path, *, n_threads=1):
    """Open a model that `export_onnx` wrote, without scikit-learn and torch.

    `predict_files`, `score_recordings` and `detect` take it as any fitted model.

    Parameters
    ----------
    path : str or path-like
    n_threads : int, default=1
        Cores that onnxruntime uses.

    Returns
    -------
    model : ExportedModel
        Has ``classes_``, ``predict_proba`` and ``predict``, which take paths, tables of
        clips, or a list of waveforms at the model's sample rate; ``p_values`` of an
        `UnknownRejector`. ``run(waveforms)`` gives the outputs of the graph:
        probabilities, float32 (n, n_classes), and p-values, float32 (n,), or None.
        ``facts`` is what the file says of itself, a dict: ``classes``,
        ``sample_rate`` in Hz, ``channel``, ``window`` and ``overlap`` in seconds,
        ``longest_clip`` (seconds of a clip that are used, or None), ``background``
        (classes that are no animal), ``multi_label``, ``thresholds`` (by class, or
        None), ``calibration`` (what was checked for them, and the windows and events
        that they hold for, or None), ``unknown`` (``label``, ``alpha`` and ``as_class``
        of an `UnknownRejector`, or None),
        ``networks`` (with their licences), ``int8``, ``model`` (its id), ``skaudio``
        (version).

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ModelFileError
        Where it is no file of `export_onnx`.
    ImportError
        Where the extra ``onnx`` is not installed.

    Examples
    --------
    >>> from skaudio.export import load_onnx
    >>> load_onnx("missing.onnx")
    Traceback (most recent call last):
        ...
    FileNotFoundError: missing.onnx: no such model
    """
    check_is_file(path)
    import_optional("onnxruntime", "onnxruntime", "onnx")
    path = os.path.abspath(path)
    try:
        model = ExportedModel(path, n_threads)
    # onnxruntime's errors have no common base but Exception.
    except Exception as error:
        raise ModelFileError(f"{path}: {one_line(error)}") from error
    return model


class ExportedModel(Model):
    """A model in an ONNX file, as functions of skaudio take a fitted model."""

    _is_exported = True

    def __init__(self, path, n_threads):
        super().__init__(path, n_threads)
        self.path, self._n_threads = path, n_threads
        self.classes_ = np.asarray(self.facts["classes"])
        self.sample_rate, self.channel = (
            self.facts[name] for name in ("sample_rate", "channel")
        )
        self.clip_duration_ = self.facts["window"]
        self.multilabel_ = self.facts["multi_label"]
        if self.facts["unknown"]:
            self.p_values = self._p_values

    def __reduce__(self):
        return _reopened, (self.path, self._n_threads, self.channel)

    def get_params(self, deep=True):
        """Return no parameters: there is no estimator inside."""
        return {}

    def set_params(self, channel):
        """Take another channel of files, as of `WavLoader`."""
        is_number = isinstance(channel, int) and channel >= 0
        if channel not in ("mix", "loudest") and not is_number:
            raise ValueError(
                f"channel={channel!r}: expected 'mix', 'loudest' or a number from 0 on."
            )
        self.channel = channel
        return self

    def with_channel(self, channel):
        """Return this model with another channel of files."""
        return copy.copy(self).set_params(channel)

    def load(self, clip):
        """Read one clip, as ``WavLoader.load`` does."""
        return load_clip(clip, self.sample_rate, self.channel)

    def predict_proba(self, X):
        """Return float64 (n, n_classes)."""
        return self.run(self._waveforms(X))[0].astype(float)

    def predict(self, X):
        """Return the most probable class of each clip, or that it is unknown.

        With several labels per clip an indicator matrix.
        """
        probabilities, p_values = self.run(self._waveforms(X))
        if self.multilabel_:
            return (probabilities > 0.5).astype(int)
        labels = self.classes_[probabilities.argmax(axis=1)]
        if p_values is None:
            return labels
        # As an array of its own, since text may be longer than that of the classes.
        unknown = np.asarray([self.facts["unknown"]["label"]])
        return np.where(self.is_unknown(p_values), unknown, labels)

    def _proba_of_windows(self, X):
        return self.run_windows(self._waveforms(X)).astype(float)

    def _p_values(self, X):
        return self.run(self._waveforms(X))[1].astype(float)

    def _waveforms(self, X):
        if (
            len(X)
            and isinstance(X, (list, np.ndarray))
            and isinstance(X[0], np.ndarray)
        ):
            return [np.asarray(waveform, dtype=np.float32) for waveform in X]
        waveforms = []
        for clip in as_clips(X):
            loaded = self.load(clip)
            if isinstance(loaded, AudioFileError):
                raise loaded
            waveforms.append(loaded.waveform)
        return waveforms


def _reopened(path, n_threads, channel):
    return load_onnx(path, n_threads=n_threads).set_params(channel)
