"""What a fitted model predicts of held-out clips, in chunks that can be kept."""

import time
import warnings

import numpy as np
from sklearn.pipeline import Pipeline

from skaudio._utils.calibration_errors import uncalibrated_confidence
from skaudio._utils.clips import find_clips
from skaudio._utils.multilabel import predict_several
from skaudio._utils.names import nested_attribute
from skaudio._utils.prediction_journal import PredictionJournal
from skaudio._utils.progress import progress_bar
from skaudio._utils.rows import take_rows
from skaudio._utils.threads import limited_threads

_CLIPS_AT_ONCE = 128  # whose sounds are in memory
_PARTS = ("predicted", "probabilities", "decisions")


@limited_threads(1)
def predict_clips(estimator, X, n_clips, several, journal=None, verbose=0):
    """Predict held-out clips.

    Parameters
    ----------
    estimator : fitted classifier or Pipeline
    X : what it takes
    n_clips : int
    several : bool
        Whether it gives several labels per clip.
    journal : path or None
        File that keeps what is predicted of files, for a run that is stopped.
    verbose : int
        1 shows how many clips are done, and the time left.

    Returns
    -------
    fit : dict
        As `Report.from_fits` takes it.

    Raises
    ------
    OSError
        Where the journal cannot be written, or holds something else.
    ValueError
        Where there is a journal, and X lists no files.
    """
    clips = None if journal is None else _files_of(X)
    written = journal and PredictionJournal(journal, estimator, "evaluation")
    parts, waiting = [], np.arange(n_clips)
    if written:
        entries = [written.done(clip.file, _span(clip)) for clip in clips]
        is_done = np.array([entry is not None for entry in entries], bool)
        if is_done.any():
            done = [entry for entry in entries if entry is not None]
            parts.append(_part(np.flatnonzero(is_done), done))
        waiting = np.flatnonzero(~is_done)
    n_chunks = -(-len(waiting) // _CLIPS_AT_ONCE)
    chunks = np.array_split(waiting, n_chunks or not parts)
    with progress_bar(
        "clips", n_clips, verbose, unit="clip", initial=n_clips - len(waiting)
    ) as bar:
        for place, rows in enumerate(chunks):
            with warnings.catch_warnings():
                if place:  # said of the first chunk
                    warnings.filterwarnings("ignore", ".* clips are longer than ")
                part = _predict_some(estimator, take_rows(X, rows), several)
            parts.append({"rows": rows, **part})
            if written and place + 1 < len(chunks):
                written.add(_entries(parts[-1], clips))
            bar.update(len(rows))
    order = np.argsort(np.concatenate([part["rows"] for part in parts]))
    joined = {name: _joined([part[name] for part in parts], order) for name in _PARTS}
    return {
        "repeat": 0,
        "fold": 0,
        "rows": np.arange(n_clips),
        **joined,
        "uncalibrated": uncalibrated_confidence(estimator, joined["probabilities"]),
        "history": nested_attribute(estimator, "history_"),
        "fit_seconds": np.nan,
        "predict_seconds": sum(part["seconds"] for part in parts),
        "n_parameters": nested_attribute(estimator, "n_parameters_"),
    }


def _files_of(X):
    clips = find_clips(X)
    if clips is None:
        raise ValueError(
            "journal keeps what is predicted of files, but X_test lists none: expected "
            "paths or a table of clips, or journal=None."
        )
    return clips


def _span(clip):
    return None if clip[1:] == (None, None) else tuple(clip[1:])


def _entries(part, clips):
    """Make plain values of the predictions of a chunk, one entry per clip."""
    values = {name: _plain(part[name]) for name in _PARTS}
    rows = part["rows"]
    return [
        {
            "file": clips[row].file,
            "span": _span(clips[row]),
            "seconds": part["seconds"] / len(rows),
            **{name: cells and cells[place] for name, cells in values.items()},
        }
        for place, row in enumerate(rows)
    ]


def _plain(values):
    return None if values is None else np.asarray(values).tolist()


def _part(rows, entries):
    """Make a chunk of entries."""
    columns = {name: [entry[name] for entry in entries] for name in _PARTS}
    return {
        "rows": rows,
        "seconds": sum(entry["seconds"] for entry in entries),
        **{
            name: None if cells[0] is None else np.array(cells)
            for name, cells in columns.items()
        },
    }


def _joined(parts, order):
    return None if parts[0] is None else np.concatenate(parts)[order]


def _predict_some(estimator, X, several):
    """Give labels, probabilities or None, decisions, and the seconds of the labels."""
    final = estimator
    if isinstance(estimator, Pipeline) and len(estimator) > 1:
        # Transform once, for labels and probabilities.
        X, final = estimator[:-1].transform(X), estimator[-1]
    start = time.perf_counter()
    decisions = probabilities = None
    if several:
        probabilities, decisions, predicted = predict_several(final, X)
    else:
        predicted = final.predict(X)
    seconds = time.perf_counter() - start
    if not several and hasattr(final, "predict_proba"):
        probabilities = final.predict_proba(X)
    return {
        "predicted": predicted,
        # In double precision, as a journal keeps them.
        "probabilities": None
        if probabilities is None
        else np.asarray(probabilities, float),
        "decisions": decisions,
        "seconds": seconds,
    }
