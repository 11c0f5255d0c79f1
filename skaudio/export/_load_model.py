"""Open a saved model, without running code from its file."""

from pathlib import Path

from skaudio._utils.joblib_files import load_estimator
from skaudio._utils.model_files import (
    CLIPS,
    ENTRIES,
    ESTIMATOR,
    FACTS,
    JOBLIB,
    TENSORS,
    ModelFileError,
    errors_naming,
    json_value,
    read_entries,
    training_clips_of,
)
from skaudio.export._classes_of import classes_of
from skaudio.export._known_classes import classes_by_name
from skaudio.export._state_reader import StateReader


def load_model(path, *, trusted=()):
    """Open a model that `save_model` wrote.

    Opening a ``.skaudio`` file executes no code from it. **Loading a ``.joblib`` file
    executes code in it**: load only files that you trust.

    Parameters
    ----------
    path : str or path-like
    trusted : sequence of str or type, default=()
        Classes of estimators that a ``.skaudio`` file may hold beside skaudio's own and
        those of scikit-learn that its pipelines use: your own transformers and other
        classifiers, such as ``["my_package.MyTransformer", "sklearn.svm.SVC"]``. Their
        code runs on what the file holds.

    Returns
    -------
    model : estimator

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ModelFileError
        A ValueError in one line: where it is no saved model, is damaged, is from a
        newer skaudio, or holds classes that are not listed.

    Examples
    --------
    >>> from skaudio import load_model
    >>> load_model("missing.skaudio")
    Traceback (most recent call last):
        ...
    FileNotFoundError: missing.skaudio: no such model
    """
    # The ending decides, never the content: a pickle under another name stays shut.
    if Path(path).suffix == JOBLIB:
        return load_estimator(path)
    classes = classes_by_name(trusted)
    entries = read_entries(path, ENTRIES)
    with errors_naming(path):
        facts = json_value(entries[FACTS], FACTS)
        written = json_value(entries[ESTIMATOR], ESTIMATOR)
        # Popped, so that the bytes are gone before the networks are built.
        reader = StateReader(_tensors(entries.pop(TENSORS)), classes)
        model = reader.model(written)
        if classes_of(model) != facts["classes"]:
            raise ModelFileError(f"{FACTS} and {ESTIMATOR} differ in the classes")
        clips = training_clips_of(facts)
        if clips is not None:
            setattr(model, CLIPS, clips)
        return model


def _tensors(data):
    from safetensors.numpy import load

    return load(data)
