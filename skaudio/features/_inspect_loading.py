"""What the loaders of a model make of clips, before it is fitted or predicts."""

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from skaudio._utils.clips import as_clips
from skaudio._utils.exported import is_exported
from skaudio._utils.tables import names_column
from skaudio._utils.unreadable import report_unreadable
from skaudio.io import AudioFileError, decode_audio


def inspect_loading(estimator, clips, *, n_jobs=None):
    """List what the loaders of an estimator make of each clip.

    A file that one model reads another may not: one that takes channel 1 cannot use a
    mono file, one at 16 kHz cannot use the call of a bat.

    Parameters
    ----------
    estimator : estimator, or list of them
        Every `WavLoader` in it reads the clips, also within a FeatureUnion. Without
        any, files are decoded at their own rate.
    clips : list of paths or table
        As `WavLoader` takes them.
    n_jobs : int or None, default=None
        Threads that decode at once; -1 uses all cores.

    Returns
    -------
    facts : DataFrame
        One row per clip, in order: ``file``, ``duration`` (seconds), ``peak`` (largest
        deviation from the mean; full scale is 1), ``odd`` (what is wrong with a clip
        that is read, by problem, else None) and ``error`` (why it cannot be read, else
        None).

    See Also
    --------
    skaudio.audit.inspect_clips : Facts that depend on no model.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio import WavLoader
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.features import inspect_loading
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = make_animal_sounds(2, n_classes=2, output_dir=folder)
    ...     facts = inspect_loading(WavLoader(channel=1), clips.data)
    >>> facts["error"].str[:38].unique().tolist()
    ['has 1 channel(s), so there is no chann']
    """
    clips = as_clips(clips)
    unlike = {(one.sample_rate, one.channel): one.load for one in _loaders(estimator)}
    readers = list(unlike.values()) or [_decode]
    rows = Parallel(n_jobs=n_jobs, prefer="threads", batch_size=8)(
        delayed(_inspect)(clip, readers) for clip in clips
    )
    facts = pd.DataFrame(
        [row[1:] for row in rows], columns=["duration", "peak", "odd", "error"]
    )
    facts.insert(0, "file", names_column([row[0] for row in rows]))
    return facts


def drop_unreadable(clips, estimator, *, n_jobs=None):
    """Leave out the clips that the loaders of an estimator cannot read.

    Parameters
    ----------
    clips : Bunch
        As from `load_audio_folder`.
    estimator : estimator, or list of them
        As in `inspect_loading`.
    n_jobs : int or None, default=None
        Threads that decode at once.

    Returns
    -------
    clips : Bunch
        The same where all can be read. Else without those clips, which are named in a
        warning and added to ``rejected``.

    Raises
    ------
    ValueError
        Where none can be read.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio import WavLoader
    >>> from skaudio.datasets import load_audio_folder, make_animal_sounds
    >>> from skaudio.features import drop_unreadable
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(2, n_classes=2, output_dir=folder)
    ...     clips = load_audio_folder(f"{folder}/Training")
    ...     drop_unreadable(clips, WavLoader()) is clips
    True
    """
    from sklearn.utils import Bunch

    facts = inspect_loading(estimator, clips.data, n_jobs=n_jobs)
    kept = facts["error"].isna().to_numpy()
    if kept.all():
        return clips
    rejected = facts.loc[~kept, ["file", "error"]]
    errors = [AudioFileError(*row) for row in rejected.to_numpy()]
    if not kept.any():
        raise ValueError(f"None of {len(kept)} clips can be read; {errors[0]}")
    report_unreadable(errors, f"{len(errors)} of {len(kept)} clips", "warn")
    groups = clips.groups
    frame = clips.frame[kept].reset_index(drop=True)
    if groups is not None:
        groups = np.unique(groups[kept], return_inverse=True)[1]
        frame["group"] = groups
    return Bunch(
        **clips
        | dict(
            data=clips.data[kept],
            target=clips.target[kept],
            groups=groups,
            frame=frame,
            target_names=np.unique(clips.target[kept]).tolist(),
            rejected=pd.concat([clips.get("rejected"), rejected], ignore_index=True),
        )
    )


def set_channel(estimator, channel):
    """Let every loader of an estimator, fitted or not, take another channel.

    Parameters
    ----------
    estimator : estimator
        Changed in place.
    channel : "mix", "loudest", int or str
        As `WavLoader` takes it; a number may be given as text.

    Returns
    -------
    estimator : the same

    Examples
    --------
    >>> from skaudio.features import set_channel
    >>> from skaudio.pipelines import audio_pipeline
    >>> set_channel(audio_pipeline("cnn1d"), "loudest")["load"].channel
    'loudest'
    """
    if isinstance(channel, str) and channel.isdecimal():
        channel = int(channel)
    for loader in _loaders(estimator):
        loader.set_params(channel=channel)
        if not is_exported(loader):
            from skaudio._utils.sklearn_compat import validate_parameters

            validate_parameters(loader)
    return estimator


def _loaders(estimator):
    """List the loaders of an estimator, or of several."""
    if is_exported(estimator):
        return [estimator]
    from skaudio.features._wav_loader import WavLoader

    parts = []
    for one in estimator if isinstance(estimator, list) else [estimator]:
        one = getattr(one, "best_estimator_", one)
        parts += [one, *one.get_params().values()]
    return [part for part in parts if isinstance(part, WavLoader)]


def _decode(clip):
    """Read a clip at its own rate, as a loader does."""
    try:
        waveform, sample_rate, oddities = decode_audio(*clip)
    except AudioFileError as error:
        return error
    return waveform, len(waveform) / sample_rate, oddities


def _inspect(clip, readers):
    read = [reader(clip) for reader in readers]
    for entry in read:
        if isinstance(entry, AudioFileError):
            return clip.file, None, None, None, entry.reason
    waveform, duration, oddities = read[0]
    peak = float(np.abs(waveform - waveform.mean()).max())
    return clip.file, duration, peak, dict(oddities) or None, None
