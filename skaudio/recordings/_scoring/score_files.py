"""Score the windows of many recordings, several at once, and keep what is done."""

import os
import warnings
from contextlib import ExitStack, closing, contextmanager

import joblib
from joblib import Parallel, delayed, effective_n_jobs

from skaudio._utils.counts import count
from skaudio._utils.hashing import file_state
from skaudio._utils.names import is_text
from skaudio._utils.unreadable import report_unreadable
from skaudio.io import AudioFileError, OddAudioWarning, list_audio_files
from skaudio.recordings._scoring.progress import progress
from skaudio.recordings._scoring.recording_faults import raise_fault, report_faults
from skaudio.recordings._scoring.recording_length import recording_length
from skaudio.recordings._scoring.resume import find_done
from skaudio.recordings._scoring.score_recording import score_recording
from skaudio.recordings._scoring.scores_folder import scores_path, write_journal


def score_files(
    scorer, files, windows, batch_size, n_jobs, output, own, write, on_error, verbose
):
    """Score the windows of recordings that are not done yet.

    Parameters
    ----------
    scorer : WindowScorer
    files : list of str
    windows : dict
        ``clip_duration, step, final_clip, start, end``, as `score_recording` takes
        them.
    batch_size : int
    n_jobs : int or None
    output : path or None
        Folder that keeps what is done.
    own : dict
        What the scores depend on, beside the state of the recording.
    write : callable
        From the path of a file and a `ScoredRecording`; with `output` only.
    on_error : {"warn", "raise"}
    verbose : int

    Returns
    -------
    done : list of str
        The recordings that are in `output`, in the order of `files`; or without it
        those that were scored.
    scored : dict of str to ScoredRecording
        Those of this run; with `output` without their numbers.
    """
    n_at_once = effective_n_jobs(n_jobs)
    n_here = min(n_at_once, joblib.cpu_count())  # others may be on other machines
    before = {} if output is None else find_done(output, files, own, scorer.verb)
    start, end = windows["start"], windows["end"]
    lengths = _lengths(
        [file for file in files if file not in before], start, end, n_here
    )
    errors = [entry for entry in lengths.values() if isinstance(entry, AudioFileError)]
    if on_error == "raise":
        report_unreadable(errors, count(len(errors), "recording"), "raise")
    lengths = {f: n for f, n in lengths.items() if not isinstance(n, AudioFileError)}
    n_threads = max(1, n_here // max(1, len(lengths)))
    places = dict.fromkeys(lengths)
    if output is not None:
        places = {file: os.path.abspath(scores_path(output, file)) for file in lengths}
    scored = []
    with ExitStack() as stack:
        if output is not None:
            stack.callback(_write_journal, output, errors, own)
        stack.enter_context(_quiet())
        meter = stack.enter_context(progress(lengths, verbose, scorer.verb))
        stack.callback(meter.stop)
        tasks = (
            delayed(_score)(
                *(scorer, file, os.path.abspath(file), windows, batch_size, n_threads),
                *(place, own, write, meter),
            )
            for file, place in places.items()
        )
        results = stack.enter_context(closing(_results(tasks, len(lengths), n_jobs)))
        for file, result in results:
            meter.finish(file)
            if isinstance(result, AudioFileError):
                errors.append(result)
            else:
                scored.append(result)
            if on_error == "raise":
                report_unreadable(errors, "", "raise")
                raise_fault(result.facts)
    report_unreadable(errors, count(len(errors), "recording"), "warn")
    by_file = {result.facts["file"]: result for result in scored}
    report_faults([*before.values(), *(result.facts for result in scored)], scorer.verb)
    done = [file for file in files if file in by_file or file in before]
    return done, by_file


def _score(
    scorer, file, path, windows, batch_size, n_threads, place, own, write, meter
):
    """Score a recording, in whatever process; return what is to be returned of it.

    `path` and `place`, of its scores, are absolute: the process may be in another
    folder. In the results it has the name `file`.
    """
    step = windows["step"]
    with meter.at_work():
        try:
            result = score_recording(
                scorer,
                path,
                **windows,
                batch_size=batch_size,
                n_threads=n_threads,
                advance=lambda n_windows: meter.advance(file, n_windows * step),
            )
        except AudioFileError as error:
            return file, AudioFileError(file, error.reason)
        result = result._replace(facts=result.facts | {"file": file} | own)
        if place is None:
            return file, result
        write(place, result)
    # They are read from the files: here is no need to send them.
    return file, result._replace(times=None, scores=None)


def _results(tasks, n_tasks, n_jobs):
    """Yield the results as they come; a single task stays in this process."""
    if n_tasks <= 1:
        for function, arguments, options in tasks:
            yield function(*arguments, **options)
        return
    parallel = Parallel(
        n_jobs=n_jobs, prefer="threads", return_as="generator_unordered"
    )
    with closing(parallel(tasks)) as results:
        yield from results


@contextmanager
def _quiet():
    """Hide what is said of each batch: it is reported once, at the end."""
    with warnings.catch_warnings():
        # Windows as long as the log-mels have one frame more, at their very end.
        warnings.filterwarnings("ignore", ".* clips are longer than ", UserWarning)
        warnings.simplefilter("ignore", OddAudioWarning)
        # Said by joblib where the work is stopped.
        warnings.filterwarnings("ignore", ".*tasks which were still being processed")
        yield


def list_recordings(recordings, *, all_there=False):
    """List the recordings, each once, however it is written.

    Parameters
    ----------
    recordings : path or list of paths
        Sound files, or folders of them.
    all_there : bool
        Whether to raise FileNotFoundError for a path at which nothing is. Without it,
        that is a recording that cannot be read.

    Returns
    -------
    files : list of str
    """
    if isinstance(recordings, (str, os.PathLike)):
        recordings = [recordings]
    files = {}
    for path in recordings:
        if all_there and not os.path.exists(path):
            raise FileNotFoundError(f"{os.fspath(path)}: no such folder or file")
        for file in list_audio_files([path]):
            files.setdefault(os.path.abspath(file), file)
    return list(files.values())


def _lengths(files, start, end, n_jobs):
    """Return the seconds of each recording, or the error."""
    lengths = Parallel(n_jobs=n_jobs, require="sharedmem")(
        delayed(_length)(file, start, end) for file in files
    )
    return dict(zip(files, lengths, strict=True))


def _length(file, start, end):
    if not is_text(file):
        return AudioFileError(
            file, "its name is no UTF-8, so that no table can hold it: rename it"
        )
    length = recording_length(file)
    if isinstance(length, AudioFileError):
        return length
    return max(0.0, min(length, length if end is None else end) - (start or 0.0))


def _write_journal(output, errors, own):
    failures = [
        {
            "file": error.file,
            "outcome": "failed",
            "reason": error.reason,
            **file_state(error.file),
            **own,
        }
        for error in errors
    ]
    write_journal(output, failures)
