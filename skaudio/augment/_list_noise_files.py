"""The files given by a parameter `noise`."""

import os

import numpy as np

from skaudio.io import list_audio_files


def list_noise_files(noise):
    """List the noise files that a noise mixer reads.

    Parameters
    ----------
    noise : folder, file, list of files and folders, or arrays
        As `CalibratedNoiseMixer` takes it.

    Returns
    -------
    files : list of str or None
        None where noise is given as arrays.

    Raises
    ------
    FileNotFoundError
        Where a folder or file does not exist.
    ValueError
        Where a folder holds no audio.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.augment import list_noise_files
    >>> list_noise_files([np.zeros(16000)]) is None
    True
    """
    noise = [noise] if is_path(noise) else noise
    if not isinstance(noise, (list, tuple, np.ndarray)) or not all(map(is_path, noise)):
        return None
    for path in noise:
        if not os.path.exists(path):
            raise FileNotFoundError(f"{path}: no such folder or file of noise")
    return list_audio_files(noise) if len(noise) else None


def is_path(entry):
    """Whether an entry names a file or folder."""
    return isinstance(entry, (str, os.PathLike))
