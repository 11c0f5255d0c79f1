"""From recordings to tables: scores of windows, events, effort and histories."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_annotations_to_windows": ["annotations_to_windows"],
        "_calibrate": ["calibrate"],
        "_datetimes": ["add_datetimes"],
        "_detect": ["detect"],
        "_detection_histories": ["daily_effort", "detection_histories"],
        "_draw_for_review": ["draw_for_review"],
        "_effort": ["recording_effort"],
        "_embed_recordings": ["embed_recordings"],
        "_embedding_index": ["EmbeddingIndex"],
        "_evaluate_recordings": ["evaluate_recordings"],
        "_find_events": ["find_events"],
        "_listen": ["listen"],
        "_merge_verdicts": ["merge_verdicts"],
        "_predict_files": ["predict_files"],
        "_read_verdicts": ["read_verdicts"],
        "_score_recordings": ["score_recordings"],
        "_scores_folder": ["read_journal", "read_scores"],
        "_segments": ["segments"],
        "_suggest_windows": ["suggest_windows"],
        "_verdicts_to_clips": ["verdicts_to_clips"],
        "_window_length": ["longest_used", "training_window"],
        "_write_review": ["write_review"],
        "_write_run_report": ["write_run_report"],
    },
)
