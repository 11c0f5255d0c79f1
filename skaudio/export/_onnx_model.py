"""An exported model, opened without torch."""

import os

from skaudio._utils.model_files import ModelFileError, one_line
from skaudio._utils.optional import import_optional
from skaudio.export._runtime import Model


def load_onnx(path, *, n_threads=1):
    """Open a model that `export_onnx` wrote; needs onnxruntime, and no torch.

    Parameters
    ----------
    path : str or path-like
    n_threads : int, default=1
        Cores that onnxruntime uses.

    Returns
    -------
    model : object
        ``run(waveforms)`` takes a list of float32 arrays at the model's sample rate,
        windows or whole clips, and returns ``probabilities``, float32 (n, n_classes),
        and ``p_values``, float32 (n,), or None. ``facts`` is a dict: ``classes``,
        ``sample_rate`` in Hz, ``channel``, ``window`` and ``overlap`` in seconds,
        ``longest_clip`` (seconds of a clip that are used, or None), ``background``
        (classes that are no animal), ``multi_label``, ``thresholds`` (by class, or
        None), ``unknown`` (``label`` and ``alpha`` of an `UnknownRejector`, or None),
        ``networks`` (with their licences), ``model`` (its id), ``skaudio`` (version).

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
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path}: no such model")
    import_optional("onnxruntime", "onnxruntime", "onnx")
    try:
        return Model(os.fspath(path), n_threads)
    # onnxruntime's errors have no common base but Exception.
    except Exception as error:
        raise ModelFileError(f"{path}: {one_line(error)}") from error
