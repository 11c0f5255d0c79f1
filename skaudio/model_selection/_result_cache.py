"""Results of finished fits, kept in a folder."""

import functools
import hashlib
import json
import pickle
from pathlib import Path

import joblib
import numpy as np
from sklearn.base import clone

from skaudio._utils.atomic import atomic_write, make_folder
from skaudio._utils.clips import find_clips
from skaudio._utils.hashing import sha256_of
from skaudio._utils.version import __version__
from skaudio.augment import list_noise_files


class ResultCache:
    """Results by key, each in its own JSON file; half-written files are ignored.

    Parameters
    ----------
    folder : path or None
        Created where it is absent. None keeps nothing.
    """

    def __init__(self, folder):
        self.folder = None if folder is None else Path(folder)
        if folder is not None:
            make_folder(self.folder, "the results")

    def read(self, key):
        """Return a result, or None where there is none that can be read."""
        if self.folder is None:
            return None
        try:
            return json.loads((self.folder / f"{key}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def write(self, key, result):
        """Write a result completely or not at all."""
        if self.folder is None:
            return
        with atomic_write(self.folder / f"{key}.json", "the result") as file:
            file.write(json.dumps(result).encode())


def result_key(estimator, train, score):
    """Hash everything that the result of a fit depends on.

    Parameters
    ----------
    estimator : estimator
        Unfitted, with its seeds set.
    train : tuple of arrays
        Digests, labels and groups of the training rows.
    score : ndarray of str
        Digests of the predicted rows.

    Returns
    -------
    key : str
        Changes with parameters, seeds, noise files, clips, labels, groups, and the
        version and source code of skaudio.
    """
    estimator = clone(estimator)
    for name, value in estimator.get_params().items():
        # The number of jobs changes only the time.
        if name.rpartition("__")[2] == "n_jobs" and value is not None:
            estimator.set_params(**{name: None})
    try:
        parameters = joblib.hash(estimator)
    except pickle.PicklingError as error:
        raise ValueError(
            f"{estimator} cannot be pickled, so that its results cannot be kept in "
            "cache_dir: define its functions and classes in a module, or pass "
            "cache_dir=None."
        ) from error
    facts = [
        parameters,
        _noise_digests(estimator),
        *([np.asarray(part).astype(str).tolist() for part in train]),
        score.tolist(),
        __version__,
        _source_digest(),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def row_digests(X):
    """Return a digest of each clip or row of X."""
    clips = find_clips(X)
    if clips is None:
        return np.array([joblib.hash(np.asarray(row)) for row in X])
    digests = {file: sha256_of(file) for file in {clip.file for clip in clips}}
    return np.array([f"{digests[clip.file]} {clip[1:]}" for clip in clips])


def _noise_digests(estimator):
    """Return the digests of files mixed in: their content may change under one path."""
    digests = {}
    for name, value in estimator.get_params().items():
        # A step named "noise" that is switched off is no path.
        off = isinstance(value, str) and value == "passthrough"
        if name.rpartition("__")[2] not in ("noise", "background") or off:
            continue
        files = list_noise_files(value)
        if files is not None:
            digests[name] = [sha256_of(file) for file in files]
    return digests


@functools.cache
def _source_digest():
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
