"""The predicted class of each sound file."""

import warnings

import numpy as np
import pandas as pd

from skaudio._utils.labels import refuse_multilabel
from skaudio._utils.levels import SILENCE_PEAK
from skaudio.features import inspect_loading
from skaudio.io import OddAudioWarning, list_audio_files


def predict_files(model, paths, *, n_jobs=None):
    """Predict the class of each sound file, and list the unreadable files.

    Parameters
    ----------
    model : fitted classifier or Pipeline
        Takes paths and has ``predict_proba``.
    paths : list of str or path-like
        Sound files and folders of them. A file that is listed twice is predicted once.
    n_jobs : int or None, default=None
        Threads that check files at once; -1 uses all cores.

    Returns
    -------
    predictions : DataFrame
        One row per file, in the order of `paths`: ``file``, ``start_time`` and
        ``end_time`` (seconds), ``prediction`` and one column of probabilities per
        class. A file that the model's loader cannot read has NaN, and "" as its
        prediction.
    problems : DataFrame
        ``file`` and ``problem`` of each path without audio and each file that is
        silent, odd or cannot be read; ``fatal``, whether it has no prediction.

    Raises
    ------
    ValueError
        Where `model` gives no probabilities.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.datasets import load_audio_folder, make_animal_sounds
    >>> from skaudio.pipelines import audio_pipeline
    >>> from skaudio.recordings import predict_files
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(6, n_classes=2, output_dir=folder, random_state=0)
    ...     clips = load_audio_folder(f"{folder}/Training")
    ...     model = audio_pipeline("cnn1d", random_state=0)
    ...     model = model.set_params(clf__max_epochs=2)
    ...     model = model.fit(clips.data, clips.target)
    ...     predictions, problems = predict_files(model, [folder])
    >>> predictions.columns.tolist()
    ['file', 'start_time', 'end_time', 'prediction', 'cat', 'cow']
    """
    if not hasattr(model, "classes_") or not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{type(model).__name__} gives no probabilities of classes: expected a "
            "fitted classifier or pipeline with predict_proba."
        )
    refuse_multilabel(model)
    files, problems = _list(paths)
    facts = inspect_loading(model, files, n_jobs=n_jobs)
    readable = facts["error"].isna().to_numpy()
    classes = np.asarray(model.classes_)
    scores = np.full((len(facts), len(classes)), np.nan)
    if readable.any():
        with warnings.catch_warnings():
            # They are among the problems.
            warnings.simplefilter("ignore", OddAudioWarning)
            scores[readable] = model.predict_proba(facts["file"][readable].to_numpy())
    best = np.where(readable, classes[np.nan_to_num(scores).argmax(axis=1)], "")
    predictions = facts[["file"]].assign(
        start_time=np.where(readable, 0.0, np.nan),
        end_time=facts["duration"],
        prediction=best,
    )
    scores = pd.DataFrame(scores, columns=classes)
    for row in facts[readable & (facts["peak"] < SILENCE_PEAK)].itertuples():
        problems.append((row.file, "is silent, its prediction has no meaning", False))
    for row in facts[facts["odd"] != ""].itertuples():
        problems.append((row.file, row.odd, False))
    for row in facts[~readable].itertuples():
        problems.append((row.file, row.error, True))
    return (
        pd.concat([predictions, scores], axis=1),
        pd.DataFrame(problems, columns=["file", "problem", "fatal"]),
    )


def _list(paths):
    """List the sound files, and the paths without any."""
    files, problems = [], []
    for path in paths:
        try:
            files += list_audio_files([path])
        except ValueError as error:
            reason = str(error).removeprefix(f"{path}: ")
            problems.append((str(path), reason, True))
    return list(dict.fromkeys(files)), problems
