"""A folder of scores: a Parquet file per recording, and a journal."""

import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from skaudio._utils.atomic import atomic_write, write_text
from skaudio._utils.optional import import_optional
from skaudio.recordings._scoring.class_columns import class_columns
from skaudio.recordings._scoring.score_recording import INDEX, ScoredRecording

JOURNAL = "journal.jsonl"
FACTS = b"skaudio"


def scores_path(folder, file):
    """Return the path of the scores of a recording.

    Recordings of one name in two folders have two.
    """
    place = os.fsencode(os.path.abspath(file))
    digest = hashlib.blake2b(place, digest_size=5).hexdigest()
    stem = os.fsencode(Path(file).stem)[:100].decode("ascii", "replace")
    stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in stem)
    return Path(folder, f"{stem}-{digest}.parquet")


def write_scores(path, scored, classes):
    """Write the scores of a recording, whole or not at all.

    Parameters
    ----------
    path : path
        As of `scores_path`.
    scored : ScoredRecording
        Its facts are written into the file, so that neither is without the other.
    classes : list
        Labels, of one type each.

    Raises
    ------
    OSError
        Where the file cannot be written, naming it and the reason.
    """
    pa, parquet = pyarrow()
    facts = scored.facts | {"classes": classes}
    n_windows = len(scored.times)
    columns = [named_column(pa, facts["file"], n_windows)]
    columns += [pa.array(column) for column in (*scored.times.T, *scored.scores.T)]
    metadata = {FACTS: json.dumps(facts)}
    names = [*INDEX, *map(str, class_columns(classes, INDEX))]
    schema = pa.schema(
        [(name, column.type) for name, column in zip(names, columns, strict=True)],
        metadata=metadata,
    )
    table = pa.Table.from_arrays(columns, schema=schema)
    with atomic_write(path, "the scores") as file:
        parquet.write_table(table, file)


def read_facts(path):
    """Return the facts of a recording from the file of its scores.

    Parameters
    ----------
    path : path

    Returns
    -------
    facts : dict or None
        None where there is no such file, or it is of another kind.
    """
    pa, parquet = pyarrow()
    try:
        return json.loads(parquet.read_schema(path).metadata[FACTS])
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        return None


def read_scores(folder):
    """Read the scores that `score_recordings` wrote into a folder.

    Parameters
    ----------
    folder : path

    Returns
    -------
    scores : DataFrame
        A clip table: index ``file``, ``start_time``, ``end_time`` (seconds), one
        float32 column per class; NaN for windows that failed. Sorted by file.

    Raises
    ------
    ValueError
        Where there are no scores, or those of models with other classes.

    See Also
    --------
    read_journal : What became of each recording.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.recordings import read_scores
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read_scores(folder)
    Traceback (most recent call last):
        ...
    ValueError: ...: no scores in it: expected Parquet files of score_recordings.
    """
    paths = sorted(Path(folder).glob("*.parquet"))
    facts = {path: one for path in paths if (one := read_facts(path)) is not None}
    facts = {path: one for path, one in facts.items() if "classes" in one}
    if not facts:
        raise ValueError(
            f"{folder}: no scores in it: expected Parquet files of score_recordings."
        )
    kinds = Counter(
        json.dumps([one.get("model"), one.get("parameters")]) for one in facts.values()
    )
    if len(kinds) > 1:
        counts = " and ".join(str(n) for _, n in kinds.most_common())
        raise ValueError(
            f"{folder}: has scores of {len(kinds)} models or parameters ({counts} "
            "recordings): expected one; run score_recordings again on all of them, or "
            "into another folder."
        )
    named = sorted((one["file"], path) for path, one in facts.items())
    return read_score_files(dict(named), one["classes"])


def read_score_files(paths, classes):
    """Read the scores of some recordings.

    Parameters
    ----------
    paths : dict of str to path
        By the name of each recording in the table.
    classes : list

    Returns
    -------
    scores : DataFrame
    """
    _, parquet = pyarrow()
    scored = []
    for file, path in paths.items():
        table = parquet.read_table(path)
        start, end, *columns = (column.to_numpy() for column in table.columns[1:])
        scores = np.column_stack(columns).astype(np.float32)
        scored.append(
            ScoredRecording({"file": file}, np.column_stack([start, end]), scores)
        )
    return scores_table(scored, classes)


def scores_table(scored, classes):
    """Make a clip table of the scores of several recordings.

    Parameters
    ----------
    scored : list of ScoredRecording
    classes : list

    Returns
    -------
    scores : DataFrame
    """
    times = np.concatenate([np.zeros((0, 2)), *(one.times for one in scored)])
    none = np.zeros((0, len(classes)), np.float32)
    scores = np.concatenate([none, *(one.scores for one in scored)])
    files = np.array([one.facts["file"] for one in scored], dtype=object)
    files = np.repeat(files, [len(one.times) for one in scored])
    index = pd.MultiIndex.from_arrays([files, *times.T], names=INDEX)
    return pd.DataFrame(scores, index=index, columns=classes)


def read_journal(folder):
    """Read what became of each recording that `score_recordings` scored into a folder.

    Parameters
    ----------
    folder : path

    Returns
    -------
    journal : DataFrame
        A row per recording, sorted by ``file``: ``outcome`` ("scored"; "partly", where
        windows failed; "failed", where it could not be opened), ``reason``,
        ``duration`` (seconds that the file holds), ``start_time`` and ``end_time`` of
        the span that was asked for, ``seconds_scored``, ``n_windows``, ``n_failed``,
        ``failed`` (list of ``[start, end, reason]``), ``odd`` (list of str), ``size``
        and ``mtime_ns`` of the file, ``source_rate`` (Hz), ``channel``, ``model``,
        ``parameters``, ``version``, ``scores`` (the name of the file of scores).

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.recordings import read_journal
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read_journal(folder)["outcome"].tolist()
    []
    """
    rows = journal_rows(folder)
    for row in rows:  # names that are no text, which no table can hold
        row["file"] = row["file"].encode("utf-8", "backslashreplace").decode()
    return pd.DataFrame(rows, columns=None if rows else ["file", "outcome"])


def write_journal(folder, failures):
    """Write the journal of a folder: the facts of its scores, and what failed.

    Parameters
    ----------
    folder : path
    failures : list of dict
        Of recordings that have no scores, from this run.
    """
    lines = [json.dumps(row) for row in journal_rows(folder, failures)]
    write_text(Path(folder, JOURNAL), "".join(f"{line}\n" for line in lines))


def journal_rows(folder, failures=()):
    """List the facts of all recordings, also of scores that no journal lists yet."""
    rows = {}
    path = Path(folder, JOURNAL)
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    for row in [*map(json.loads, lines), *failures]:
        if row["outcome"] == "failed":
            rows[scores_path(folder, row["file"])] = row
    for path in Path(folder).glob("*.parquet"):
        facts = read_facts(path)
        if facts is not None:
            rows[path] = facts | {"scores": path.name}
    return sorted(rows.values(), key=lambda row: row["file"])


def named_column(pa, file, n_rows):
    """Make the column of a recording's name, as text that every table can hold."""
    name = file.encode("utf-8", "backslashreplace").decode()
    return pa.DictionaryArray.from_arrays(np.zeros(n_rows, np.int8), [name])


def pyarrow():
    """Import pyarrow and its Parquet module."""
    pa = import_optional("pyarrow", "pyarrow", "recordings")
    return pa, import_optional("pyarrow.parquet", "pyarrow", "recordings")
