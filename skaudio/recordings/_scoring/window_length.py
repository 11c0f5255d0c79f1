"""How long the windows of a model are, and how much of a clip it uses."""

from skaudio._utils.exported import is_exported


def parts_of(model):
    """List a fitted model and the estimators in it.

    Parameters
    ----------
    model : estimator
        A search stands for its best estimator.

    Returns
    -------
    parts : list
    """
    model = getattr(model, "best_estimator_", model)
    return [model, *model.get_params().values()]


def training_window(model):
    """Return the length of window that a model was trained for.

    Parameters
    ----------
    model : fitted estimator

    Returns
    -------
    seconds : float or None
        ``clip_duration_`` of the model or of a step; else ``duration`` of its loader,
        ``window`` of its embedder or the length of its log-mels. None if it has none.

    Examples
    --------
    >>> from skaudio.pipelines import audio_pipeline
    >>> from skaudio.recordings import training_window
    >>> training_window(audio_pipeline("cnn1d"))
    16.0
    """
    parts = parts_of(model)
    for part in parts:
        if (length := getattr(part, "clip_duration_", None)) is not None:
            return float(length)
    from skaudio.features import LogMelExtractor, WavLoader

    for part in parts:
        if isinstance(part, WavLoader) and part.duration is not None:
            return float(part.duration)
    for part in parts:
        # Of an embedder or a fine-tuned network; by name, since torch takes seconds.
        is_ours = type(part).__module__.startswith("skaudio.")
        if is_ours and (length := getattr(part, "window", None)) is not None:
            return float(length)
    for part in parts:
        if isinstance(part, LogMelExtractor):
            return part.n_frames * part.hop_length / part.sample_rate
    return None


def longest_used(model):
    """Return how much of a clip a model uses at most.

    Parameters
    ----------
    model : fitted estimator

    Returns
    -------
    seconds : float or None
        None where no step cuts clips.
    why : str
        The step and its parameters.

    Examples
    --------
    >>> from skaudio.pipelines import audio_pipeline
    >>> from skaudio.recordings import longest_used
    >>> longest_used(audio_pipeline("cnn1d"))
    (16.0, 'LogMelExtractor(n_frames=500, n_crops=1)')
    """
    if is_exported(model):
        return model.facts["longest_clip"], "its network"
    from skaudio.features import LogMelExtractor, WavLoader

    limits = []
    for part in parts_of(model):
        if isinstance(part, WavLoader) and part.duration is not None:
            limits.append(
                (float(part.duration), f"WavLoader(duration={part.duration})")
            )
        if isinstance(part, LogMelExtractor):
            n_frames = part.n_frames * part.n_crops
            why = f"LogMelExtractor(n_frames={part.n_frames}, n_crops={part.n_crops})"
            limits.append((n_frames * part.hop_length / part.sample_rate, why))
    return min(limits, default=(None, ""))


def window_length(model, clip_duration):
    """Return the length of a window; raise where the model would not use all of it.

    Parameters
    ----------
    model : fitted estimator
    clip_duration : float or None
        None is `training_window`.

    Returns
    -------
    seconds : float

    Raises
    ------
    ValueError
    """
    if clip_duration is None:
        clip_duration = training_window(model)
    if clip_duration is None:
        raise ValueError(
            "clip_duration=None: the model has no window of its own, expected the "
            "length of a window in seconds."
        )
    longest, why = longest_used(model)
    if longest is not None and clip_duration > longest + 1e-9:
        raise ValueError(
            f"clip_duration={clip_duration}: the model uses the first {longest:g} s of "
            f"a clip, for {why}; expected a window of at most {longest:g} s."
        )
    return clip_duration
