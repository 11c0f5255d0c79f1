"""From recordings to a folder of results: which animal called when."""

import json
import os
import warnings
from pathlib import Path

import pandas as pd

from skaudio._utils.atomic import check_writable, make_folder, write_text
from skaudio._utils.background import is_background
from skaudio._utils.bunch import Bunch
from skaudio._utils.choices import one_of
from skaudio._utils.hashing import model_hash, sha256_of
from skaudio._utils.names import final_estimator, is_text
from skaudio._utils.version import __version__
from skaudio._utils.warn import warn_user
from skaudio.io import OddAudioWarning, write_annotations
from skaudio.recordings._effort.datetimes import add_datetimes
from skaudio.recordings._effort.recording_effort import recording_effort
from skaudio.recordings._events.earlier_results import (
    CHECKED,
    EFFORT,
    EVENTS,
    FOLDER,
    RUN,
    refuse_to_replace,
    still_checked,
    unchanged_files,
)
from skaudio.recordings._events.find_events import check_options, find_events
from skaudio.recordings._events.kept_thresholds import above, chosen, quoted
from skaudio.recordings._run_report.write_run_report import write_run_report
from skaudio.recordings._scoring.recording_faults import describe_failed
from skaudio.recordings._scoring.score_files import list_recordings
from skaudio.recordings._scoring.score_recordings import score_recordings
from skaudio.recordings._scoring.scores_folder import journal_rows

FOLDER_FORMATS = ("raven", "audacity")  # a file per recording
_PAGE = "report.html"
_NO_BACKGROUND = (
    "The model has no class of background: every window is taken for one of its "
    "animals, and most events will be false. Train it with background: "
    "skaudio train CLIPS --background DIR, or window_pipeline."
)
_SCORE_DECIMALS = 4


def detect(
    model,
    recordings,
    output,
    *,
    threshold=None,
    continue_threshold=None,
    smoothing=3,
    min_duration=0.0,
    merge_gap=0.0,
    thresholds=None,
    formats=FOLDER_FORMATS,
    sites=None,
    time_zone=None,
    model_id=None,
    n_jobs=None,
    on_error="warn",
    replace=False,
    verbose=0,
    **windows,
):
    """Detect events in recordings and write them in the formats of the field.

    A second run into the same folder scores only what is missing, and finds the events
    anew. What the folder holds of other recordings is not replaced unless `replace`
    says so.

    Parameters
    ----------
    model : fitted classifier or Pipeline
        As of `score_recordings`, also one of `skaudio.export.load_onnx`. Without a
        class of background (see `WindowClassifier`) every window is taken for an
        animal.
    recordings : path or list of paths
        Sound files, or folders of them with their sub-folders. Files within `output`
        are left out.
    output : path
        Folder of the results, which is made.
    threshold, continue_threshold, smoothing, min_duration, merge_gap
        As of `find_events`; a `threshold` of None is that of `thresholds`, or those
        that an exported model carries, or 0.5. With smoothing, scores are means over
        windows: a call that fills one window alone has half of its score.
    thresholds : path or None, default=None
        ``thresholds.json`` of `calibrate`. Events and windows are made as they were for
        the calibration, its low threshold included; the events that reach the threshold
        of their class are written into a table of their own, and what is promised of
        them is quoted. None, without a `threshold`, takes the calibration that an
        exported model carries.
    formats : sequence of str, default=("raven", "audacity")
        Folders of annotations, one file per recording, beside ``events.csv``.
    sites, time_zone
        As of `recording_effort`.
    model_id, n_jobs, on_error, verbose
        As of `score_recordings`; with `verbose` the page shows its progress, too.
    replace : bool, default=False
        Whether events, effort and page may replace those of recordings that are not
        among these, or cannot be read any more. The scores of those are kept.
    **windows
        Further parameters of `score_recordings`: ``clip_duration``, ``clip_overlap``,
        ``batch_size``, ``channel``, ``start``, ``end`` and others.

    Returns
    -------
    found : Bunch
        ``scores``, ``events`` (with ``datetime`` and ``time_zone``), ``effort`` and
        ``run``, the facts of the run. The folder holds:

        - ``events.csv``: the events, an annotation table of OpenSoundscape;
        - ``events_checked.csv``: with `thresholds`, those that reach the threshold of
          their class; without classes of which nothing is promised;
        - ``effort.csv``: what was recorded and scored, by recording;
        - ``scores/``: the scores of all windows, a Parquet file per recording;
        - ``raven/``, ``audacity/``: the events of each recording that has any;
        - ``report.html``: a page to look at and to listen to, see `write_run_report`;
        - ``run.json``: the model, the parameters, the counts and what failed.

    Raises
    ------
    FileNotFoundError
        Where one of `recordings` is not there, before any work.
    FileExistsError
        Before any work, where `output` holds results of other recordings (see
        `replace`), or a table in which somebody has worked.
    ValueError, OSError, AudioFileError
        As the functions named above; where `thresholds` are of another model, or an
        option given here is another than that of the calibration. Where no recording
        can be read: then what `output` holds stays as it is.

    Warns
    -----
    UserWarning
        Where the model has no class of background, the page cannot be written, or a
        calibration in `output` is of other events than those found now. The tables are
        written all the same.

    See Also
    --------
    calibrate : Makes thresholds from what a person checked.
    segments : Cuts the events out.
    skaudio.pipelines.window_pipeline : A pipeline to train for recordings.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.pipelines import audio_pipeline, window_pipeline
    >>> from skaudio.recordings import detect
    >>> wind = 0.01 * np.random.default_rng(0).standard_normal(16000 * 20)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     calls = make_animal_sounds(6, n_classes=2, output_dir=folder)
    ...     net = audio_pipeline("cnn1d", random_state=0).set_params(clf__max_epochs=2)
    ...     model = window_pipeline(net, [wind], random_state=0)
    ...     model = model.fit(calls.data, calls.target)
    ...     soundfile.write(f"{folder}/dawn.wav", wind, 16000)
    ...     found = detect(model, f"{folder}/dawn.wav", f"{folder}/found")
    >>> found.effort["seconds_scored"].tolist()
    [20.0]
    """
    for name in formats:
        one_of("formats", name, FOLDER_FORMATS)
    output = Path(output)
    options = {
        "threshold": threshold,
        "continue_threshold": continue_threshold,
        "smoothing": smoothing,
        "min_duration": min_duration,
        "merge_gap": merge_gap,
    }
    model_id = model_hash(model) if model_id is None else model_id
    kept, options, windows = chosen(model, thresholds, model_id, options, windows)
    check_options(model.classes_, options)
    files = _outside(recordings, output)
    _check_tables(output, kept)
    about = {"sites": sites, "time_zone": time_zone, "n_jobs": n_jobs}
    effort = _effort(files, None, about)  # before hours of work, to see what is wrong
    if not replace:
        can_be_opened = effort.loc[effort["seconds_recorded"].notna(), "file"]
        refuse_to_replace(output, files, can_be_opened)
    make_folder(output, "the results")
    older = unchanged_files(output)
    notes = [] if _has_background(model) else [_NO_BACKGROUND]
    for note in notes:
        warn_user(note)
    scores = score_recordings(
        model,
        files,
        output=output / "scores",
        model_id=model_id,
        n_jobs=n_jobs,
        on_error=on_error,
        verbose=verbose,
        **windows,
    )
    effort = _effort(files, scores, about)  # anew, for a recorder may go on meanwhile
    read = effort.loc[effort["seconds_scored"] > 0, "file"]
    if read.empty:
        raise ValueError(
            f"None of {len(files)} recordings could be read and scored: expected at "
            f"least one; the results that {output} holds stay as they are."
        )
    if not replace:
        refuse_to_replace(output, files, read)
    lengths = effort.set_index("file")["seconds_recorded"].dropna()
    events = find_events(scores, recordings_duration=lengths, **options)
    events = add_datetimes(events, effort)
    events["score"] = events["score"].astype(float).round(_SCORE_DECIMALS)
    journal = _journal(output / "scores", files)
    run = {
        "skaudio": __version__,
        "model": model_id,
        "classes": [str(name) for name in scores.columns],
        "recordings": len(effort),
        "hours_recorded": round(effort["seconds_recorded"].sum() / 3600, 4),
        "hours_scored": round(effort["seconds_scored"].sum() / 3600, 4),
        "windows": len(scores),
        "events": len(events),
        "parameters": {
            name: _plain(value) for name, value in options.items() if name != "classes"
        },
        "scoring": _windows(journal),
        "failed": _failed(journal),
        "warnings": notes,
        FOLDER: os.getcwd(),
    }
    tables = {EVENTS: events, EFFORT: effort}
    if kept is not None:
        tables[CHECKED] = above(kept, events)
    written = _write_tables(output, tables, formats, older)
    if kept is not None:
        is_same = sha256_of(output / EVENTS) == kept["events"].get("sha256")
        run["thresholds"] = quoted(kept, events, is_same)
    _write_run(output, run, written)
    found = Bunch(scores=scores, events=events, effort=effort, run=run)
    try:
        written.append(write_run_report(found, output / _PAGE, verbose=verbose))
    except Exception as error:  # whatever it is, the tables are there
        warn_user(
            f"{output / _PAGE}: the page could not be made, the tables are complete: "
            f"{type(error).__name__}: {error}"
        )
    else:
        _write_run(output, run, written)
    return found


def _outside(recordings, output):
    """List the recordings without the sound that an earlier run left in `output`."""
    inside = os.path.join(os.path.abspath(output), "")
    files = list_recordings(recordings, all_there=True)
    kept = [file for file in files if not os.path.abspath(file).startswith(inside)]
    if not kept:
        raise ValueError(
            f"All {len(files)} recordings lie in the folder of results {output}: "
            "expected recordings, and another folder for the results."
        )
    return kept


def _check_tables(output, kept):
    """Raise where the folder has a table of the user's in the place of a result."""
    if output.is_dir():
        for name in (EVENTS, EFFORT, RUN, *([CHECKED] if kept else [])):
            check_writable(output / name, "the results", name)


def _effort(files, scores, about):
    """Measure what was recorded, and what was scored of it."""
    named = [file for file in files if is_text(file)]
    with warnings.catch_warnings():
        if scores is None:  # named at the end
            warnings.simplefilter("ignore", OddAudioWarning)
        # Named by score_recordings.
        warnings.filterwarnings("ignore", ".*cannot be opened, length unknown")
        return recording_effort(named, scores, **about)


def _has_background(model):
    """Return whether the model can say that a window holds no animal."""
    classes = getattr(model, "classes_", ())
    return any(map(is_background, classes)) or _has_zeros(model)


def _has_zeros(model):
    """Return whether no class at all is an answer: of several classes per clip."""
    return getattr(final_estimator(model), "multilabel_", False)


def _journal(folder, files):
    """List the rows of the journal that are of these recordings."""
    own = {*files}
    return [row for row in journal_rows(folder) if row["file"] in own]


def _windows(journal):
    """Return the parameters of the windows, and what the model heard of them."""
    scored = [row for row in journal if row["outcome"] != "failed"]
    if not scored:
        return {}
    return scored[0]["parameters"] | {"streams": scored[0]["streams"]}


def _failed(journal):
    """List the recordings that failed, wholly or in part, and why."""
    return [
        {
            "file": row["file"],
            "outcome": row["outcome"],
            "reason": row["reason"]
            if row["outcome"] == "failed"
            else describe_failed(row),
        }
        for row in journal
        if row["outcome"] != "scored"
    ]


def _plain(value):
    if isinstance(value, pd.Series):
        value = value.to_dict()
    if isinstance(value, dict):
        return {str(name): float(number) for name, number in value.items()}
    return value


def _write_tables(output, tables, formats, older):
    """Write the tables and list their files; the scores are there already.

    Files of an earlier run that are none of these are removed.
    """
    for name, table in tables.items():
        write_text(output / name, table.to_csv(index=False), "the table", name)
    written = [output / name for name in tables]
    if CHECKED not in tables:
        written += still_checked(output)
    for path in {*older} - {*written}:
        path.unlink()
    for name in formats:
        written += map(Path, write_annotations(tables[EVENTS], output / name, name))
    return written


def _write_run(output, run, written):
    """Write the facts of the run, with the files that it wrote."""
    files = {path.relative_to(output).as_posix(): sha256_of(path) for path in written}
    text = json.dumps(run | {"files": files}, indent=2, default=str) + "\n"
    write_text(output / RUN, text, "the facts of the run", RUN)
