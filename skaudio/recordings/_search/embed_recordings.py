"""The embeddings of windows of recordings, to search in."""

from numbers import Integral

from skaudio._utils.atomic import make_folder
from skaudio._utils.choices import one_of
from skaudio._utils.counts import count
from skaudio._utils.version import __version__
from skaudio._utils.windows import FINAL_CLIPS, window_step
from skaudio.features import WavLoader
from skaudio.recordings._scoring.score_files import list_recordings, score_files
from skaudio.recordings._scoring.window_scorer import WindowEmbedder
from skaudio.recordings._search.embedding_index import EmbeddingIndex
from skaudio.recordings._search.embeddings_folder import KIND, write_embeddings
from skaudio.recordings._search.index_embedder import as_embedder, describe_embedder


def embed_recordings(
    recordings,
    output,
    embedder="efficientat",
    clip_duration=3.0,
    clip_overlap=None,
    *,
    overlap_fraction=None,
    clip_step=None,
    final_clip="extend",
    channel="mix",
    start=None,
    end=None,
    batch_size=64,
    n_jobs=None,
    on_error="warn",
    verbose=0,
):
    """Embed the windows of recordings, once, so that they can be searched.

    Each recording is decoded once, in blocks, as by `score_recordings`. What is
    done is kept: a second run embeds what is missing, and what is of another embedder,
    other parameters or another state of the file. Needs the extra ``recordings``.

    Parameters
    ----------
    recordings : path or list of paths
        Sound files, or folders of them with their sub-folders.
    output : path
        Folder for the embeddings: a Parquet file per recording, written whole or not
        at all, and ``journal.jsonl``.
    embedder : str or transformer, default="efficientat"
        Such as "birdnet", ``BirdNETEmbedder(pooling="mean")`` or another transformer of
        waveforms, fitted, that has a ``sample_rate``. "efficientat" is read at all of
        its layers, at the speed of the recording: 1400 features.
    clip_duration : float, default=3.0
        Length of a window in seconds.
    clip_overlap, overlap_fraction, clip_step, final_clip
        As in `score_recordings`: None is half a window of overlap.
    channel : "mix", "loudest" or int, default="mix"
        As `WavLoader` takes it.
    start, end, batch_size, n_jobs, on_error, verbose
        As in `score_recordings`.

    Returns
    -------
    index : EmbeddingIndex

    Raises
    ------
    AudioFileError
        With ``on_error="raise"``, naming the recordings.
    FileNotFoundError
        Where one of `recordings` is not there, before any work.
    OSError
        Where `output` cannot be written. What is finished stays.
    ValueError
        For an unknown embedder, and where no recording can be read.

    Warns
    -----
    UserWarning
        Naming each recording that cannot be opened or decoded in part, and what is
        embedded again.

    See Also
    --------
    score_recordings : Scores of a classifier, in the same windows.
    read_journal : What became of each recording.

    Notes
    -----
    Embeddings are kept as float16, 2 bytes per feature: 6.7 MB per hour of sound with
    the default. Memory grows by 9 MB with each hour of a single recording, and not with
    the number of recordings. The index holds all that is in `output`, also of earlier
    runs with other recordings.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio import MFCCStatistics
    >>> from skaudio.recordings import embed_recordings
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     noise = 0.01 * np.random.default_rng(0).standard_normal(16000 * 7)
    ...     soundfile.write(f"{folder}/dawn.wav", noise, 16000)
    ...     embed_recordings(f"{folder}/dawn.wav", f"{folder}/index", MFCCStatistics())
    <EmbeddingIndex: 5 windows of 1 recording>
    """
    one_of("final_clip", final_clip, FINAL_CLIPS)
    one_of("on_error", on_error, ("warn", "raise"))
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise ValueError(f"batch_size={batch_size!r}: expected 1 or more.")
    if clip_overlap is overlap_fraction is clip_step is None:
        overlap_fraction = 0.5
    step = window_step(clip_duration, clip_overlap, overlap_fraction, clip_step)
    embedder = as_embedder(embedder, float(clip_duration))
    windows = {
        "clip_duration": float(clip_duration),
        "step": float(step),
        "final_clip": final_clip,
        "start": None if start is None else float(start),
        "end": None if end is None else float(end),
    }
    files = list_recordings(recordings, all_there=True)
    scorer = WindowEmbedder(
        WavLoader(embedder.sample_rate, channel=channel),
        embedder,
        float(clip_duration),
    )
    make_folder(output, "the embeddings")
    own = {
        "kind": KIND,
        "model": describe_embedder(embedder),
        "parameters": windows | {"channel": channel},
        "n_features": scorer.n_columns,
        "version": __version__,
    }
    done, _ = score_files(
        *(scorer, files, windows, batch_size, n_jobs, output, own),
        *(write_embeddings, on_error, verbose),
    )
    if not done:
        raise ValueError(f"None of {count(len(files), 'recording')} can be read.")
    return EmbeddingIndex(output, embedder=embedder)
