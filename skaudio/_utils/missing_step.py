"""Say which step is missing where an estimator gets clips or waveforms as they are."""

import os

import numpy as np

from skaudio._utils.clips import find_clips


def refuse_unprepared(estimator, X, takes, step=None):
    """Raise where `X` is paths or waveforms, and the estimator takes what follows them.

    Parameters
    ----------
    estimator : estimator
        Named in the error.
    X : anything that an estimator may be given
    takes : str
        What the estimator takes, such as "embeddings".
    step : str or None
        What makes that of waveforms, such as "an embedder"; None where `takes` is
        waveforms.

    Raises
    ------
    ValueError
    """
    first = _first_row(X)
    if isinstance(first, (str, os.PathLike)):
        got, steps = f"the path {os.fspath(first)!r}", ["a WavLoader", step]
    elif step is not None and isinstance(X, np.ndarray) and _is_waveform(first):
        got, steps = "waveforms", [step]
    else:
        return
    steps = " and ".join(filter(None, steps))
    raise ValueError(
        f"{type(estimator).__name__} takes {takes}, got {got}: put {steps} before it, "
        "or take a whole pipeline, as from skaudio.pipelines.audio_pipeline."
    )


def _first_row(X):
    if hasattr(X, "columns"):
        clips = find_clips(X)
        return clips[0].file if clips else None
    if not isinstance(X, (list, tuple)) and getattr(X, "dtype", None) is None:
        return None
    if getattr(getattr(X, "dtype", None), "kind", "O") in "fiubc" or len(X) == 0:
        return None
    first = next(iter(X))
    # A column of paths, as scikit-learn's tools pass them.
    return first[0] if isinstance(first, np.ndarray) and first.shape == (1,) else first


def _is_waveform(row):
    return isinstance(row, np.ndarray) and row.dtype.kind in "fiu"
