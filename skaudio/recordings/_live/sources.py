"""Where live sound comes from: the default microphone, or a pipe."""

import queue
import threading
from datetime import datetime

import numpy as np

from skaudio._utils.optional import import_optional
from skaudio._utils.warn import warn_user

MOST_WAITING = 600.0  # seconds of sound that wait for a model that is slow
_BLOCK = 0.25  # seconds
_PATIENCE = 0.2  # seconds, so that Ctrl-C is heard on Windows, too
_FULL = 32768  # of 16-bit samples


class _Source:
    """Blocks that a thread puts into a queue, one after the other.

    A number in the place of a block is that of samples that were dropped.

    Attributes
    ----------
    name : str
    sample_rate : int
    began : datetime
        With a zone.
    """

    def __init__(self, name, sample_rate):
        self.name, self.sample_rate = name, sample_rate
        self.began = datetime.now().astimezone()
        self._stopped = False
        self._waiting = queue.Queue(max(1, round(MOST_WAITING / _BLOCK)))

    def stop(self):
        """End the sound: what waits is still given."""
        self._stopped = True

    @property
    def seconds_waiting(self):
        return self._waiting.qsize() * _BLOCK

    def __iter__(self):
        while True:
            try:
                block = self._waiting.get(timeout=_PATIENCE)
            except queue.Empty:
                if self._stopped:
                    return
                continue
            if block is None:
                return
            if isinstance(block, Exception):
                raise block
            yield block

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Pipe(_Source):
    """Raw 16-bit little-endian samples of one channel, from a binary stream.

    The stream is read ahead; where the model is slower for long, its writer waits.
    """

    def __init__(self, stream, sample_rate):
        super().__init__("-", sample_rate)
        # The stream below holds no lock, so that Python can end while it is read.
        self._stream = getattr(stream, "raw", stream)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        rest, is_first = b"", True
        n_bytes = 2 * max(1, round(_BLOCK * self.sample_rate))
        try:
            while not self._stopped and (data := self._stream.read(n_bytes)):
                if is_first and data.startswith((b"RIFF", b"fLaC", b"OggS")):
                    raise ValueError(
                        "the pipe begins as a sound file: expected raw 16-bit samples, "
                        "as `arecord -t raw -f S16_LE -c 1` gives them"
                    )
                data, is_first = rest + data, False
                n_whole = len(data) // 2 * 2
                rest = data[n_whole:]
                samples = np.frombuffer(data[:n_whole], "<i2").astype(np.float32)
                self._put(samples / np.float32(_FULL))
        except Exception as error:  # raised where the blocks are taken
            self._put(error)
        self._put(None)

    def _put(self, block):
        while not self._stopped:
            try:
                self._waiting.put(block, timeout=_PATIENCE)
            except queue.Full:
                continue
            return


class Microphone(_Source):
    """The default microphone, by sounddevice.

    Where more than `MOST_WAITING` would wait for the model, sound is dropped until half
    of that waits, and a warning says how much it was.
    """

    def __init__(self):
        sounddevice = _sounddevice()
        try:
            rate = round(sounddevice.query_devices(kind="input")["default_samplerate"])
            self._device = sounddevice.InputStream(
                samplerate=rate,
                blocksize=round(_BLOCK * rate),
                channels=1,
                dtype="float32",
                callback=self.take,
            )
        except (sounddevice.PortAudioError, ValueError) as error:
            raise OSError(
                f"the microphone cannot be opened ({error}): is one connected, and "
                "chosen as the default input?"
            ) from error
        super().__init__("microphone", rate)
        self._n_lost = self._n_overflows = 0
        self._device.start()

    def take(self, samples, n_samples, time, status):
        """Take a block from the sound card, which does not wait."""
        if status.input_overflow:
            self._n_overflows += 1
        # Dropped in long parts, for a window with any gap in it is lost.
        if self._waiting.full() or (
            self._n_lost and self._waiting.qsize() > self._waiting.maxsize / 2
        ):
            self._n_lost += n_samples
            return
        if self._n_lost:
            seconds = self._n_lost / self.sample_rate
            self._waiting.put_nowait(self._n_lost)
            self._n_lost = 0
            warn_user(
                f"{seconds:.1f} s of sound were dropped, since the model is slower "
                "than the sound; windows in them have no scores"
            )
        self._waiting.put_nowait(samples[:, 0].copy())

    def stop(self):
        if self._stopped:
            return
        super().stop()
        self._device.close()
        if self._n_overflows:
            n, self._n_overflows = self._n_overflows, 0
            warn_user(f"the sound card dropped samples {n} times: the machine is busy")


def _sounddevice():
    try:
        return import_optional("sounddevice", "sounddevice", "live")
    except OSError as error:  # the package is there, and its library is not
        raise OSError(
            f"the microphone needs PortAudio ({error}): on Debian and Ubuntu, apt "
            "install libportaudio2"
        ) from error
