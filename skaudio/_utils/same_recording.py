"""Which recording a table means, where it names it in another way."""

import os
from itertools import takewhile
from operator import eq
from pathlib import PurePosixPath, PureWindowsPath


def find_recordings(names, recordings):
    """Find the recordings that names stand for.

    Parameters
    ----------
    names : iterable of str
        Paths, perhaps of another machine. The recording of the same path is meant, else
        the one of the same file name, else of the same name without extension. Of
        several, the one in folders of the same names is taken.
    recordings : iterable of str

    Returns
    -------
    found : dict of str to (str or None)
        None where there is no such recording.

    Raises
    ------
    ValueError
        Where a name may be of two recordings, naming both.
    """
    recordings = dict.fromkeys(map(str, recordings))
    by_name, by_stem = {}, {}
    for recording in recordings:
        parts = _parts(recording)
        by_name.setdefault(parts[-1], []).append((parts, recording))
        by_stem.setdefault(_stem(parts), []).append((parts, recording))
    found = {}
    for name in dict.fromkeys(map(str, names)):
        parts = _parts(name)
        if name in recordings:
            found[name] = name
        else:
            entries = by_name.get(parts[-1]) or by_stem.get(_stem(parts), [])
            found[name] = _closest(name, parts, entries)
    return found


def _parts(path):
    kind = PureWindowsPath if "\\" in path else PurePosixPath
    return kind(path).parts or (path,)


def _stem(parts):
    return os.path.splitext(parts[-1])[0]


def _closest(name, parts, entries):
    """Return the recording whose folders are named as those of `parts` are."""

    def n_common(other):
        same = map(eq, parts[-2::-1], other[-2::-1])
        return len(list(takewhile(bool, same)))

    most = max((n_common(other) for other, _ in entries), default=0)
    best = [recording for other, recording in entries if n_common(other) == most]
    if len(best) > 1:
        raise ValueError(
            f"{name} may be {best[0]} or {best[1]}: expected the folder as well."
        )
    return best[0] if best else None
