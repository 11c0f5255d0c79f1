"""The scores of the windows of one recording."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import NamedTuple

import numpy as np
import pandas as pd

from skaudio._utils.hashing import file_state
from skaudio._utils.windows import window_times
from skaudio.io import stream_audio
from skaudio.recordings._scoring.recording_windows import cut_windows

INDEX = ["file", "start_time", "end_time"]
_DECIMALS = 10  # of seconds


class ScoredRecording(NamedTuple):
    """The scores of a recording, with what became of it.

    Attributes
    ----------
    facts : dict
        Plain values, for the journal.
    times : ndarray of float, shape (n_windows, 2)
        Start and end in seconds.
    scores : ndarray of float32, shape (n_windows, n_classes)
        NaN for windows that failed.
    """

    facts: dict
    times: np.ndarray
    scores: np.ndarray


def score_recording(
    scorer,
    file,
    clip_duration,
    step,
    final_clip="extend",
    start=None,
    end=None,
    *,
    batch_size=64,
    n_threads=1,
    advance=None,
):
    """Score the windows of a recording.

    Parameters
    ----------
    scorer : WindowScorer
    file : str
    clip_duration, step : float
        In seconds.
    final_clip : {"extend", "full", "remainder"} or None
    start, end : float or None
        Span of the recording, in seconds.
    batch_size : int
    n_threads : int
        Batches that are scored at once.
    advance : callable or None
        Called with the number of windows that have been scored.

    Returns
    -------
    scored : ScoredRecording

    Raises
    ------
    AudioFileError
        Where it cannot be opened.
    """
    state = file_state(file)
    # Of a recording that the model reads itself, only the length is needed.
    keys = scorer.streams or [(16000, "mix")]
    failed = {}
    with ExitStack() as stack:
        streams = {
            (rate, channel): stack.enter_context(
                stream_audio(file, rate, channel=channel, start=start, end=end)
            )
            for rate, channel in keys
        }
        stream = next(iter(streams.values()))
        origin, rate = stream.start_time, stream.source_rate
        n_samples = round((stream.end_time - origin) * rate)
        times = window_times(n_samples, rate, clip_duration, step, final_clip)
        times = (times + origin).round(_DECIMALS)
        if scorer.streams is None:
            batches = _tables(file, times, stream, batch_size)
        else:
            batches = cut_windows(streams, times, batch_size, failed)
        scores = np.full((len(times), scorer.n_columns), np.nan, scorer.dtype)
        for rows, (scored, reasons) in _in_order(scorer.score, batches, n_threads):
            scores[rows] = scored
            failed |= {rows[place]: reason for place, reason in reasons.items()}
            if advance is not None:
                advance(len(rows))
    odd = [oddity.detail for oddity in stream.oddities]
    if file_state(file) != state:
        odd.append("has changed meanwhile: its scores are of what was there at first")
    without = np.isnan(scores).all(axis=1)
    for row in np.flatnonzero(without).tolist():
        failed.setdefault(row, "the model gives numbers that are not finite")
    spans = [list(span) for span in stream.failed]
    reasons = {reason for *_, reason in spans}
    spans += _spans(times, {k: v for k, v in failed.items() if v not in reasons})
    facts = {
        "file": file,
        "outcome": "partly" if without.any() else "scored",
        "duration": stream.duration,
        "source_rate": rate,
        "start_time": origin,
        "end_time": stream.end_time,
        "seconds_scored": _covered(times[~without], stream.end_time),
        "n_windows": len(times),
        "n_failed": int(without.sum()),
        "failed": spans,
        "odd": odd,
        **state,
    }
    return ScoredRecording(facts, times, scores)


def _tables(file, times, stream, batch_size):
    """Yield the windows as tables of clips, none longer than the recording."""
    for first in range(0, len(times), batch_size):
        starts, ends = times[first : first + batch_size].T
        columns = [[file] * len(starts), starts, np.minimum(ends, stream.end_time)]
        index = pd.MultiIndex.from_arrays(columns, names=INDEX)
        yield range(first, first + len(starts)), pd.DataFrame(index=index)


def _in_order(function, batches, n_threads):
    """Yield rows and the result of each batch; a few are in memory at once."""
    if n_threads == 1:
        for rows, batch in batches:
            yield rows, function(batch)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        pending = deque()
        try:
            for rows, batch in batches:
                pending.append((rows, pool.submit(function, batch)))
                if len(pending) > n_threads:
                    rows, future = pending.popleft()
                    yield rows, future.result()
            for rows, future in pending:
                yield rows, future.result()
        finally:
            for _, future in pending:
                future.cancel()


def _spans(times, failed):
    """List the spans of windows that failed, those of one reason in a row as one."""
    spans, last_row = [], None
    for row, reason in sorted(failed.items()):
        start, end = times[row].tolist()
        if spans and last_row == row - 1 and spans[-1][2] == reason:
            spans[-1][1] = end
        else:
            spans.append([start, end, reason])
        last_row = row
    return spans


def _covered(times, end):
    """Return how many seconds before `end` lie in some window."""
    if not len(times):
        return 0.0
    starts, ends = times[:, 0], np.minimum(times[:, 1], end)
    before = np.concatenate([[-np.inf], np.maximum.accumulate(ends)[:-1]])
    return float(np.clip(ends - np.maximum(starts, before), 0, None).sum().round(6))
