"""What a stopped run has predicted, in a file with a line per clip."""

import json
import os
from pathlib import Path

from skaudio._utils.atomic import check_writable
from skaudio._utils.hashing import file_state, model_hash
from skaudio._utils.version import __version__
from skaudio._utils.warn import warn_user


class PredictionJournal:
    """The predictions of earlier runs with a model, to which this run adds its own.

    Parameters
    ----------
    path : path
    model : fitted estimator
    what : str
        What is kept, such as "predictions": files of something else are refused.

    Raises
    ------
    OSError
        Where the file cannot be written, or holds something else.
    ValueError
        Where the model cannot be hashed.
    """

    def __init__(self, path, model, what):
        self.path = Path(path)
        check_writable(self.path, "the journal")
        self._what = what
        self._head = {
            "kind": f"skaudio {what}",
            "model": model_hash(model),
            "version": __version__,
        }
        self._entries, self._is_begun = self._read()

    def done(self, file, span=None):
        """Return what was predicted of a clip, or None; None if its file has changed.

        Parameters
        ----------
        file : str
        span : pair of float or None
            Its seconds of the file; None is the whole file.
        """
        entry = self._entries.get((file, span))
        same = entry is not None and entry["state"] == file_state(file)
        return entry if same else None

    def add(self, entries):
        """Write more predictions; a disk that is full costs the journal, not the run.

        Parameters
        ----------
        entries : list of dict
            With ``file``, ``span`` unless it is the whole file, and what json can hold.
        """
        lines = [entry | {"state": file_state(entry["file"])} for entry in entries]
        if not self._is_begun:
            lines.insert(0, self._head)
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        try:
            with open(self.path, "a" if self._is_begun else "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            self._is_begun = True
        except OSError as error:
            warn_user(
                f"{self.path}: the predictions so far cannot be written "
                f"({error.strerror}): a stopped run would begin anew."
            )

    def _read(self):
        """Return the entries, and whether the file can be continued."""
        try:
            lines = self.path.read_text().splitlines()
        except FileNotFoundError:
            return {}, False
        except UnicodeDecodeError:
            lines = [""]
        entries = [_parsed(line) for line in lines]
        if entries and entries[0].get("kind") != self._head["kind"]:
            raise FileExistsError(
                f"{self.path}: holds something other than the {self._what} of a "
                "stopped run, expected another place for them: move that file away"
            )
        if not entries or entries[0] != self._head:
            return {}, False  # of another model or version: written anew
        # The last line may be half written: what follows must begin a new one.
        if lines[-1] and not entries[-1]:
            with open(self.path, "a") as file:
                file.write("\n")
        clips = [entry for entry in entries[1:] if "file" in entry]
        return {(one["file"], _span(one)): one for one in clips}, True


def _span(entry):
    span = entry.get("span")
    return span and tuple(span)


def _parsed(line):
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
