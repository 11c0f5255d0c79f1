"""Sound files, tables of clips, annotations, recorders; windows over recordings."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_annotation_text": ["ANNOTATION_FORMATS"],
        "_audio_file": [
            "AUDIO_EXTENSIONS",
            "AudioFileError",
            "OddAudioWarning",
            "is_audio_file",
        ],
        "_clip_windows": ["clip_windows"],
        "_list_audio_files": ["list_audio_files"],
        "_list_class_folders": ["list_class_folders"],
        "_load_clip": ["load_clip"],
        "_open_audio": ["open_audio"],
        "_read_annotations": ["read_annotations"],
        "_read_audio": ["decode_audio", "read_audio"],
        "_read_clip_table": ["read_clip_table"],
        "_read_recorder": ["read_recorder"],
        "_resample": ["resample"],
        "_stream_audio": ["AudioStream", "FailedSpan", "stream_audio"],
        "_write_annotations": ["write_annotations"],
    },
)
