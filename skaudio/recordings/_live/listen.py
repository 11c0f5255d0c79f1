"""Events of a sound while it is being made."""

import os
import signal
import threading
from contextlib import ExitStack, contextmanager
from numbers import Real

import numpy as np
import pandas as pd

from skaudio._utils.annotation_table import EVENT_COLUMNS
from skaudio._utils.warn import warn_user
from skaudio._utils.windows import window_step
from skaudio.recordings._effort.datetimes import add_datetimes
from skaudio.recordings._events.kept_thresholds import above, chosen, quoted
from skaudio.recordings._live.events import LiveEvents
from skaudio.recordings._live.sound import FileSound, LiveSound
from skaudio.recordings._live.sources import Microphone, Pipe
from skaudio.recordings._scoring.recording_windows import cut_windows
from skaudio.recordings._scoring.window_length import window_length
from skaudio.recordings._scoring.window_scorer import WindowScorer

_SCORE_DECIMALS = 4
_LONG = 5.0  # seconds that a user waits after Ctrl-C without a word


def listen(
    model,
    source=None,
    output=None,
    *,
    sample_rate=None,
    clip_duration=None,
    clip_overlap=None,
    threshold=None,
    continue_threshold=None,
    smoothing=3,
    min_duration=0.0,
    merge_gap=0.0,
    thresholds=None,
    channel=None,
    model_id=None,
    on_event=None,
):
    """Find events in a sound while it is being made, and give each as it ends.

    Windows and events are those of `detect` on the same sound.

    Parameters
    ----------
    model : fitted classifier or Pipeline
        As of `score_recordings`, also a model of `skaudio.export.load_onnx`.
    source : None, path or binary file, default=None
        None is the default microphone, which needs the extra ``live``. A path is a
        sound file. A binary file, such as ``sys.stdin.buffer``, gives raw samples of
        one channel, 16 bits each, little-endian.
    output : path or None, default=None
        A new CSV table, written event by event, in whole lines.
    sample_rate : int or None, default=None
        Of raw samples, in Hz; only for these.
    clip_duration, clip_overlap, channel
        As of `score_recordings`; `channel` is for files only.
    threshold, continue_threshold, smoothing, min_duration, merge_gap, thresholds
        As of `detect`. With `thresholds`, only the events that reach the threshold of
        their class are given.
    model_id : str or None, default=None
        What the model is known by in `thresholds`. None is a hash of the fitted model.
    on_event : callable or None, default=None
        Called with each event, a Series, once it is written.

    Returns
    -------
    events : DataFrame
        The columns of `find_events`, then ``datetime`` and ``time_zone``, as `detect`
        has them. ``audio_file`` is ``"microphone"`` or ``"-"`` where it is no file.
        With `thresholds`, ``events.attrs["thresholds"]`` has the facts of ``run.json``
        about them.

    Raises
    ------
    ValueError
        For parameters out of range; `thresholds` of another model or other windows and
        options; a pipe without `sample_rate`, without samples, or
        with a sound file; a model that reads sound files by itself, or takes the
        loudest channel of each window: pass `channel`.
    FileExistsError
        Where there is an `output` already.
    ImportError, OSError
        Without ``sounddevice``, its library PortAudio (on Linux, ``libportaudio2``) or
        a microphone.
    AudioFileError
        Where a file cannot be read.

    Warns
    -----
    UserWarning
        Where ten minutes of sound from the microphone wait for the model: then sound is
        dropped until five wait, and the warning says how much it was; an event ends
        there. Nothing is dropped from a pipe: its writer waits.

    See Also
    --------
    detect : The same for many recordings, with all scores.
    skaudio.export.export_web : The same in the browser.

    Notes
    -----
    An event is known to have ended once the windows after it are scored: with the
    default smoothing, about two windows later. Ctrl-C, in the main thread, ends the
    sound: what came until then is scored, and its events are given. A second Ctrl-C
    raises KeyboardInterrupt.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.pipelines import audio_pipeline
    >>> from skaudio.recordings import listen
    >>> calls = make_animal_sounds(6, n_classes=2, random_state=0)
    >>> pipeline = audio_pipeline("cnn1d").set_params(clf__max_epochs=1)
    >>> model = pipeline[1:].fit(calls.data, calls.target)
    >>> samples = (32767 * np.concatenate(calls.data[:9])).astype("<i2")
    >>> pipe = io.BytesIO(samples.tobytes())
    >>> events = listen(model, pipe, sample_rate=16000, clip_duration=3.0)
    >>> events.columns[:5].tolist()
    ['audio_file', 'annotation_file', 'annotation', 'start_time', 'end_time']
    """
    is_file = isinstance(source, (str, os.PathLike))
    is_pipe = source is not None and not is_file
    _check(is_file, is_pipe, sample_rate, channel)
    options = {
        "threshold": threshold,
        "continue_threshold": continue_threshold,
        "smoothing": smoothing,
        "min_duration": min_duration,
        "merge_gap": merge_gap,
    }
    windows = {
        "clip_duration": clip_duration,
        "clip_overlap": clip_overlap,
        "final_clip": "extend",
        "channel": channel,
    }
    kept, options, windows = chosen(model, thresholds, model_id, options, windows)
    # Of a microphone and a pipe one channel comes.
    channel = windows["channel"] if is_file else "mix"
    scorer = WindowScorer(model, channel, windows.get("sample_rate"))
    if scorer.streams is None:
        raise ValueError(
            "The model reads sound files by itself, or takes the loudest channel of "
            "each window: expected one that takes waveforms, or a channel of a file."
        )
    clip_duration = window_length(model, windows["clip_duration"])
    overlaps = [windows.get(name) for name in ("clip_overlap", "clip_step")]
    half = 0.5 if overlaps == [None, None] else None
    step = window_step(clip_duration, overlaps[0], half, overlaps[1])
    finder = LiveEvents(
        os.fspath(source) if is_file else "-" if is_pipe else "microphone",
        scorer.classes,
        **options,
    )
    with ExitStack() as stack:
        if is_file:
            sound = FileSound(source, scorer.streams)
        else:
            live = Pipe(source, sample_rate) if is_pipe else Microphone()
            sound = LiveSound(live, scorer.streams)
        stack.enter_context(sound)
        write = stack.enter_context(_new_table(output))
        stack.enter_context(_stopped_by_ctrl_c(sound))
        found = []
        for events in _events(sound, scorer, finder, clip_duration, step):
            events = add_datetimes(events, sound.effort)
            events["score"] = events["score"].astype(float).round(_SCORE_DECIMALS)
            if kept is not None:
                events = above(kept, events)
            write(events)
            found.append(events)
            if on_event is not None:
                for _, event in events.iterrows():
                    on_event(event)
        if is_pipe and not sound.duration:
            raise ValueError("The pipe ended before its first sample: expected sound.")
    events = pd.concat(found, ignore_index=True)
    if kept is not None:
        events.attrs["thresholds"] = quoted(kept, events, is_same=False)
    return events


def _check(is_file, is_pipe, sample_rate, channel):
    """Raise where a parameter does not go with the source."""
    if is_pipe and not (
        isinstance(sample_rate, Real) and sample_rate > 0 and sample_rate % 1 == 0
    ):
        raise ValueError(
            f"sample_rate={sample_rate!r}: expected the rate of the raw samples in Hz."
        )
    if not is_pipe and sample_rate is not None:
        raise ValueError(
            f"sample_rate={sample_rate!r}: expected None, for it is known of a file "
            "and of the microphone."
        )
    if not is_file and channel is not None:
        raise ValueError(f"channel={channel!r}: expected None, for one channel comes.")


def _events(sound, scorer, finder, clip_duration, step):
    """Yield tables of the events that have ended, the last of them at the end."""
    times, n_done = {}, 0

    def windows():
        for row, span in enumerate(sound.window_times(clip_duration, step)):
            times[row] = span
            yield span

    def take(rows, scored):
        # A window between them that is not there failed, and ends an event.
        nonlocal n_done
        n_rows = rows[-1] + 1 - n_done
        scores = np.full((n_rows, len(scorer.classes)), np.nan, np.float32)
        scores[[row - n_done for row in rows]] = scored
        own = [times.pop(row) for row in range(n_done, rows[-1] + 1)]
        n_done = rows[-1] + 1
        return finder.add(own, scores, sound.length)

    for rows, cut in cut_windows(sound.streams, windows(), sound.batch_size, {}):
        events = take(rows, scorer.score(cut)[0])
        if len(events):
            yield events
    if times:
        yield take([max(times)], np.nan)
    yield finder.finish(sound.duration or None)


@contextmanager
def _new_table(path):
    """Open a new CSV table; yield a function that appends events to it."""
    if path is None:
        yield lambda events: None
        return
    try:
        file = open(path, "x", newline="", encoding="utf-8")
    except FileExistsError as error:
        raise FileExistsError(
            f"{path}: is there already, and may hold events of an earlier run: move "
            "it away, or choose another name"
        ) from error
    n_events = 0

    def write(events):
        nonlocal n_events
        n_events += len(events)
        append(events.to_csv(header=False, index=False))

    def append(text):
        # Whole lines at once: a crash leaves a table that can be read.
        try:
            file.write(text)
            file.flush()
        except OSError as error:
            raise OSError(
                f"{path}: the table cannot be written ({error.strerror or error})"
            ) from error

    with file:
        try:
            append(",".join([*EVENT_COLUMNS, "datetime", "time_zone"]) + "\n")
            yield write
        except BaseException:
            if not n_events:  # or an empty table would be in the way of the next run
                file.close()
                os.unlink(path)
            raise


@contextmanager
def _stopped_by_ctrl_c(sound):
    """Let the first Ctrl-C end a sound, and leave the second to the caller."""
    if threading.current_thread() is not threading.main_thread():
        yield  # where no signal arrives
        return
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    earlier = {
        number: handler
        for number in numbers
        if (handler := signal.getsignal(number)) is signal.default_int_handler
    }

    def stop(*_):
        restore()
        sound.stop()
        if sound.seconds_waiting > _LONG:
            warn_user(
                f"{sound.seconds_waiting:.0f} s of sound wait to be scored: Ctrl-C "
                "again leaves them out"
            )

    def restore():
        for number, handler in earlier.items():
            signal.signal(number, handler)

    for number in earlier:
        signal.signal(number, stop)
    try:
        yield
    finally:
        restore()
