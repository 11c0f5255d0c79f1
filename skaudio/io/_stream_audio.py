"""Recordings in blocks, resampled as one."""

import math
import os
from typing import NamedTuple

import numpy as np

from skaudio._utils.levels import LEAST_KEPT, SILENCE_PEAK, power
from skaudio.io._audio_file import AudioFileError
from skaudio.io._channels import check_channel, mix, wrong_samples
from skaudio.io._open_audio import Oddity, open_audio
from skaudio.io._read_audio import without_sound

_LARGEST_BLOCK = 1 << 22  # samples of all channels: 16 MB
_LEAST_PIECE = 0.1  # s that are left out where the decoder fails
_PADDING = 4096  # samples that a decoder may give less than announced
_COMPARED = 4096  # samples
_TAIL = 10.0  # s; pages of Ogg hold less


class FailedSpan(NamedTuple):
    """A part of a recording that cannot be decoded.

    Attributes
    ----------
    start_time, end_time : float
        Seconds from the start of the file.
    reason : str
    """

    start_time: float
    end_time: float
    reason: str


class AudioStream:
    """A recording in blocks, as `stream_audio` opens it.

    Iterate over it once for the blocks. Use it as a context manager, or iterate to the
    end, so that the file is closed.

    Attributes
    ----------
    file : str
    sample_rate : int
        Of the blocks, in Hz.
    source_rate : int
        Of the file, in Hz.
    start_time, end_time : float
        The span that is read, in seconds from the start of the file.
    duration : float
        Seconds that the file holds.
    failed : list of FailedSpan
        What could not be decoded so far. The blocks have zeros there.
    oddities : list of Oddity
        What else is wrong, so far, each with ``problem`` and ``detail``.
    """

    def __init__(self, file, sample_rate, channel, block_duration, start, end):
        self.file, self.sample_rate = os.fspath(file), sample_rate
        self._sound = sound = open_audio(file)
        self.source_rate = sound.samplerate
        try:
            check_channel(sound, file, channel)
            self.duration = sound.frames / sound.samplerate
            self._first, self._last = self._span(start, end)
        except AudioFileError:
            sound.close()
            raise
        self._channel = channel
        n_frames = min(
            block_duration * sound.samplerate, _LARGEST_BLOCK / sound.channels
        )
        self._n_frames = max(1, round(n_frames))
        self.start_time = self._first / sound.samplerate
        self.end_time = self._last / sound.samplerate
        self.failed, self.oddities = [], list(sound.oddities)
        self._has_ended = False  # before the end that the header announces
        if sound.cut:
            self.oddities.append(Oddity("cut short", f"is cut short: {sound.cut}"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the file."""
        self._sound.close()

    def __iter__(self):
        """Yield the blocks: float32 arrays of shape (n_samples,)."""
        with self:
            levels, n_given = _Levels(), 0
            # The last page is decoded from what is before it: see `_decode`.
            is_ogg = self._sound.format == "OGG"
            n_tail = _TAIL * self._sound.samplerate if is_ogg else 0
            to_rate = self._resampler()
            position = self._first
            while position < self._last:
                last = min(position + self._n_frames, self._last)
                if self._last - last < n_tail:
                    last = self._last
                block = self._one_channel(self._read(position, last), position)
                # The recording ends here where the decoder finds no more.
                is_last = last == self._last or len(block) < last - position
                resampled = to_rate(block, is_last)
                levels.add(block, resampled)
                if len(resampled):
                    n_given += len(resampled)
                    yield resampled
                position += len(block)
                if is_last:
                    self._last = position
                    self.end_time = position / self._sound.samplerate
            if not n_given:  # as `resample` gives at least one sample
                yield np.zeros(1, np.float32)
            self.oddities += levels.oddities(self.sample_rate)

    def _span(self, start, end):
        rate, n_frames = self._sound.samplerate, self._sound.frames
        first = 0 if start is None else round(start * rate)
        last = n_frames if end is None else min(round(end * rate), n_frames)
        if not 0 <= first < last:
            raise AudioFileError(self.file, without_sound(start, end, self.duration))
        return first, last

    def _resampler(self):
        """Return a function from blocks to blocks at the rate that is asked for."""
        if self._sound.samplerate == self.sample_rate:
            return lambda block, is_last: block
        import soxr

        rates = self._sound.samplerate, self.sample_rate
        stream = soxr.ResampleStream(*rates, 1, dtype="float32", quality="HQ")
        return stream.resample_chunk

    def _read(self, first, last):
        """Decode all channels of a span, with zeros where that fails."""
        if self._has_ended:
            channels, damage = np.zeros((0, self._sound.channels), np.float32), None
        else:
            try:
                channels, damage = self._decode(first, last)
            except AudioFileError as error:
                # In MP3, the times of what follows are not known.
                self._has_ended = self._sound.subtype.startswith("MPEG")
                around = self._nothing if self._has_ended else self._read_around
                channels, damage = around(first, last, error.reason), None
        if damage:
            self._add_oddity("damaged", f"libmpg123 reports damage ({damage})")
        end = first + len(channels)
        if end < last and self._last - end > _PADDING:
            # Where the sound after it belongs is not known.
            self._has_ended = True
            reason = "the decoder finds no more, or the file became shorter"
            self._fail(end, last, reason)
            channels = np.pad(channels, ((0, last - end), (0, 0)))
        return channels

    def _decode(self, first, last):
        """Decode a span; raise where the decoder passes over a part of it."""
        sound = self._sound
        if sound.format != "OGG":
            return sound.read(first, last)
        # Without a word, a lost page of Ogg moves what follows. So the sound after the
        # span is compared with what the decoder finds there from a new start. In the
        # last page, starts are some samples off: there, the length is compared.
        is_tail = sound.frames - last < _TAIL * sound.samplerate
        end = sound.frames if is_tail else last + _COMPARED
        channels, damage = sound.read(first, end)
        is_whole = end - first - len(channels) <= (_PADDING if is_tail else 0)
        if is_whole and not is_tail:
            expected, after = sound.read(last, end)[0], channels[last - first :]
            is_whole = after.shape == expected.shape
            is_whole = is_whole and np.abs(after - expected).max() < 1e-3
        if not is_whole:
            raise AudioFileError(self.file, "is damaged, a part of it is lost")
        return channels[: last - first], damage

    def _nothing(self, first, last, reason):
        self._fail(first, last, reason)
        return np.zeros((last - first, self._sound.channels), np.float32)

    def _read_around(self, first, last, reason):
        """Decode a span whose decoder fails, by halves of what fails."""
        rate = self._sound.samplerate
        channels = np.zeros((last - first, self._sound.channels), np.float32)
        spans = [(first, last)]
        while spans:
            start, end = spans.pop()
            if (start, end) != (first, last):
                try:
                    part, _ = self._decode(start, end)
                except AudioFileError as error:
                    reason = error.reason
                else:
                    channels[start - first : start - first + len(part)] = part
                    if len(part) < end - start:
                        reason = "the decoder finds no more"
                        self._fail(start + len(part), end, reason)
                    continue
            if end - start <= max(1, _LEAST_PIECE * rate):
                self._fail(start, end, reason)
                continue
            middle = (start + end) // 2
            spans += [(middle, end), (start, middle)]
        return channels

    def _one_channel(self, channels, first):
        if not len(channels):
            return np.zeros(0, np.float32)
        with np.errstate(all="ignore"):  # such samples are left out
            if self._channel == "mix":
                waveform, cancelled = mix(channels)
                for problem, detail in cancelled:
                    self._add_oddity(problem, detail)
            else:
                waveform = channels[:, self._channel]
            places, what = wrong_samples(waveform)
        waveform = np.ascontiguousarray(waveform)
        if len(places):
            start, end = places[0], places[-1] + 1
            self._fail(first + start, first + end, f"holds {what}")
            waveform = waveform.copy()
            waveform[start:end] = 0
        return waveform

    def _fail(self, first, last, reason):
        """Note that a span cannot be used; spans that touch become one."""
        rate = self._sound.samplerate
        span = FailedSpan(first / rate, last / rate, reason)
        if self.failed and abs(self.failed[-1].end_time - span.start_time) < 0.5 / rate:
            before = self.failed.pop()
            span = before._replace(end_time=span.end_time)
        self.failed.append(span)

    def _add_oddity(self, problem, detail):
        if problem not in {oddity.problem for oddity in self.oddities}:
            self.oddities.append(Oddity(problem, detail))


class _Levels:
    """The levels of a recording, before and after it is resampled."""

    def __init__(self):
        self._before = self._after = 0.0
        self._lowest, self._highest = math.inf, -math.inf

    def add(self, block, resampled):
        """Add a block, and the block that was made of it."""
        if not len(block):
            return
        self._lowest = min(self._lowest, block.min())
        self._highest = max(self._highest, block.max())
        if resampled is not block and len(resampled):
            self._before += power(block) * len(block)
            self._after += power(resampled) * len(block)

    def oddities(self, sample_rate):
        """Name what is odd about the levels of the whole."""
        if self._highest - self._lowest < 2 * SILENCE_PEAK:
            return [Oddity("silent", "is silent from beginning to end")]
        if self._after >= LEAST_KEPT * self._before:
            return []
        lost = 1 - self._after / self._before
        detail = (
            f"{lost:.1%} of its energy lies above {sample_rate / 2000:g} kHz, which "
            f"is lost at {sample_rate} Hz"
        )
        return [Oddity("above the band", detail)]


def stream_audio(
    file,
    sample_rate,
    *,
    channel="mix",
    block_duration=30.0,
    start=None,
    end=None,
):
    """Open a recording to read it in blocks, resampled as one.

    The blocks, put together, equal the recording read and resampled as a whole, at the
    memory of one block. The file is opened once. Where it cannot be decoded, as where a
    block of FLAC is damaged, the stream goes on after the damage.

    Parameters
    ----------
    file : str or path-like
    sample_rate : int
        Of the blocks, in Hz. soxr resamples at its "HQ" quality.
    channel : "mix" or int, default="mix"
        The mean of all channels, or one of them, counted from 0. Not "loudest": which
        one that is, is known only at the end.
    block_duration : float, default=30.0
        Seconds of a block, at most: fewer of a recording of many channels or of a high
        rate, so that a decoded block takes 16 MB or less.
    start, end : float or None, default=None
        Span in seconds from the start of the file. One that runs past its end gives
        the samples up to the end.

    Returns
    -------
    stream : AudioStream
        Yields blocks: float32 arrays of shape (n_samples,). At the end, its ``failed``
        lists the spans that could not be decoded, where the blocks have zeros; its
        ``oddities`` what else is wrong, also of a recording that is silent, or has its
        energy above half of `sample_rate`.

    Raises
    ------
    AudioFileError
        Where there is no such file, nothing in it that can be decoded, no such channel
        or no sound in the span.
    ValueError
        For parameters out of range.

    See Also
    --------
    read_audio : Reads a clip.
    skaudio.recordings.score_recordings : Scores recordings, block by block.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio.io import stream_audio
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     soundfile.write(f"{folder}/dawn.wav", np.zeros(48000 * 7), 48000)
    ...     with stream_audio(f"{folder}/dawn.wav", 16000, block_duration=3.0) as dawn:
    ...         lengths = [len(block) for block in dawn]
    >>> sum(lengths), dawn.failed, [oddity.problem for oddity in dawn.oddities]
    (112000, [], ['silent'])
    """
    if channel == "loudest":
        raise ValueError(
            "channel='loudest': expected 'mix' or the number of a channel, for which "
            "one is the loudest is known only at the end of a recording."
        )
    is_number = isinstance(channel, (int, np.integer)) and not isinstance(channel, bool)
    if channel != "mix" and not (is_number and channel >= 0):
        raise ValueError(f"channel={channel!r}: expected 'mix' or a number from 0 on.")
    for name, value in (
        ("sample_rate", sample_rate),
        ("block_duration", block_duration),
    ):
        if not 0 < value < math.inf:
            raise ValueError(f"{name}={value!r}: expected a positive number.")
    return AudioStream(file, sample_rate, channel, block_duration, start, end)
