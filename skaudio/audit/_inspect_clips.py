"""Facts about sound files, and the groups of related clips."""

from skaudio._utils.labels import as_groups
from skaudio.audit._clip_facts import clip_facts
from skaudio.audit._related_clips import inspect_related


def inspect_clips(clips, n_jobs=None, *, groups=False, near=True, verbose=0):
    """Decode clips and list facts about each.

    Parameters
    ----------
    clips : list of paths or table
        As `WavLoader` takes them.
    n_jobs : int or None, default=None
        Threads that decode in parallel; -1 uses all cores.
    groups : bool or array-like of shape (n,), default=False
        Whether to find groups of related clips. Groups of your own connect clips as
        well.
    near : bool, default=True
        Whether near copies count as related.
    verbose : int, default=0
        1 shows how many clips are read, and the time left.

    Returns
    -------
    facts : DataFrame
        One row per clip, in order: ``file``, ``duration`` (seconds), ``sample_rate``
        (Hz), ``channels``, ``container`` (e.g. WAV), ``encoding`` (e.g. PCM_16),
        ``n_bytes`` of the file, ``peak`` (largest deviation from the mean; full scale
        is 1; a clip below 1e-4 is silent), ``clipped`` (share of the samples in
        flattened crests), ``above_8_khz`` (share of the energy above 8 kHz, half of the
        default sample rate of `WavLoader`), ``odd`` (what else is wrong with a clip
        that is read, by problem, else None), ``digest`` (equal for equal decoded audio,
        whatever the container), ``sha256`` of the file, and ``error`` (the reason why a
        clip cannot be used, else None). With `groups` also ``source`` (Freesound id or
        None), ``source_from`` ("name" or "sha256"), ``own_group`` where you gave
        groups, and ``group`` (see `group_clips`).

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.audit import inspect_clips
    >>> from skaudio.datasets import make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = make_animal_sounds(
    ...         2, n_classes=2, output_dir=folder, random_state=0
    ...     )
    ...     facts = inspect_clips(clips.data)
    >>> facts["sample_rate"].tolist()
    [16000, 16000, 16000, 16000]
    """
    if groups is False:
        return clip_facts(clips, n_jobs=n_jobs, verbose=verbose)[0]
    own = None if groups is True else as_groups(groups, len(clips))
    return inspect_related(clips, own, near=near, n_jobs=n_jobs, verbose=verbose)[0]
