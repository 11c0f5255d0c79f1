"""The windows of a recording, cut from its blocks as they are decoded."""

import numpy as np

from skaudio.recordings._scoring.window_scorer import Windows


def cut_windows(streams, times, batch_size, failed):
    """Yield the windows of a recording in batches; a block of it is in memory.

    Parameters
    ----------
    streams : dict of (sample_rate, channel) to AudioStream
    times : ndarray of float, shape (n_windows, 2)
        Start and end in seconds from the start of the file, in ascending order.
    batch_size : int
    failed : dict of int to str
        Gets the reasons why windows cannot be cut, by row.

    Yields
    ------
    rows : list of int
    windows : Windows
        Those of the rows.
    """
    buffers = {key: _Buffer(stream) for key, stream in streams.items()}
    rows, cut = [], {key: [] for key in streams}
    for row, (start, end) in enumerate(times):
        waveforms = {key: buffer.cut(start, end) for key, buffer in buffers.items()}
        reason = _reason(streams.values(), start, end)
        if not all(map(len, waveforms.values())):
            reason = reason or "the decoder finds no sound there"
        if reason:
            failed[row] = reason
            continue
        rows.append(row)
        for key, waveform in waveforms.items():
            cut[key].append(waveform)
        if len(rows) == batch_size:
            yield rows, Windows(cut)
            rows, cut = [], {key: [] for key in streams}
    if rows:
        yield rows, Windows(cut)
    for buffer in buffers.values():
        buffer.finish()


def _reason(streams, start, end):
    """Return why the sound between two times cannot be used, or None."""
    for stream in streams:
        for span in reversed(stream.failed):
            if span.end_time <= start:
                break
            if span.start_time < end:
                return span.reason
    return None


class _Buffer:
    """The part of a stream that windows are being cut from."""

    def __init__(self, stream):
        self._stream = stream
        self._blocks = iter(stream)
        self._samples = np.zeros(0, np.float32)
        self._first = 0  # its place in the stream

    def cut(self, start, end):
        """Return the sound between two times; forget what is before `start`."""
        stream = self._stream
        first, last = (
            round((time - stream.start_time) * stream.sample_rate)
            for time in (start, end)
        )
        self._forget(first)
        parts, n_there = [self._samples], len(self._samples)
        while self._first + n_there < last:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(block)
            n_there += len(block)
            if self._first + n_there <= first:  # in a gap between windows
                self._first += n_there
                parts, n_there = [], 0
        if len(parts) != 1:
            self._samples = np.concatenate([*parts, np.zeros(0, np.float32)])
            self._forget(first)
        if last - self._first < 1 or not len(self._samples):
            # As `resample`, one sample of what is shorter than that at this rate.
            return np.zeros(int(start < stream.end_time), np.float32)
        return self._samples[: last - self._first].copy()

    def finish(self):
        """Decode what no window needs, so that all that is wrong is known."""
        for _ in self._blocks:
            pass

    def _forget(self, first):
        n_over = min(max(0, first - self._first), len(self._samples))
        self._samples = self._samples[n_over:]
        self._first += n_over
