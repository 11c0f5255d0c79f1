"""Noise for training, and other noise for testing."""

from sklearn.model_selection import GroupShuffleSplit

from skaudio._utils.random_state import own_random_state
from skaudio.audit import find_leaks, group_clips
from skaudio.augment import list_noise_files


def hold_out_noise(noise, test_size=0.25, random_state=None, *, n_jobs=None):
    """Split noise files into training files and test files.

    Parameters
    ----------
    noise : folder or list of files and folders
    test_size : float in (0, 1) or int, default=0.25
        Share, or number, of the groups to hold out. A group is all files of one source
        recording and their copies, as `group_clips` finds them.
    random_state : int, RandomState or None, default=None
        Determines which groups.
    n_jobs : int or None, default=None
        Threads that decode.

    Returns
    -------
    train_files, test_files : list of str
        In the order of `noise`. Pass them to a noise mixer and to `noise_robustness`,
        which record them: as a parameter of the model, and in the table's ``attrs``.

    Raises
    ------
    ValueError
        Where all files are in one group, or `noise` holds arrays.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import hold_out_noise
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(
    ...         2, n_classes=2, output_dir=folder, random_state=0
    ...     )
    ...     train_files, test_files = hold_out_noise(f"{folder}/Noise", random_state=0)
    >>> len(train_files), len(test_files)
    (6, 2)
    """
    files = list_noise_files(noise)
    if files is None:
        raise ValueError(
            f"noise of type {type(noise).__name__}: expected a folder or a list of "
            "files, whose sources can be found."
        )
    groups = group_clips(files, n_jobs=n_jobs)
    if groups.max() == 0:
        raise ValueError(
            f"All {len(files)} noise files are from one source or copies of each "
            f"other, in noise={str(noise)!r}: expected at least 2 sources, so that one "
            "can be held out."
        )
    random_state = own_random_state(random_state)
    split = GroupShuffleSplit(1, test_size=test_size, random_state=random_state)
    parts = next(split.split(files, groups=groups))
    train, test = ([files[row] for row in sorted(part)] for part in parts)
    return train, test


def refuse_training_noise(estimator, files, n_jobs=None):
    """Raise where noise files, or clips of their sources, were used in training.

    Parameters
    ----------
    estimator : estimator
        Its parameters called ``noise`` are the noise of training.
    files : list of str or None
        As from `list_noise_files`.
    n_jobs : int or None, default=None
        Threads that decode.
    """
    trained = []
    for name, value in estimator.get_params().items():
        if name.rpartition("__")[2] == "noise":
            trained += list_noise_files(value) or []
    if not trained or files is None:
        return
    shared = find_leaks(trained, files, near=False, n_jobs=n_jobs)
    if len(shared):
        first = shared.iloc[0]
        raise ValueError(
            f"{first['test_file']} and {len(shared) - 1} more of {len(files)} noise "
            f"files are leaked from training ({first['relation']} as "
            f"{first['train_file']}): expected other noise. Split it with "
            "hold_out_noise before training."
        )
