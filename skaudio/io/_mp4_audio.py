"""Sound in MP4 containers, such as m4a of phones, through the package av."""

import importlib.util
import os

import numpy as np

from skaudio.io._audio_file import AudioFileError

# Seconds decoded before a span: a frame of AAC needs the one before it.
_LEAD_IN = 0.25


def is_mp4(path):
    """Return whether a file is an MP4 container that can be decoded here."""
    try:
        if not os.path.isfile(path):  # to open a pipe would be to wait for it
            return False
        with open(path, "rb") as stream:
            is_container = stream.read(8)[4:] == b"ftyp"
    except (OSError, ValueError):
        return False
    return is_container and importlib.util.find_spec("av") is not None


class MP4Audio:
    """An open MP4 file, as `AudioFile` is one of other formats.

    Parameters
    ----------
    path : str

    Attributes
    ----------
    samplerate, channels, frames, format, subtype, cut, oddities
        As of `AudioFile`.
    """

    def __init__(self, path):
        import av

        self._path = path
        self._errors = av.error.FFmpegError
        try:
            self._container = av.open(path)
        except Exception as error:  # whatever a decoder may raise
            self._refuse(f"not a sound file that can be read ({_text(error)})", error)
        try:
            self._measure()
        except AudioFileError:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the file."""
        self._container.close()

    def read(self, first, last):
        """Decode a span, as `AudioFile.read` does; `damage` is always None."""
        if first != self._position:
            self._seek(first)
        waveform = np.zeros((last - first, self.channels), np.float32)
        self._position = None  # should it fail
        end = first
        while end < last:
            begin, block = self._next()
            if block is None:
                break
            # What the stream leaves out between frames is silence.
            skipped = max(0, first - begin)
            place, part = begin + skipped - first, block[skipped : last - begin]
            if len(part):
                waveform[place : place + len(part)] = part
                end = begin + skipped + len(part)
            if begin + len(block) > last:
                self._pending = (begin, block)
        self._position = end
        return waveform[: end - first], None

    def _measure(self):
        streams = self._container.streams.audio
        if not streams:
            self._refuse("holds no sound")
        self._stream = stream = streams[0]
        self.samplerate, self.channels = stream.rate, stream.channels
        self.format, self.subtype = "MP4", stream.codec_context.name.upper()
        announced = round((stream.duration or 0) * stream.time_base * stream.rate)
        held = announced
        is_cut = _is_cut(self._path)
        if is_cut:
            held = min(announced, self._held())
        self.frames, self.cut, self.oddities = held, None, ()
        if self.frames <= 0:
            self._refuse(
                "is cut short: holds no samples" if is_cut else "holds no samples"
            )
        if is_cut:
            seconds, total = held / stream.rate, announced / stream.rate
            self.cut = f"holds {seconds:.2f} of the {total:.2f} s that it announces"
        self._seek(0)

    def _held(self):
        """Return the samples up to the last packet that is whole."""
        end = 0
        try:
            for packet in self._container.demux(self._stream):
                if packet.pts is not None and not packet.is_corrupt:
                    end = max(end, packet.pts + (packet.duration or 0))
        except self._errors:
            pass  # the end of the file
        return round(end * self._stream.time_base * self._stream.rate)

    def _seek(self, first):
        # Below 0 for what comes before the first sample, of which AAC has some.
        target = first / self.samplerate - _LEAD_IN
        ticks = round(target / self._stream.time_base)
        try:
            self._container.seek(ticks, stream=self._stream)
        except self._errors as error:
            self._refuse(f"is damaged, no position in it can be found ({error})", error)
        self._blocks = self._container.decode(self._stream)
        self._pending, self._position = None, first

    def _next(self):
        """Return the next samples and the place of the first, or None."""
        pending, self._pending = self._pending, None
        if pending is not None:
            return pending
        try:
            frame = next(self._blocks, None)
        except self._errors as error:
            self._refuse(
                f"is damaged or cut short, it decodes only in part ({_text(error)})",
                error,
            )
        if frame is None:
            return 0, None
        begin = round(frame.pts * frame.time_base * self.samplerate)
        return begin, _as_float(frame)

    def _refuse(self, reason, error=None):
        raise AudioFileError(self._path, reason) from error


def _as_float(frame):
    """Return the samples of a frame: float32 in [-1, 1), a column per channel."""
    samples = frame.to_ndarray()
    if frame.format.is_planar:
        samples = samples.T
    else:
        samples = samples.reshape(-1, frame.layout.nb_channels)
    if samples.dtype.kind == "i":
        return (samples / 2.0 ** (8 * samples.dtype.itemsize - 1)).astype(np.float32)
    return samples.astype(np.float32)


def _is_cut(path):
    """Return whether a box of the file ends after the file."""
    n_bytes, position = os.path.getsize(path), 0
    with open(path, "rb") as stream:
        while position + 8 <= n_bytes:
            stream.seek(position)
            head = stream.read(16)
            size = int.from_bytes(head[:4], "big")
            if size == 1:
                size = int.from_bytes(head[8:], "big")
            elif size == 0:  # up to the end
                return False
            if size < 8:
                return False
            position += size
    return position > n_bytes


def _text(error):
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
