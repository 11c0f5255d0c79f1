"""Open sound files, at the length that they have."""

import codecs
import functools
import io
import os
import re
import stat
from contextlib import nullcontext, suppress
from typing import NamedTuple

import numpy as np

from skaudio.io._audio_file import AudioFileError
from skaudio.io._chunk_length import chunk_length
from skaudio.io._decoder_messages import collect_messages
from skaudio.io._length import Length
from skaudio.io._mp3_length import mp3_length, tag_length
from skaudio.io._mp4_audio import MP4Audio, is_mp4
from skaudio.io._new_head import NewHead
from skaudio.io._stream_length import flac_length, ogg_length

_BLOCK = 1 << 24  # samples, of all channels, that are decoded at once
_LEAD_IN = 64 * 1152  # samples of MP3: at the lowest bit rates 85 frames of 576
_LARGE = 1 << 22  # bytes of a recording, which is opened once per window
_LEAST_RATE, _LARGEST_RATE = 100, 10_000_000  # Hz; others are errors, and cost memory
_CONTROL = {*range(32)} - {*b"\t\n\f\r"}


class Oddity(NamedTuple):
    """What is wrong with sound that can be read all the same."""

    problem: str
    detail: str


class AudioFile:
    """An open sound file, at the length that it has, whatever its header announces.

    Parameters
    ----------
    file : str or path-like

    Attributes
    ----------
    samplerate : int, in Hz
    channels : int
    frames : int
        Samples of each channel that the file holds.
    format, subtype : str
        Container and encoding, as soundfile names them.
    cut : str or None
        Of a file that is cut short, what is missing.
    oddities : tuple of Oddity
        What else is wrong.
    """

    def __init__(self, file):
        self._path = os.fsdecode(file)
        self._length, self._is_mp3 = _measure(self._path)
        if self._length.unusable:
            raise AudioFileError(self._path, self._length.unusable)
        self._head = self._file = None
        self._sound = self._open()
        self._position = 0  # of the decoder; None where it failed
        self._is_mp3 |= self._sound.subtype.startswith("MPEG")  # also within WAV
        self.samplerate, self.channels = self._sound.samplerate, self._sound.channels
        self.format, self.subtype = self._sound.format, self._sound.subtype
        self.frames = self._sound.frames
        self.cut, self.oddities = self._compare()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the file."""
        self._sound.close()
        self._close_file()

    def read(self, first, last):
        """Decode a span.

        A span that begins where the last one ended is decoded without a new start, so
        that blocks of MP3 are those of the whole.

        Parameters
        ----------
        first, last : int
            The first frame, and the one after the last.

        Returns
        -------
        waveform : ndarray of float32, shape (n_frames, n_channels)
            Shorter than the span where the decoder finds no more.
        damage : str or None
            What the decoder of MP3 complains of.

        Raises
        ------
        AudioFileError
            Where the decoder fails. Other spans can be read all the same.
        """
        # It always complains where it begins in the middle.
        goes_on = 0 < first == self._position
        with self._messages(alone=goes_on) as messages:
            waveform = self._decode(first, last)
        if not messages or (first and not goes_on):
            return waveform, None
        if first:
            return waveform, messages[0]
        # The messages may be of a file that another thread reads: once more, alone.
        with self._messages(alone=True) as messages:
            waveform = self._decode(first, last)
        return waveform, messages[0] if messages else None

    def _decode(self, first, last):
        position, self._position = self._position, None
        # A frame of MP3 needs bytes of frames before it, more than libmpg123 looks at.
        # What it lacks would be silence.
        begins_anew = self._is_mp3 and first != position
        n_before = min(first, _LEAD_IN) if begins_anew else 0
        first -= n_before
        # In blocks, so that the memory is that of the sound there is, should the length
        # be wrong.
        step = max(1, _BLOCK // self.channels)
        blocks = []
        try:
            if position is None or (position and not first):
                self._sound.close()
                self._close_file()
                self._sound, position = self._soundfile(self._head), 0
            if first != position:
                self._sound.seek(first)
            if self._is_mp3:
                # soundfile seeks after each block, where this decoder begins anew.
                self._sound.seekable = lambda: False
            while first < last:
                n_frames = min(step, last - first)
                block = self._sound.read(n_frames, dtype="float32", always_2d=True)
                blocks.append(block)
                first += len(block)
                if len(block) < n_frames:
                    break
            self._position = first
            waveform = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
            return waveform[n_before:]
        except MemoryError as error:
            raise AudioFileError(
                self._path, f"is too long for the memory ({error}): read it in spans"
            ) from error
        except Exception as error:  # whatever a decoder may raise
            raise AudioFileError(
                self._path,
                f"is damaged or cut short, it decodes only in part ({_text(error)})",
            ) from error

    def _messages(self, alone=False):
        return collect_messages(alone) if self._is_mp3 else nullcontext(())

    def _open(self):
        import soundfile  # noqa: F401  a library that is missing is no bad file

        length = self._length
        try:
            with self._messages():
                if length.is_short or length.is_long:
                    if length.head is None:
                        raise ValueError("holds more than its header announces")
                    return self._with_new_head()
                try:
                    sound = self._soundfile()
                except Exception:
                    # Some headers leave the length open in a way libsndfile refuses.
                    if length.head is None or length.announced is not None:
                        raise
                    return self._with_new_head()
                if length.in_samples and length.differs_from(sound.frames):
                    sound.close()
                    return self._with_new_head()
        except Exception as error:  # whatever a decoder may raise
            self._close_file()
            reason = _reason_unreadable(self._path, self._is_mp3, error)
            if length.cut:
                reason = f"is cut short: {length.cut}"
            raise AudioFileError(self._path, reason) from error
        # Names such as .au make libsndfile take any bytes for sound.
        if sound.format == "RAW":
            sound.close()
            reason = _reason_unreadable(self._path, False, "no header")
            raise AudioFileError(self._path, reason)
        return sound

    def _with_new_head(self):
        self._head = self._length.head
        return self._soundfile(self._head)

    def _soundfile(self, head=None):
        import soundfile

        if head is not None:
            raw = NewHead(self._path, head, self._length.start)
            self._file = io.BufferedReader(raw)
            return soundfile.SoundFile(self._file)
        # A name may be other bytes than UTF-8, except on Windows.
        posix = os.name == "posix"
        return soundfile.SoundFile(os.fsencode(self._path) if posix else self._path)

    def _close_file(self):
        if self._file is not None:
            self._file.close()

    def _compare(self):
        """Return what is cut off, and what is odd; raise where nothing can be used."""
        length, rate = self._length, self.samplerate
        reason = None
        if self.frames <= 0:
            reason = "holds no samples"
            if length.cut or length.is_short:
                reason = f"is cut short: {length.cut or reason}"
        elif not _LEAST_RATE <= rate <= _LARGEST_RATE:
            reason = (
                f"announces a sample rate of {rate} Hz, expected {_LEAST_RATE} to "
                f"{_LARGEST_RATE} Hz: correct its header"
            )
        if reason:
            self.close()
            raise AudioFileError(self._path, reason)
        cut, oddities, seconds = length.cut, [], self.frames / rate
        if length.is_short:
            announced = seconds * length.announced / max(1, length.held)
            cut = f"holds {seconds:.2f} of the {announced:.2f} s that it announces"
            cut += f"; {length.damage}" if length.damage else ""
        elif length.is_long:
            announced = seconds * length.announced / max(1, length.held)
            detail = f"holds {seconds:.1f} s, its header announces {announced:.1f} s"
            oddities.append(Oddity("longer than announced", detail))
        elif length.held is None and (length.announced or 0) > self.frames:
            cut = f"holds {self.frames} of {length.announced} announced samples"
        elif length == Length() and not self._is_mp3 and self.format != "OGG":
            # Of rarer containers libsndfile's log has it.
            if re.search(r"BODY.*\(should be|truncated", self._sound.extra_info):
                cut = "it holds less than it announces"
        if length.damage:
            oddities.append(Oddity("damaged", length.damage))
        return cut, tuple(oddities)


def open_audio(file):
    """Open a sound file for reading.

    Parameters
    ----------
    file : str or path-like

    Returns
    -------
    sound : AudioFile
        Has ``samplerate``, ``channels``, ``frames``, ``format`` and ``subtype`` as
        ``soundfile.SoundFile``. ``frames`` is what the file holds, whatever its header
        announces; ``cut`` and ``oddities`` say where the two differ.

    Raises
    ------
    AudioFileError
        Where there is no such file, or nothing in it that can be decoded.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio.io import open_audio
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     soundfile.write(f"{folder}/dawn.wav", np.zeros(16000), 8000)
    ...     with open_audio(f"{folder}/dawn.wav") as sound:
    ...         print(sound.samplerate, sound.frames)
    8000 16000
    """
    path = os.fsdecode(file)
    return MP4Audio(path) if is_mp4(path) else AudioFile(file)


def _measure(path):
    """Return the length of a file, and whether it is MP3."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError) as error:
        reason = "no such file"
        if isinstance(error, PermissionError):
            reason = f"cannot be opened ({error.strerror})"
        raise AudioFileError(path, reason) from error
    if stat.S_ISDIR(facts.st_mode):
        raise AudioFileError(path, "is a folder, expected a sound file")
    if not stat.S_ISREG(facts.st_mode):
        raise AudioFileError(path, "is no regular file, expected a sound file")
    if not facts.st_size:
        raise AudioFileError(path, "the file is empty (0 bytes)")
    try:
        if facts.st_size < _LARGE:
            return _measured(path, facts.st_size)
        return _measured_once(path, facts.st_size, facts.st_mtime_ns)
    except Exception as error:  # whatever the disk, or a strange header, may do
        reason = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        raise AudioFileError(path, reason) from error


@functools.lru_cache(256)
def _measured_once(path, n_bytes, _):
    return _measured(path, n_bytes)


def _measured(path, n_bytes):
    with open(path, "rb") as stream:
        magic = stream.read(16)
        tag = tag_length(magic)
        if tag:
            stream.seek(tag)
            magic = stream.read(16)
        is_mp3 = False
        if magic.startswith(b"fLaC"):
            length = flac_length(stream, n_bytes, tag)
        elif magic.startswith(b"OggS"):
            length = ogg_length(stream, n_bytes)
        else:
            length = chunk_length(stream, n_bytes, magic)
            is_mp3 = length is None and (
                bool(tag)
                or (magic[0] == 0xFF and magic[1:2] >= b"\xe0")
                or path.lower().endswith((".mp3", ".mp2"))
            )
            if is_mp3:
                length = mp3_length(stream, n_bytes)
    return length or Length(), is_mp3


def _reason_unreadable(path, is_mp3, error):
    """Put into words why a file cannot be opened."""
    why = "no MP3 frame in it" if is_mp3 else _text(error)
    with suppress(OSError, UnicodeDecodeError), open(path, "rb") as stream:
        begin = stream.read(512)
        if begin[4:8] == b"ftyp":
            return (
                "m4a needs the package av: pip install 'skaudio[av]', or convert it to "
                "WAV or FLAC"
            )
        # A character may be cut in two.
        text = codecs.getincrementaldecoder("utf-8")().decode(begin)
        if len(text) > 8 and not _CONTROL.intersection(begin):
            why = "it holds text"
    return f"not a sound file that can be read ({why})"


def _text(error):
    """Return the reason of an error, without the name of the file."""
    text = getattr(error, "error_string", None) or str(error) or type(error).__name__
    return " ".join(text.split()).removeprefix("Error : ").rstrip(".")
