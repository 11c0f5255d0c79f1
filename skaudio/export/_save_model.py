"""Save a fitted estimator with what identifies its training clips."""

import copy
from pathlib import Path

from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from skaudio._utils.joblib_files import dump_estimator
from skaudio._utils.model_files import (
    CARD,
    CLIPS,
    ESTIMATOR,
    FACTS,
    JOBLIB,
    TENSORS,
    ModelFileError,
    check_model_name,
    json_bytes,
    write_entries,
)
from skaudio.export._model_card import model_card
from skaudio.export._model_facts import clips_table, facts_of
from skaudio.export._state_writer import StateWriter


def save_model(model, path, *, training_clips=None, reports=()):
    """Save a fitted estimator or pipeline, completely or not at all.

    The model is first written beside `path` and then moved there, so that a full disk
    or an interruption leaves an older model untouched.

    Parameters
    ----------
    model : estimator
        Is not changed.
    path : str or path-like
        Such as ``model.skaudio``, a file that runs no code when it is opened. With a
        name that ends in ``.joblib`` it is a joblib file, which takes any estimator
        and **executes code when it is loaded**. Missing folders are not created.
    training_clips : Bunch or None, default=None
        The clips that the model was trained on, as from `load_audio_folder`. The saved
        model gets the attribute ``training_clips_``: a DataFrame of the absolute
        ``file``, ``label``, ``digest`` and ``source`` of each clip, by which
        `find_leaks` and `report_on` find leaked test clips. It holds no audio.
    reports : sequence of Report, default=()
        Scores of this model for the card in the file; a joblib file has none.

    Raises
    ------
    OSError
        Where the file cannot be written, naming it and the reason.
    NotFittedError
        For a classifier that is not fitted.
    ModelFileError
        Where the model holds something that a ``.skaudio`` file does not take, such as
        a function, naming the parameter or attribute; or for another ending of `path`.

    See Also
    --------
    load_model : Opens it.
    skaudio.export.read_model_card : Reads what the file says of its model.

    Notes
    -----
    A ``.skaudio`` file keeps what pickle would: parameters and fitted attributes, but
    neither ``cache_dir`` nor the ``memory`` of pipelines, which are places on this
    machine. Predictions of the opened model are the same to the last bit.

    Examples
    --------
    >>> import os, tempfile
    >>> from skaudio import LogMelExtractor, load_model, save_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.skaudio")
    ...     save_model(LogMelExtractor(n_mels=64), path)
    ...     load_model(path)
    LogMelExtractor(n_mels=64)
    """
    check_model_name(path)
    clips = getattr(model, CLIPS, None)
    if training_clips is not None:
        clips = clips_table(training_clips)
    if Path(path).suffix == JOBLIB:
        _check_fitted(model)
        if training_clips is not None:
            model = copy.copy(model)
            setattr(model, CLIPS, clips)
        dump_estimator(model, path)
        return
    facts = facts_of(model, clips, reports)
    entries = {
        CARD: model_card(facts, Path(path).stem).encode("utf-8", "replace"),
        FACTS: json_bytes(facts, FACTS, indent=1),
        **_estimator_entries(model),
    }
    _check_fitted(model)
    write_entries(path, entries)


def _check_fitted(model):
    if is_classifier(model):
        check_is_fitted(model)


def _estimator_entries(model):
    from safetensors.numpy import save

    writer = StateWriter()
    try:
        written = writer.estimator(model, without=CLIPS)
    except RecursionError as error:
        raise ModelFileError(
            f"{type(model).__name__} holds itself, or lists too deep to be saved"
        ) from error
    return {ESTIMATOR: json_bytes(written, ESTIMATOR), TENSORS: save(writer.tensors)}
