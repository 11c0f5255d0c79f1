"""Groups: clips that must not be split apart."""

from skaudio.audit._related_clips import inspect_related


def group_clips(clips, *, near=True, n_jobs=None):
    """Number the groups of related clips.

    Clips share a group where they are spans of one file; where their decoded audio is
    identical, whatever the container and the name; where they are near copies
    (re-encoded, resampled, louder, cut, shifted, with some noise); where
    Freesound-style file names, ``{fold}-{source}-{take}[-{target}].ext``, give the same
    source recording, also of renamed public clips (identified by their sha256); and
    where other clips connect them.

    Parameters
    ----------
    clips : list of paths or table
        As `WavLoader` takes them.
    near : bool, default=True
        Whether to look for near copies, which takes most of the time.
    n_jobs : int or None, default=None
        Threads that decode in parallel; -1 uses all cores.

    Returns
    -------
    groups : ndarray of int, shape (n,)
        From 0, in order of first appearance; for ``StratifiedGroupKFold``. A clip that
        cannot be read is grouped by its name only.

    See Also
    --------
    audit_dataset : Reports which clips are related, and how.

    References
    ----------
    K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia
    (2015), for the file names.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skaudio.audit import group_clips
    >>> from skaudio.datasets import make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(2, n_classes=2, output_dir=folder, random_state=0)
    ...     files = sorted(Path(folder, "Training").rglob("*.wav"))
    ...     copy = files[0].with_name("copy.wav")
    ...     _ = copy.write_bytes(files[0].read_bytes())
    ...     groups = group_clips([*files, copy])
    >>> groups.tolist()
    [0, 1, 2, 3, 0]
    """
    facts, _ = inspect_related(clips, near=near, n_jobs=n_jobs)
    return facts["group"].to_numpy()
