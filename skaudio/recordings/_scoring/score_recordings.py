"""The scores of windows of recordings, in one pass over each."""

from functools import partial
from numbers import Integral

from skaudio._utils.atomic import make_folder
from skaudio._utils.choices import one_of
from skaudio._utils.hashing import model_hash
from skaudio._utils.version import __version__
from skaudio._utils.windows import FINAL_CLIPS, window_step
from skaudio.recordings._scoring.score_files import list_recordings, score_files
from skaudio.recordings._scoring.scores_folder import (
    read_score_files,
    scores_path,
    scores_table,
    write_scores,
)
from skaudio.recordings._scoring.window_length import window_length
from skaudio.recordings._scoring.window_scorer import WindowScorer


def score_recordings(
    model,
    recordings,
    clip_duration=None,
    clip_overlap=None,
    *,
    overlap_fraction=None,
    clip_step=None,
    final_clip="extend",
    batch_size=64,
    n_jobs=None,
    output=None,
    on_error="warn",
    start=None,
    end=None,
    channel=None,
    sample_rate=None,
    model_id=None,
    verbose=0,
):
    """Score the windows of recordings with a fitted model.

    Each recording is decoded once, in blocks, and resampled as one; a block serves all
    windows that overlap it. The memory does not grow with the length of a recording,
    apart from its scores.

    Parameters
    ----------
    model : fitted classifier or Pipeline
        With ``predict_proba``. It starts from files, with a `WavLoader` or a
        FeatureUnion of pipelines that start with one; or from waveforms. Where it
        starts from files in another way, it gets tables of clips, as `clip_windows`
        makes them, and reads each window itself.
    recordings : path or list of paths
        Sound files, or folders of them with their sub-folders.
    clip_duration : float or None, default=None
        Length of a window in seconds. None is the one that the model was trained for:
        ``clip_duration_`` of a step; else ``duration`` of its `WavLoader`, ``window``
        of its embedder, or the length of its log-mels.
    clip_overlap : float or None, default=None
        Overlap of consecutive windows in seconds. None is half a window, so that a call
        at the end of one is in the middle of the next.
    overlap_fraction, clip_step, final_clip
        As in `clip_windows`; at most one of the overlaps and the step.
    batch_size : int, default=64
        Windows that are scored at once, and that are in memory.
    n_jobs : int or None, default=None
        Recordings that are scored at once, in threads unless joblib's
        ``parallel_config`` says otherwise; of a single recording, batches of windows.
        -1 uses all cores. With ``parallel_config(backend="dask")`` each recording is
        a task of the cluster, whose machines need the same paths.
    output : path or None, default=None
        Folder for the scores: a Parquet file per recording, written whole or not at
        all, and ``journal.jsonl``. A second run scores what is missing, and what is of
        another model, another state of the file or other parameters. Needs the extra
        ``recordings``.
    on_error : {"warn", "raise"}, default="warn"
        What to do with recordings that cannot be opened, or not decoded in part: name
        each in a warning and go on, or raise.
    start, end : float or None, default=None
        Span of every recording to score, in seconds. Windows count from `start`.
    channel : "mix", "loudest", int or None, default=None
        As `WavLoader` takes it, instead of the channel of the model's own loader.
    sample_rate : int or None, default=None
        Of the waveforms that a model without loader takes, in Hz. Steps of skaudio have
        their own ``sample_rate``.
    model_id : str or None, default=None
        What the model is known by in `output`. None is a hash of the fitted model.
    verbose : int, default=0
        With 1, show the recordings, the hours of sound, times real time and the time
        that is left.

    Returns
    -------
    scores : DataFrame
        A clip table: index ``file``, ``start_time``, ``end_time`` (seconds), one
        float32 column per class. NaN for windows that failed. Recordings that cannot be
        opened have no rows.

    Raises
    ------
    AudioFileError
        With ``on_error="raise"``, naming the recordings.
    OSError
        Where `output` cannot be written. What is finished stays.
    ValueError
        Where the model gives no probabilities or has no window length of its own, where
        a window is longer than what the model uses of a clip, and for invalid lengths.

    Warns
    -----
    UserWarning
        Naming each recording that cannot be opened or decoded in part, and what is
        scored again in `output`.
    OddAudioWarning
        Naming recordings that are scored although something is wrong with them.

    See Also
    --------
    skaudio.io.clip_windows : The windows.
    read_scores : Reads `output`.
    read_journal : What became of each recording.
    predict_files : Predicts clips.

    Notes
    -----
    A stream is resampled as a whole, a clip on its own: at the edges of a window scores
    differ a little from those of the same clip, by the sound beside it. With
    ``channel="loudest"``, which is chosen for each window, the model reads each window
    itself. Embeddings of windows are not kept in the caches of the embedders.

    A window that an `UnknownRejector` takes for none of its classes has 0 of all of
    them, and so is of no event; with ``as_class`` it has a probability of its own.

    A last window that ends after the recording holds the sound up to its end.

    References
    ----------
    S. Lapp et al., "OpenSoundscape: An open-source bioacoustics analysis package for
    Python", Methods in Ecology and Evolution 14 (2023), for the table.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.pipelines import audio_pipeline
    >>> from skaudio.recordings import score_recordings
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     calls = make_animal_sounds(6, n_classes=2, output_dir=folder)
    ...     model = audio_pipeline("cnn1d", random_state=0)
    ...     model = model.set_params(clf__max_epochs=2).fit(calls.data, calls.target)
    ...     noise = 0.01 * np.random.default_rng(0).standard_normal(16000 * 7)
    ...     soundfile.write(f"{folder}/dawn.wav", noise, 16000)
    ...     scores = score_recordings(model, f"{folder}/dawn.wav", 3.0, 1.0)
    >>> scores.columns.tolist()
    ['cat', 'cow']
    >>> scores.index.droplevel("file").tolist()
    [(0.0, 3.0), (2.0, 5.0), (4.0, 7.0), (6.0, 9.0)]
    """
    one_of("final_clip", final_clip, FINAL_CLIPS)
    one_of("on_error", on_error, ("warn", "raise"))
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise ValueError(f"batch_size={batch_size!r}: expected 1 or more.")
    clip_duration = window_length(model, clip_duration)
    if clip_overlap is overlap_fraction is clip_step is None:
        overlap_fraction = 0.5
    step = window_step(clip_duration, clip_overlap, overlap_fraction, clip_step)
    windows = {
        "clip_duration": float(clip_duration),
        "step": float(step),
        "final_clip": final_clip,
        "start": None if start is None else float(start),
        "end": None if end is None else float(end),
    }
    if isinstance(channel, Integral) and not isinstance(channel, bool):
        channel = int(channel)
    files = list_recordings(recordings)
    scorer = WindowScorer(model, channel, sample_rate)
    own = {}
    if output is not None:
        make_folder(output, "the scores")
        own = {
            "model": model_hash(model) if model_id is None else model_id,
            "parameters": windows | {"channel": channel, "sample_rate": sample_rate},
            "streams": scorer.streams and [list(key) for key in scorer.streams],
            "version": __version__,
        }
    done, scored = score_files(
        *(scorer, files, windows, batch_size, n_jobs, output, own),
        *(partial(write_scores, classes=scorer.classes), on_error, verbose),
    )
    if output is not None:
        paths = {file: scores_path(output, file) for file in done}
        return read_score_files(paths, scorer.classes)
    return scores_table([scored[file] for file in done], scorer.classes)
