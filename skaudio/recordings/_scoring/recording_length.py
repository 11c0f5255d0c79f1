"""The length of a recording, or why it cannot be known."""

from skaudio.io import AudioFileError, open_audio


def recording_length(file):
    """Return the seconds of a recording.

    Parameters
    ----------
    file : str

    Returns
    -------
    seconds : float or AudioFileError
        The error as a value, so that those of many files are reported together.
    """
    try:
        with open_audio(file) as sound:
            return sound.frames / sound.samplerate
    except AudioFileError as error:
        return error
