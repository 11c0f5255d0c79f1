"""Which recordings a table of annotations is of."""

import os

from skaudio._utils.same_recording import closest_paths, path_parts
from skaudio.io._audio_file import is_audio_file


class NotAmongError(ValueError):
    """A recording is none of those that are there."""


class AnnotatedRecordings:
    """The recordings that tables of annotations may be of.

    Parameters
    ----------
    files : list of str
    what : str
        What they are, for messages.
    """

    def __init__(self, files, what="recordings"):
        self._what = what
        self._files = list(dict.fromkeys(files))
        self._by_name, self._by_begin = {}, {}
        for file in self._files:
            # A name that is not UTF-8 stands in a text as "\\udcff".
            for path in {file, file.encode("utf-8", "backslashreplace").decode()}:
                parts = path_parts(path)
                name = parts[-1]
                self._by_name.setdefault(name.casefold(), []).append((parts, file))
                for begin in {name, os.path.splitext(name)[0]}:
                    self._by_begin.setdefault(begin, []).append(file)

    def named(self, name):
        """Find the recording that a table names, perhaps as another machine did.

        Parameters
        ----------
        name : str
            A path, of which the last parts count.

        Returns
        -------
        file : str

        Raises
        ------
        ValueError
            With the reason, where there is none, or more than one.
        """
        parts = path_parts(name)
        found = closest_paths(parts, self._by_name.get(parts[-1].casefold(), []))
        found = [name] if name in found else found
        if not found:
            raise NotAmongError(f"{name!r} is none of the {self._count()}")
        return _only(found, f"{name!r} is")

    def of_table(self, path):
        """Find the recording that a table is of, by the name of the table.

        Parameters
        ----------
        path : str
            Begins with the name of the recording, with or without its extension:
            ``dawn.Table.1.selections.txt`` is of ``dawn.wav``. Of several recordings of
            one name, that in folders of the same names is taken.

        Returns
        -------
        file : str

        Raises
        ------
        ValueError
            With the reason, where there is none, or more than one.
        """
        *folders, name = path_parts(os.path.abspath(path))
        ends = [place for place, sign in enumerate(name) if sign == "."]
        begins = [name[:end] for end in reversed(ends)]  # the longest first
        found = next((self._by_begin[b] for b in begins if b in self._by_begin), [])
        if not found:
            raise NotAmongError(
                f"names no recording, and is named as none of the {self._count()}"
            )
        where = [(path_parts(os.path.abspath(file))[:-1], file) for file in found]
        return _only(closest_paths(folders, where), "may be of")

    def _count(self):
        return f"{len(self._files)} {self._what}"


def recordings_beside(path):
    """Return the recordings in the folder of a table.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    recordings : AnnotatedRecordings
    """
    folder = os.path.dirname(path)
    names = sorted(filter(is_audio_file, os.listdir(folder or ".")))
    files = [os.path.join(folder, name) for name in names]
    return AnnotatedRecordings(files, "recordings beside it")


def _only(found, what):
    if len(found) > 1:
        more = f" and {len(found) - 2} more" if len(found) > 2 else ""
        raise ValueError(f"{what} {found[0]} or {found[1]}{more}")
    return found[0]
