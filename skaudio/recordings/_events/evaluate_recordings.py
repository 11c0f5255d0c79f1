"""How well a model finds what was annotated in recordings."""

import pandas as pd

from skaudio._utils.background import is_background
from skaudio._utils.bunch import Bunch
from skaudio._utils.warn import warn_user
from skaudio.io import open_audio, read_annotations
from skaudio.metrics import event_scores, segment_average_precision
from skaudio.recordings._events.find_events import check_options, find_events
from skaudio.recordings._scoring.score_files import list_recordings
from skaudio.recordings._scoring.score_recordings import score_recordings


def evaluate_recordings(
    model,
    recordings,
    annotations,
    *,
    threshold=0.5,
    continue_threshold=None,
    smoothing=3,
    min_duration=0.0,
    merge_gap=0.0,
    groups=None,
    n_jobs=None,
    verbose=0,
    **windows,
):
    """Detect events in annotated recordings, and score them.

    Parameters
    ----------
    model : fitted classifier or Pipeline
        As of `score_recordings`.
    recordings : path or list of paths
        Sound files, or folders of them. Recordings without any annotation count, as
        those in which nothing calls.
    annotations : DataFrame, path or list of paths
        All that is heard in the recordings: an annotation table, or files and folders
        that `read_annotations` reads.
    threshold, continue_threshold, smoothing, min_duration, merge_gap
        As of `find_events`. With smoothing, scores are means over windows: a call that
        fills one window alone has half of its score.
    groups : dict or Series, default=None
        As of `event_scores`: the group of each recording, such as its site.
    n_jobs, verbose
        As of `score_recordings`.
    **windows
        Further parameters of `score_recordings`, such as ``clip_duration``.

    Returns
    -------
    found : Bunch
        ``event_scores``: precision, recall, F1 and false positives per hour of each
        class and over all, with intervals, as `event_scores` gives them;
        ``average_precision``: that of the windows, without a threshold, as
        `segment_average_precision` gives it (its ``attrs`` count the windows, and
        those without an annotated animal); and ``scores``, ``events``, ``truth``.

    Raises
    ------
    FileNotFoundError
        Where one of `recordings` is not there.
    ValueError
        Where nothing is annotated that the model knows, and as the functions named
        above.

    Warns
    -----
    UserWarning
        Naming annotated classes that the model does not know, which are left out.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from skaudio.datasets import make_animal_sounds, make_soundscape
    >>> from skaudio.pipelines import audio_pipeline, window_pipeline
    >>> from skaudio.recordings import evaluate_recordings
    >>> wind = 0.01 * np.random.default_rng(0).standard_normal(16000 * 20)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     calls = make_animal_sounds(6, n_classes=2, output_dir=folder)
    ...     net = audio_pipeline("cnn1d", random_state=0).set_params(clf__max_epochs=2)
    ...     model = window_pipeline(net, [wind], random_state=0)
    ...     model = model.fit(calls.data, calls.target)
    ...     scene = make_soundscape(
    ...         calls, [wind], 60, output=f"{folder}/dawn.wav", random_state=0
    ...     )
    ...     found = evaluate_recordings(model, f"{folder}/dawn.wav", scene.truth)
    >>> found.event_scores["n_truth"].to_dict()
    {'cat': 5, 'cow': 5, 'micro': 10, 'macro': 10}
    """
    options = {
        "threshold": threshold,
        "continue_threshold": continue_threshold,
        "smoothing": smoothing,
        "min_duration": min_duration,
        "merge_gap": merge_gap,
    }
    check_options(model.classes_, options)
    files = list_recordings(recordings, all_there=True)
    classes = [str(name) for name in model.classes_ if not is_background(name)]
    truth = _truth(annotations, files, classes)
    scores = score_recordings(model, files, n_jobs=n_jobs, verbose=verbose, **windows)
    scores.columns = [str(name) for name in scores.columns]
    lengths = {file: _length(file) for file in scores.index.unique("file")}
    events = find_events(scores, recordings_duration=lengths, **options)
    truth = truth[truth["audio_file"].isin(lengths)]
    return Bunch(
        event_scores=event_scores(
            events, truth, recordings_duration=lengths, classes=classes, groups=groups
        ),
        average_precision=segment_average_precision(
            scores, truth, classes=classes, groups=groups
        ),
        scores=scores,
        events=events,
        truth=truth,
    )


def _truth(annotations, files, classes):
    """Return the annotations of classes that the model knows."""
    if not isinstance(annotations, pd.DataFrame):
        annotations = read_annotations(annotations, recordings=files)
    unknown = annotations.loc[~annotations["annotation"].isin(classes), "annotation"]
    if len(unknown) == len(annotations):
        raise ValueError(
            f"None of {len(annotations)} annotations is of a class of the model: "
            f"expected some of {', '.join(classes)}."
        )
    if len(unknown):
        counts = unknown.value_counts(sort=False)
        shown = ", ".join(f"{name} ({count})" for name, count in counts.items())
        warn_user(
            f"{len(unknown)} of {len(annotations)} annotations are of classes that "
            f"the model does not know, and are left out: {shown}."
        )
    return annotations[annotations["annotation"].isin(classes)]


def _length(file):
    with open_audio(file) as sound:
        return sound.frames / sound.samplerate
