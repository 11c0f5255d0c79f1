"""Fitted pipelines on sound files and on recordings, as tables."""

"""Predictions of fitted pipelines on sound files, and the effort, as tables."""

from skaudio.recordings._annotations_to_windows import annotations_to_windows
from skaudio.recordings._datetimes import add_datetimes
from skaudio.recordings._detection_histories import daily_effort, detection_histories
from skaudio.recordings._effort import recording_effort
from skaudio.recordings._find_events import find_events
from skaudio.recordings._predict_files import predict_files
from skaudio.recordings._score_recordings import score_recordings
from skaudio.recordings._scores_folder import read_journal, read_scores

__all__ = ["predict_files", "read_journal", "read_scores", "score_recordings"]
__all__ = ["find_events", "predict_files"]
__all__ = ["annotations_to_windows", "find_events", "predict_files"]
__all__ = [
    "add_datetimes",
    "daily_effort",
    "detection_histories",
    "predict_files",
    "recording_effort",
]
