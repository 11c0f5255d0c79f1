"""From recordings to tables: scores of windows, events, effort and histories."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_effort.datetimes": ["add_datetimes"],
        "_effort.detection_histories": ["daily_effort", "detection_histories"],
        "_effort.recording_effort": ["recording_effort"],
        "_events.annotations_to_windows": ["annotations_to_windows"],
        "_events.detect": ["detect"],
        "_events.evaluate_recordings": ["evaluate_recordings"],
        "_events.find_events": ["find_events"],
        "_events.segments": ["segments"],
        "_live.listen": ["listen"],
        "_predict.predict_files": ["predict_files"],
        "_review.calibrate": ["calibrate"],
        "_review.draw_for_review": ["draw_for_review"],
        "_review.merge_verdicts": ["merge_verdicts"],
        "_review.read_verdicts": ["read_verdicts"],
        "_review.suggest_windows": ["suggest_windows"],
        "_review.verdicts_to_clips": ["verdicts_to_clips"],
        "_review.write_review": ["write_review"],
        "_run_report.write_run_report": ["write_run_report"],
        "_scoring.score_recordings": ["score_recordings"],
        "_scoring.scores_folder": ["read_journal", "read_scores"],
        "_scoring.window_length": ["longest_used", "training_window"],
        "_search.embed_recordings": ["embed_recordings"],
        "_search.embedding_index": ["EmbeddingIndex"],
    },
)
