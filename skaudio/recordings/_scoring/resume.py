"""Which recordings of a folder of scores are done, and with which model."""

import copy
from collections import Counter

import joblib

from skaudio._utils.exported import is_exported
from skaudio._utils.warn import warn_user
from skaudio.recordings._scoring.score_recording import file_state
from skaudio.recordings._scoring.scores_folder import read_facts, scores_path

# Parameters of estimators on which no score depends.
_OF_NO_ACCOUNT = ("n_jobs", "n_threads", "verbose", "cache_dir")


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
        warn_user(
            f"{output}: {changes.total()} of {len(files)} recordings are {verb} again, "
            f"for what has changed since ({listed})."
        )
    return done


def model_hash(model, instead="pass model_id, by which its scores are known"):
    """Hash a fitted model, whatever its number of jobs; the same in all processes.

    Parameters
    ----------
    model : fitted estimator
    instead : str
        What to do where it cannot be hashed.

    Returns
    -------
    digest : str

    Raises
    ------
    ValueError
        Where it cannot be pickled.
    """
    if is_exported(model):
        return str(model.facts["model"])
    try:
        model = copy.deepcopy(model)
        names = [
            name
            for name in model.get_params()
            if name.rpartition("__")[2] in _OF_NO_ACCOUNT
        ]
        return joblib.hash(model.set_params(**dict.fromkeys(names)))
    except Exception as error:  # whatever the model's own classes may raise
        raise ValueError(
            f"The {type(model).__name__} cannot be hashed ({error}): {instead}."
        ) from error
