"""Sound files, tables of clips, annotations, recorders; windows over recordings."""

from skaudio.io._annotation_text import ANNOTATION_FORMATS
from skaudio.io._audio_file import (
    AUDIO_EXTENSIONS,
    AudioFileError,
    OddAudioWarning,
    is_audio_file,
)
from skaudio.io._clip_windows import clip_windows
from skaudio.io._list_audio_files import list_audio_files
from skaudio.io._list_class_folders import list_class_folders
from skaudio.io._open_audio import open_audio
from skaudio.io._read_annotations import read_annotations
from skaudio.io._read_audio import decode_audio, read_audio
from skaudio.io._read_clip_table import read_clip_table
from skaudio.io._read_recorder import read_recorder
from skaudio.io._resample import resample
from skaudio.io._stream_audio import AudioStream, FailedSpan, stream_audio
from skaudio.io._write_annotations import write_annotations

__all__ = [
    "ANNOTATION_FORMATS",
    "AUDIO_EXTENSIONS",
    "AudioFileError",
    "AudioStream",
    "FailedSpan",
    "OddAudioWarning",
    "clip_windows",
    "decode_audio",
    "is_audio_file",
    "list_audio_files",
    "list_class_folders",
    "open_audio",
    "read_annotations",
    "read_audio",
    "read_clip_table",
    "read_recorder",
    "resample",
    "stream_audio",
    "write_annotations",
]
