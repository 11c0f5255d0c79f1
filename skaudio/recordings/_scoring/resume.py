"""Which recordings of a folder of scores are done, and with which model."""

from collections import Counter

from skaudio._utils.counts import count
from skaudio._utils.hashing import file_state
from skaudio._utils.warn import warn_user
from skaudio.recordings._scoring.scores_folder import read_facts, scores_path


def find_done(output, files, own, verb="scored"):
    """Return the facts of scores that are there; warn of those that are made again.

    Parameters
    ----------
    output : path
        Folder of scores.
    files : list of str
        The recordings.
    own : dict
        What the scores depend on, beside the state of the recording.
    verb : str
        What is done with recordings.

    Returns
    -------
    done : dict of str to dict
        Facts by recording.

    Raises
    ------
    ValueError
        Where the folder holds something else of a recording.
    """
    done, changes = {}, Counter()
    for file in files:
        facts = read_facts(scores_path(output, file))
        if facts is None:
            continue
        if facts.get("kind") != own.get("kind"):
            other = facts.get("kind", "scores")
            raise ValueError(
                f"{output}: holds the {other} of {file}, expected another folder."
            )
        expected = own | file_state(file)
        names = [name for name, value in expected.items() if facts.get(name) != value]
        if not names:
            done[file] = facts | {"file": file}
            continue
        parts = {"size": "file", "mtime_ns": "file", "streams": "parameters"}
        changes[" and ".join(sorted({parts.get(name, name) for name in names}))] += 1
    if changes:
        listed = ", ".join(f"{what}: {n}" for what, n in changes.items())
        n_again = changes.total()
        warn_user(
            f"{output}: {n_again} of {count(len(files), 'recording')} "
            f"{'is' if n_again == 1 else 'are'} {verb} again, for what has changed "
            f"since ({listed})."
        )
    return done
