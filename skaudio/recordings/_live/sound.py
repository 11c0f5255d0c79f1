"""Sounds in the streams that windows are cut from: of a file, or as they come."""

import math
from collections import deque

import numpy as np
import pandas as pd

from skaudio._utils.warn import warn_user
from skaudio._utils.windows import window_times
from skaudio.io import FailedSpan, stream_audio
from skaudio.recordings._effort.recording_effort import recording_effort

_DECIMALS = 10  # of seconds


class FileSound:
    """A sound file, with the attributes of a `LiveSound`."""

    batch_size, seconds_waiting = 16, 0.0

    def __init__(self, file, keys):
        self.name = str(file)
        self.effort = recording_effort([self.name], on_error="raise")
        self.streams = {
            (rate, channel): stream_audio(file, rate, channel=channel)
            for rate, channel in keys
        }
        self._stopped, self._heard = False, 0.0

    @property
    def duration(self):
        end = next(iter(self.streams.values())).end_time
        return min(self._heard, end) if self._stopped else end

    @property
    def length(self):
        return self.duration

    def window_times(self, clip_duration, step):
        stream = next(iter(self.streams.values()))
        n_samples = round(stream.end_time * stream.source_rate)
        for start, end in window_times(
            n_samples, stream.source_rate, clip_duration, step, "extend"
        ).tolist():
            if self._stopped:
                return
            self._heard = end
            yield start, end

    def stop(self):
        self._stopped = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stream = next(iter(self.streams.values()))
        wrong = [f"{one.start_time:g} to {one.end_time:g} s" for one in stream.failed]
        if wrong:
            warn_user(
                f"{self.name}: {', '.join(wrong)} cannot be decoded "
                f"({stream.failed[0].reason})"
            )
        for stream in self.streams.values():
            stream.__exit__(None, None, None)


class LiveSound:
    """A sound that is still being made.

    Parameters
    ----------
    source : Microphone or Pipe
    keys : list of (sample_rate, channel)
        The streams that are needed.

    Attributes
    ----------
    name : str
    effort : DataFrame
        When it began, as of `recording_effort`.
    streams : dict of (sample_rate, channel) to LiveStream
    duration : float
        Seconds that came so far.
    batch_size : int
        Windows that are scored at once.
    """

    batch_size = 1  # the next may be seconds away

    def __init__(self, source, keys):
        self._source, self._blocks = source, iter(source)
        self.name, self.sample_rate = source.name, source.sample_rate
        self._n_samples, self.has_ended = 0, False
        self._failed = []
        self.streams = {key: LiveStream(self, key[0], self._failed) for key in keys}
        effort = {
            "file": self.name,
            "site": None,
            "start": source.began.replace(tzinfo=None),
            "time_zone": str(source.began.tzinfo),
            "seconds_recorded": math.inf,
        }
        self.effort = pd.DataFrame([effort])

    @property
    def duration(self):
        return self._n_samples / self.sample_rate

    @property
    def length(self):
        """Seconds of all of it, or None as long as it goes on."""
        return self.duration if self.has_ended else None

    @property
    def seconds_waiting(self):
        """What came and is not scored yet."""
        return self._source.seconds_waiting

    def stop(self):
        """End the sound: what came so far is still given."""
        self._source.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def wait(self):
        """Wait for the next block, and give it to all streams."""
        block = next(self._blocks, None)
        if block is None:
            self.has_ended = True
            block = np.zeros(0, np.float32)
        elif isinstance(block, int):
            start, end = self.duration, self.duration + block / self.sample_rate
            self._failed.append(FailedSpan(start, end, "was dropped"))
            block = np.zeros(block, np.float32)
        self._n_samples += len(block)
        for stream in self.streams.values():
            stream.take(block)

    def window_times(self, clip_duration, step):
        """Yield start and end of each window, once there is sound in it.

        They are those of `window_times` with ``final_clip="extend"``.
        """
        number = 0
        while True:
            start = number * step
            # Half a sample: a shorter remainder is no window.
            while not self.has_ended and self._is_over(start):
                self.wait()
            if not self._n_samples or (number and self._is_over(start)):
                return
            yield round(start, _DECIMALS), round(start + clip_duration, _DECIMALS)
            number += 1

    def _is_over(self, start):
        return start >= self.duration - 0.5 / self.sample_rate


class LiveStream:
    """A live sound at one rate; its attributes are those of an `AudioStream`."""

    def __init__(self, sound, sample_rate, failed):
        self._sound, self.sample_rate = sound, sample_rate
        self.start_time, self.failed = 0.0, failed
        self._there, self._to_rate = deque(), None
        if sound.sample_rate != sample_rate:
            import soxr

            rates = sound.sample_rate, sample_rate
            resampler = soxr.ResampleStream(*rates, 1, dtype="float32", quality="HQ")
            self._to_rate = resampler.resample_chunk

    @property
    def end_time(self):
        return self._sound.duration if self._sound.has_ended else math.inf

    def take(self, block):
        """Take a block at the rate of the sound."""
        if self._to_rate is not None:
            block = self._to_rate(block, self._sound.has_ended)
        if len(block):
            self._there.append(block)

    def __iter__(self):
        while True:
            while not self._there and not self._sound.has_ended:
                self._sound.wait()
            if not self._there:
                return
            yield self._there.popleft()
