"""Save a fitted pipeline with the identities of its training clips, and load it."""

import copy
import os

from skaudio._utils.joblib_files import dump_estimator, load_estimator


def save_model(model, path, *, training_clips=None):
    """Save a fitted estimator or pipeline with joblib, completely or not at all.

    The model is first written beside `path` and then moved there, so that a full disk
    or an interruption leaves an older model untouched.

    Parameters
    ----------
    model : estimator
        Is not changed.
    path : str or path-like
        Such as ``model.joblib``. Missing folders are not created.
    training_clips : Bunch or None, default=None
        The clips that the model was trained on, as from `load_audio_folder`. The saved
        model gets the attribute ``training_clips_``: a DataFrame of the absolute
        ``file``, ``label``, ``digest`` and ``source`` of each clip, by which
        `find_leaks` and `report_on` find leaked test clips. It holds no audio.

    Raises
    ------
    OSError
        Where the file cannot be written, naming it and the reason.

    See Also
    --------
    load_model : Its counterpart; ``joblib.load`` also reads the file.

    Examples
    --------
    >>> import os, tempfile
    >>> from skaudio import LogMelExtractor, load_model, save_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.joblib")
    ...     save_model(LogMelExtractor(n_mels=64), path)
    ...     load_model(path)
    LogMelExtractor(n_mels=64)
    """
    if training_clips is not None:
        facts = training_clips.frame[["file", "label", "digest", "source"]]
        model = copy.copy(model)
        model.training_clips_ = facts.assign(file=facts["file"].map(os.path.abspath))
    dump_estimator(model, path)


def load_model(path):
    """Load a model that `save_model` or ``joblib.dump`` wrote.

    Loading executes code in the file: load only files that you trust.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    model : estimator

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where it is not a saved model, or is from a newer skaudio.

    Examples
    --------
    >>> from skaudio import load_model
    >>> load_model("missing.joblib")
    Traceback (most recent call last):
        ...
    FileNotFoundError: missing.joblib: no such model
    """
    return load_estimator(path)
