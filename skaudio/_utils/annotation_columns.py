"""The columns of tables of annotations and of events."""

# As OpenSoundscape has them.
ANNOTATION_COLUMNS = [
    "audio_file",
    "annotation_file",
    "annotation",
    "start_time",
    "end_time",
    "low_f",
    "high_f",
]
EVENT_COLUMNS = [*ANNOTATION_COLUMNS, "score", "peak_start_time", "peak_end_time"]
