"""The predicted class of each sound file."""

import os
import warnings
from contextlib import nullcontext

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, effective_n_jobs

from skaudio._utils.levels import SILENCE_PEAK
from skaudio._utils.loaded_once import loaded_once
from skaudio._utils.long_clips import longest_clip
from skaudio._utils.multilabel import label_sets
from skaudio._utils.names import final_estimator
from skaudio._utils.no_cache import no_cache
from skaudio._utils.prediction_journal import PredictionJournal
from skaudio._utils.progress import progress_bar
from skaudio._utils.tables import names_column
from skaudio._utils.threads import limited_threads
from skaudio._utils.warn import warn_user
from skaudio.features import inspect_loading
from skaudio.io import AudioFileError, OddAudioWarning, list_audio_files
from skaudio.pretrained import open_networks
from skaudio.recordings._scoring.class_columns import class_columns
from skaudio.recordings._scoring.recording_length import recording_length
from skaudio.recordings._scoring.window_length import longest_used, training_window

_FILES_AT_ONCE = 32  # per core


def predict_files(model, paths, *, n_jobs=None, journal=None, verbose=0):
    """Predict the class of each sound file, and list the unreadable files.

    For clips: one label for a recording of half an hour says nothing of what is in it.
    Files longer than 30 s, and longer than two windows of the model (``clip_duration_``
    of a step, ``duration`` of its `WavLoader`, ``window`` of its embedder, or the
    length of its log-mels), have no prediction.

    Parameters
    ----------
    model : fitted classifier or Pipeline
        Takes paths and has ``predict_proba``.
    paths : list of str or path-like
        Sound files and folders of them. A file that is listed twice is predicted once.
    n_jobs : int or None, default=None
        Threads that read files at once; -1 uses all cores.
    journal : path or None, default=None
        File that keeps what is predicted, so that a stopped call continues. Results of
        another model, or of files that have changed, are not used.
    verbose : int, default=0
        1 shows how many files are done, and the time left.

    Returns
    -------
    predictions : DataFrame
        One row per file, in the order of `paths`: ``file``, ``start_time`` and
        ``end_time`` (seconds), ``prediction`` (of an `UnknownRejector` also "unknown";
        of a model of several classes per clip all with a probability above one half,
        such as "cat, cow", or "none")
        and one column of probabilities per class. The end is that of the part of the
        file that the model uses. A file that is too long, that the model's loader
        cannot read, or of which the model gives
        probabilities that are not finite, has NaN, and "" as its prediction. A class
        with the name of another column, such as "file", has the column "file (class)".
    problems : DataFrame
        ``file`` and ``problem`` of each path without audio and each file that is
        silent, odd, too long or cannot be read; ``fatal``, whether it has no
        prediction.

    Raises
    ------
    ImportError, OSError
        Where a network of the model cannot run here, or `journal` cannot be written.
    ValueError
        Where `model` gives no probabilities.

    Notes
    -----
    Files are decoded once, and predicted, in chunks of 32 per core, so that memory does
    not grow with their number.

    See Also
    --------
    score_recordings : Scores the windows of recordings.

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
    open_networks(model)
    written = journal and PredictionJournal(journal, model, "predictions")
    files, problems = _list(paths)
    entries, waiting = {}, []
    for file in files:
        entry = written and written.done(file)
        if entry is None:
            waiting.append(file)
        else:
            entries[file] = entry
    # Memory is that of the sounds of a chunk.
    size = _FILES_AT_ONCE * effective_n_jobs(n_jobs)
    with progress_bar(
        "files", len(files), verbose, initial=len(entries), unit="file"
    ) as bar:
        for first in range(0, len(waiting), size):
            chunk = _predict(model, waiting[first : first + size], n_jobs)
            if written is not None and first + size < len(waiting):
                written.add(chunk)
            entries |= {entry["file"]: entry for entry in chunk}
            bar.update(len(chunk))
    entries = [entries[file] for file in files]
    _warn_of_cut(entries, model)
    return _predictions(entries, model), _problems(entries, problems)


def _predict(model, files, n_jobs):
    """Predict some files; what is known of each is a dict of plain values."""
    sizes = {file: _size(file) for file in files}
    with loaded_once(files) as forget:
        facts = _inspect(model, files, n_jobs)
        scores, unknown = _probabilities(model, facts, n_jobs, forget)
    readable = facts["error"].isna().to_numpy()
    best = _labels(model, scores) if unknown is None else unknown
    best = np.where(readable, best, "")
    longest, _ = longest_used(model)
    ends = facts["duration"].astype(float).clip(upper=longest)
    entries = []
    for place, row in enumerate(facts.itertuples()):
        problems = []
        if not readable[place]:
            problems.append((row.error, True))
        else:
            if row.peak < SILENCE_PEAK:
                problems.append(("is silent, its prediction has no meaning", False))
            odd = row.odd if isinstance(row.odd, dict) else {}
            problems += [(detail, False) for detail in odd.values()]
            if _size(row.file) not in (None, sizes[row.file]):
                problem = "has changed meanwhile, so that its prediction may be of a "
                problems.append((f"{problem}part", False))
        entries.append(
            {
                "file": row.file,
                "end_time": ends[place] if readable[place] else None,
                "prediction": best[place],
                "scores": scores[place].tolist(),
                "problems": problems,
            }
        )
    return entries


def _warn_of_cut(entries, model):
    longest, why = longest_used(model)
    n_cut = sum(entry["end_time"] == longest for entry in entries)
    if longest is not None and n_cut:
        warn_user(
            f"{n_cut} of {len(entries)} files are as long as what the model uses "
            f"({longest:g} s, {why}) or longer: only their first part counts."
        )


def _predictions(entries, model):
    """Make the table of predictions."""
    ends = np.array([entry["end_time"] for entry in entries], dtype=float)
    predictions = pd.DataFrame(
        {
            "file": names_column([entry["file"] for entry in entries]),
            "start_time": np.where(np.isnan(ends), np.nan, 0.0),
            "end_time": ends,
            "prediction": [entry["prediction"] for entry in entries],
        }
    )
    classes = np.asarray(model.classes_).tolist()
    scores = np.array([entry["scores"] for entry in entries], dtype=float)
    scores = pd.DataFrame(
        scores.reshape(len(entries), len(classes)),
        columns=class_columns(classes, predictions.columns),
    )
    return pd.concat([predictions, scores], axis=1)


def _problems(entries, of_paths):
    """Make the table of problems, those without a prediction last."""
    rows = of_paths + [
        (entry["file"], problem, fatal)
        for is_fatal in (False, True)
        for entry in entries
        for problem, fatal in entry["problems"]
        if fatal == is_fatal
    ]
    table = pd.DataFrame([row[1:] for row in rows], columns=["problem", "fatal"])
    table.insert(0, "file", names_column([row[0] for row in rows]))
    return table


def _inspect(model, files, n_jobs):
    """Inspect the files, of recordings only the length."""
    limit = longest_clip(training_window(model))
    lengths = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(_length)(file) for file in files
    )
    too_long = {
        file: f"lasts {length:.1f} s, longer than a clip for this model (at most "
        f"{limit:g} s): score its windows with `skaudio detect` (score_recordings in "
        "Python)"
        for file, length in zip(files, lengths, strict=True)
        if length > limit
    }
    clips = [file for file in files if file not in too_long]
    facts = inspect_loading(model, clips, n_jobs=n_jobs)
    facts = facts.set_index(pd.Index(facts.pop("file"), dtype=object))
    facts = facts.reindex(pd.Index(files, dtype=object)).reset_index(drop=True)
    facts.insert(0, "file", names_column(files))
    errors = zip(facts["file"], facts["error"], strict=True)
    facts["error"] = [too_long.get(file, error) for file, error in errors]
    return facts


def _length(file):
    length = recording_length(file)
    # The reason of an error is found where the file is read.
    return 0.0 if isinstance(length, AudioFileError) else length


@limited_threads(1)
def _probabilities(model, facts, n_jobs, forget):
    """Predict the readable files; note the others in `facts`.

    Returns
    -------
    scores : ndarray of shape (n, n_classes)
    labels : ndarray of shape (n,) or None
        None where the label is that of the highest score.
    """
    scores = np.full((len(facts), len(model.classes_)), np.nan)
    # Embeddings of clips that are seen once are not kept.
    labels, block = None, no_cache
    if hasattr(final_estimator(model), "p_values"):
        # It may say "unknown", which is no class with a probability.
        labels, block = np.full(len(facts), "", dtype=object), nullcontext
    while (readable := facts["error"].isna().to_numpy()).any():
        files = facts["file"][readable]
        try:
            with warnings.catch_warnings(), block():
                # They are among the problems, or counted at the end.
                warnings.simplefilter("ignore", OddAudioWarning)
                warnings.filterwarnings("ignore", ".* clips are longer than ")
                scores[readable] = model.predict_proba(files.to_numpy())
                if labels is not None:
                    labels[readable] = model.predict(files.to_numpy())
            break
        except AudioFileError as error:
            # A step of the model's own reads them anew, and one has changed or is gone
            # since the inspection, perhaps not alone.
            forget()
            again = inspect_loading(model, files, n_jobs=n_jobs)["error"]
            again = again.set_axis(files.index)
            facts["error"] = facts["error"].fillna(again)
            failed = facts["error"].isna() & (facts["file"] == error.file)
            facts.loc[failed, "error"] = error.reason
            if facts["error"].isna().sum() == readable.sum():
                raise
    wrong = readable & ~np.isfinite(scores).all(axis=1)
    facts.loc[wrong, "error"] = "the model gives probabilities that are not finite"
    scores[wrong] = np.nan
    return scores, labels


def _labels(model, scores):
    """Return the most probable class of each row, or all that are probable."""
    classes = np.asarray(model.classes_)
    if getattr(final_estimator(model), "multilabel_", False):
        return label_sets(pd.DataFrame(scores > 0.5, columns=classes))
    return classes[np.nan_to_num(scores).argmax(axis=1)]


def _size(file):
    try:
        return os.path.getsize(file)
    except OSError:  # removed
        return None


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
