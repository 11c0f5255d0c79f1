"""Sound files: find them, decode them, cut recordings into windows."""

from skaudio.io._audio_file import (
    AUDIO_EXTENSIONS,
    AudioFileError,
    is_audio_file,
    open_audio,
    read_audio,
)
from skaudio.io._clip_windows import clip_windows
from skaudio.io._list_audio_files import list_audio_files
from skaudio.io._list_class_folders import list_class_folders
from skaudio.io._resample import resample

__all__ = [
    "AUDIO_EXTENSIONS",
    "AudioFileError",
    "clip_windows",
    "is_audio_file",
    "list_audio_files",
    "list_class_folders",
    "open_audio",
    "read_audio",
    "resample",
]
