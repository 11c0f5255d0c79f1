"""Fit an encoder on more recordings than fit into memory."""

import os

import joblib
import numpy as np
from sklearn.base import clone

from skaudio._utils.atomic import check_writable
from skaudio._utils.clips import as_clips, clip_table
from skaudio._utils.joblib_files import dump_estimator, load_estimator
from skaudio._utils.sklearn_compat import validate_parameters


def fit_on_recordings(
    encoder,
    clips,
    features,
    *,
    n_epochs=1,
    chunk_size=2000,
    checkpoint=None,
    on_chunk=None,
):
    """Fit an encoder chunk by chunk, so that only one chunk is in memory.

    Each epoch splits all clips into new random chunks, reads one after the other, and
    calls the encoder's `partial_fit` on each.

    Parameters
    ----------
    encoder : SelfSupervisedEncoder
        Fitted in place, from new weights unless there is a `checkpoint`. Its
        `random_state` must be an integer.
    clips : list of paths or table
        As `WavLoader` takes them, such as `skaudio.io.clip_windows` gives.
    features : transformer
        From clips to log-mels, such as ``make_pipeline(WavLoader(on_error="nan"),
        LogMelExtractor(n_frames=96))``. A clone is fitted on each chunk, so that noise
        mixers make their views.
    n_epochs : int, default=1
        Passes over all clips.
    chunk_size : int, default=2000
        Clips in memory at a time; their log-mels take ``4 * chunk_size * n_mels *
        n_frames`` bytes, and their waveforms about as much.
    checkpoint : path or None, default=None
        File to save the encoder in after each chunk. If it exists, the fit continues
        from it, with the same result as without a break (if random steps of `features`
        are seeded).
    on_chunk : callable or None, default=None
        Called as ``on_chunk(n_done, n_chunks, encoder)`` after each chunk.

    Returns
    -------
    encoder : the same, fitted

    Raises
    ------
    ValueError
        If the checkpoint is of an encoder with other parameters, or of other clips.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import BYOLAEncoder, LogMelExtractor, WavLoader
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.io import clip_windows
    >>> from skaudio.self_supervised import fit_on_recordings
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(4, n_classes=2, output_dir=folder, random_state=0)
    ...     encoder = fit_on_recordings(
    ...         BYOLAEncoder("cnn1d", random_state=0),
    ...         clip_windows(folder, clip_duration=1.0),
    ...         make_pipeline(WavLoader(), LogMelExtractor(n_mels=32, n_frames=32)),
    ...         chunk_size=8,
    ...     )
    >>> encoder.n_passes_
    8
    """
    clips = as_clips(clips)
    for name, value, least in (
        ("n_epochs", n_epochs, 1),
        ("chunk_size", chunk_size, 2),
        ("the number of clips", len(clips), 2),
    ):
        if value < least:
            raise ValueError(f"{name} is {value}: expected at least {least}.")
    seed = encoder.random_state
    if not isinstance(seed, (int, np.integer)):
        raise ValueError(
            f"random_state={seed!r} of the encoder: expected an integer, which "
            "also fixes the chunks."
        )
    validate_parameters(encoder)
    fresh = clone(encoder)
    source = saved = None
    if checkpoint is not None:
        check_writable(checkpoint, "the checkpoint", "model")
        source = joblib.hash((clips, chunk_size, features, fresh.get_params()))
        saved = load_estimator(checkpoint) if os.path.exists(checkpoint) else None
    if saved is not None:
        if getattr(saved, "_source", None) != source:
            raise ValueError(
                f"{checkpoint}: is of an encoder with other parameters, or was fitted "
                "on other clips, features or chunks: pass another checkpoint, or "
                "remove it."
            )
        encoder.__dict__.update(saved.__dict__)
    else:
        # New weights, even if the encoder was fitted before.
        encoder.__dict__ = dict(fresh.__dict__)
        encoder._source = source
    n_chunks = -(-len(clips) // chunk_size)
    # A chunk needs at least two clips.
    n_chunks = max(1, min(n_chunks, len(clips) // 2))
    for number in range(getattr(encoder, "n_passes_", 0), n_epochs * n_chunks):
        epoch, place = divmod(number, n_chunks)
        order = np.random.default_rng([seed, epoch]).permutation(len(clips))
        # Sorted, so that files are read forwards.
        rows = np.sort(np.array_split(order, n_chunks)[place])
        table = clip_table([clips[row] for row in rows])
        encoder.partial_fit(clone(features).fit_transform(table))
        if checkpoint is not None:
            dump_estimator(encoder, checkpoint)
        if on_chunk is not None:
            on_chunk(number + 1, n_epochs * n_chunks, encoder)
    return encoder
