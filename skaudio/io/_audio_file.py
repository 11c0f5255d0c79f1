"""The names of sound files, and the error that names one with its reason."""

import os

AUDIO_EXTENSIONS = (
    ".wav",
    ".flac",
    ".mp3",
    ".ogg",
    ".opus",
    ".aiff",
    ".aif",
    ".w64",
    ".caf",
    ".au",
    ".m4a",
)


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
        # A name that is not UTF-8 can be shown everywhere, its odd bytes as "\udcff".
        file = self.file.encode("utf-8", "backslashreplace").decode()
        return f"{file}: {self.reason}"


class OddAudioWarning(UserWarning):
    """Sound that is read although something is wrong with it, with the reason.

    Examples
    --------
    >>> import warnings
    >>> from skaudio.io import OddAudioWarning
    >>> warnings.simplefilter("error", OddAudioWarning)  # refuse such files
    >>> warnings.simplefilter("default", OddAudioWarning)
    """


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
