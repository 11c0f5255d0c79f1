"""Which recording a table means, where it names it in another way."""

import os
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
        parts = path_parts(recording)
        entry = (parts[:-1], recording)
        by_name.setdefault(parts[-1], []).append(entry)
        by_stem.setdefault(_stem(parts), []).append(entry)
    found = {}
    for name in dict.fromkeys(map(str, names)):
        parts = path_parts(name)
        if name in recordings:
            found[name] = name
        else:
            entries = by_name.get(parts[-1]) or by_stem.get(_stem(parts), [])
            best = closest_paths(parts[:-1], entries)
            if len(best) > 1:
                raise ValueError(
                    f"{name} may be {best[0]} or {best[1]}: expected the folder, too."
                )
            found[name] = best[0] if best else None
    return found


def path_parts(path):
    """Split a path, perhaps of another machine, into its folders and its name."""
    kind = PureWindowsPath if "\\" in path else PurePosixPath
    return kind(path).parts or (path,)


def closest_paths(parts, entries):
    """Find the paths that end as another one does.

    Parameters
    ----------
    parts : tuple of str
        Of the other path, or of its folders alone, as those of `entries`.
    entries : list of (tuple of str, str)
        The parts of a path, and the path.

    Returns
    -------
    paths : list of str
        Those that have the most parts in common, from the end on, in any case of their
        letters; all of them where none has any.
    """

    def n_common(other):
        n = 0
        for one, two in zip(reversed(parts), reversed(other), strict=False):
            if one.casefold() != two.casefold():
                break
            n += 1
        return n

    n_most = max((n_common(other) for other, _ in entries), default=0)
    return list(
        dict.fromkeys(path for other, path in entries if n_common(other) == n_most)
    )


def _stem(parts):
    return os.path.splitext(parts[-1])[0]
