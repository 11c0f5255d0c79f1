"""Read clips from sound files, with errors that name the file and the reason."""

import os
import re

import numpy as np

AUDIO_EXTENSIONS = (".wav", ".flac", ".mp3", ".ogg", ".aiff", ".aif", ".m4a")

# Recorders that stream to a pipe do not know the length when they write the header.
_UNKNOWN_LENGTH = 0x7FFFF000


class AudioFileError(ValueError):
    """A sound file that cannot be used, with its path and the reason.

    Parameters
    ----------
    file : str
        The path as the user gave it.
    reason : str
        What is wrong with it and, where something helps, what to do.

    Examples
    --------
    >>> from skaudio import WavLoader
    >>> WavLoader().transform(["nowhere.wav"])
    Traceback (most recent call last):
        ...
    skaudio.io._audio_file.AudioFileError: nowhere.wav: no such file
    """

    def __init__(self, file, reason):
        super().__init__(file, reason)
        self.file = str(file)
        self.reason = reason

    def __str__(self):
        return f"{self.file}: {self.reason}"


def is_audio_file(path):
    """Return whether a path has the extension of a sound file.

    Parameters
    ----------
    path : str or path-like
        The file need not exist. Upper and lower case count as the same.

    Returns
    -------
    bool
        False for hidden files.

    Examples
    --------
    >>> from skaudio.io import is_audio_file
    >>> is_audio_file("Dog/bark.WAV"), is_audio_file("notes.txt")
    (True, False)
    """
    name = os.path.basename(path)
    return not name.startswith(".") and name.lower().endswith(AUDIO_EXTENSIONS)


def open_audio(file):
    """Open a sound file for reading.

    Parameters
    ----------
    file : str or path-like

    Returns
    -------
    soundfile.SoundFile

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
    import soundfile

    path = os.fspath(file)
    if not os.path.exists(path):
        raise AudioFileError(path, "no such file")
    if os.path.isdir(path):
        raise AudioFileError(path, "is a folder, expected a sound file")
    if os.path.getsize(path) == 0:
        raise AudioFileError(path, "the file is empty (0 bytes)")
    try:
        sound = soundfile.SoundFile(path)
    except (OSError, RuntimeError) as error:
        raise AudioFileError(path, _reason_unreadable(path, error)) from error
    if sound.frames <= 0:
        sound.close()
        raise AudioFileError(path, "holds no samples")
    return sound


def read_audio(file, start_time=None, end_time=None, channel="mix"):
    """Decode a file, or a span of it, at its own sample rate.

    Parameters
    ----------
    file : str or path-like
    start_time, end_time : float or None
        Span in seconds; only its samples are decoded. A span that runs past the end
        of the file gives the samples up to the end.
    channel : "mix" or int
        Mean over the channels, or the number of one of them, from 0.

    Returns
    -------
    waveform : ndarray of float32, shape (n_samples,)
    sample_rate : int, in Hz

    Raises
    ------
    AudioFileError
        Naming the file and the reason.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio.io import read_audio
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     soundfile.write(f"{folder}/dawn.wav", np.zeros(16000), 8000)
    ...     waveform, sample_rate = read_audio(f"{folder}/dawn.wav", 0.5, 1.5)
    >>> waveform.shape, sample_rate
    ((8000,), 8000)
    """
    with open_audio(file) as sound:
        first, last = _span_in_frames(sound, file, start_time, end_time)
        _check_complete(sound, file)
        if channel != "mix" and channel >= sound.channels:
            raise AudioFileError(
                file,
                f"has {sound.channels} channel(s), so there is no channel {channel}: "
                'pass a smaller channel or channel="mix"',
            )
        waveform = _decode(sound, file, first, last)
        waveform = _mix(waveform) if channel == "mix" else waveform[:, channel]
        sample_rate = sound.samplerate
    # One dot product shows that all is finite; look closer only where it does not.
    if not np.isfinite(np.dot(waveform, waveform)) and not np.isfinite(waveform).all():
        at = (first + int(np.argmin(np.isfinite(waveform)))) / sample_rate
        raise AudioFileError(
            file, f"holds NaN or infinite samples, the first at {at:.3f} s"
        )
    return np.ascontiguousarray(waveform), sample_rate


def _decode(sound, file, first, last):
    import soundfile

    expected = last - first
    try:
        if first:
            sound.seek(first)
        waveform = sound.read(expected, dtype="float32", always_2d=True)
    except (OSError, RuntimeError, soundfile.LibsndfileError) as error:
        reason = str(error).strip().rstrip(".")
        raise AudioFileError(
            file, f"is damaged or cut short, it decodes only in part ({reason})"
        ) from error
    # Encoders pad, so an intact MP3 may be a little shorter than announced.
    if expected - len(waveform) > max(4096, 0.01 * expected):
        raise AudioFileError(
            file,
            f"is cut short: {len(waveform) / sound.samplerate:.2f} s decode of "
            f"{expected / sound.samplerate:.2f} s announced",
        )
    if not len(waveform):
        raise AudioFileError(file, "holds no samples")
    return waveform


def _mix(waveform):
    """Mean over channels, without numpy's slow mean over an axis of one or two."""
    if waveform.shape[1] == 1:
        return waveform[:, 0]
    if waveform.shape[1] == 2:
        return (waveform[:, 0] + waveform[:, 1]) * np.float32(0.5)
    return waveform.mean(axis=1)


def _span_in_frames(sound, file, start_time, end_time):
    length = sound.frames / sound.samplerate
    first = 0 if start_time is None else round(start_time * sound.samplerate)
    last = sound.frames if end_time is None else round(end_time * sound.samplerate)
    last = min(last, sound.frames)
    if first < 0 or first >= sound.frames or last <= first:
        raise AudioFileError(
            file,
            f"the span from {start_time} to {end_time} s holds no sound: expected 0 <= "
            f"start_time < end_time and start_time below the file's {length:.3f} s",
        )
    return first, last


def _check_complete(sound, file):
    """Raise for a WAV that is cut short, which libsndfile reports only in its log."""
    cut = re.search(
        r"^(?:data|SSND)\s*: (\d+) \(should be (\d+)\)", sound.extra_info, re.M
    )
    if cut is None:
        return
    announced, present = int(cut[1]), int(cut[2])
    if announced - present > 4096 and announced < _UNKNOWN_LENGTH:
        raise AudioFileError(
            file,
            f"is cut short: has {present} of {announced} announced bytes of samples",
        )


def _reason_unreadable(path, error):
    if path.lower().endswith(".m4a"):
        return "m4a cannot be decoded here: convert it to WAV or FLAC, e.g. with ffmpeg"
    reason = str(error).split(": ", 1)[-1].strip().rstrip(".")
    return f"not a sound file that can be read ({reason})"
