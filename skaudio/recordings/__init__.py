"""From recordings to tables: scores of windows, events, effort and histories."""

from skaudio.recordings._annotations_to_windows import annotations_to_windows
from skaudio.recordings._calibrate import calibrate
from skaudio.recordings._datetimes import add_datetimes
from skaudio.recordings._detect import detect
from skaudio.recordings._detection_histories import daily_effort, detection_histories
from skaudio.recordings._draw_for_review import draw_for_review
from skaudio.recordings._effort import recording_effort
from skaudio.recordings._evaluate_recordings import evaluate_recordings
from skaudio.recordings._find_events import find_events
from skaudio.recordings._merge_verdicts import merge_verdicts
from skaudio.recordings._predict_files import predict_files
from skaudio.recordings._read_verdicts import read_verdicts
from skaudio.recordings._score_recordings import score_recordings
from skaudio.recordings._scores_folder import read_journal, read_scores
from skaudio.recordings._segments import segments
from skaudio.recordings._verdicts_to_clips import verdicts_to_clips
from skaudio.recordings._write_review import write_review
from skaudio.recordings._write_run_report import write_run_report

__all__ = [
    "add_datetimes",
    "annotations_to_windows",
    "calibrate",
    "daily_effort",
    "detect",
    "detection_histories",
    "draw_for_review",
    "evaluate_recordings",
    "find_events",
    "merge_verdicts",
    "predict_files",
    "read_journal",
    "read_scores",
    "read_verdicts",
    "recording_effort",
    "score_recordings",
    "segments",
    "verdicts_to_clips",
    "write_review",
    "write_run_report",
]
