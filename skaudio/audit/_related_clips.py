"""Find related clips: copies, or clips cut from one source recording."""

import os

import numpy as np
import pandas as pd

from skaudio._utils.related_rows import connect_rows
from skaudio._utils.sources import sources_of
from skaudio.audit._clip_facts import clip_facts
from skaudio.audit._near_copies import pairs_of_prepared, prepare

# From the closest relation to the loosest.
RELATIONS = ("exact copy", "near copy", "same source", "same group")
# What clips of a relation have in common; of near copies, a pair. Spans of one file are
# of one source.
_KEYS = (
    ("exact copy", "digest"),
    ("same source", "source"),
    ("same source", "file"),
    ("same group", "own_group"),
)


def inspect_related(clips, own_groups=None, *, near=True, n_jobs=None, verbose=0):
    """Inspect clips and find all relations between them.

    Parameters
    ----------
    clips : list of paths or table
        As `WavLoader` takes them.
    own_groups : array-like of shape (n,) or None, default=None
        Groups that the user gave; None in rows that have none.
    near : bool, default=True
        Whether to look for near copies.
    n_jobs : int or None, default=None
    verbose : int, default=0

    Returns
    -------
    facts : DataFrame
        As from `inspect_clips` with groups.
    pairs : DataFrame
        Near copies that are not exact ones, as from `near_copies`.
    """
    facts, prepared = clip_facts(
        clips, n_jobs, also=prepare if near else None, verbose=verbose
    )
    facts["source"], facts["source_from"] = sources_of(facts["file"], facts["sha256"])
    own = []
    if own_groups is not None:
        facts["own_group"] = own_groups
        own = [facts["own_group"]]
    pairs = pairs_of_prepared(prepared, n_jobs)
    digests = facts["digest"].to_numpy()
    exact = digests[pairs["i"]] == digests[pairs["j"]]
    pairs = pairs[~exact].reset_index(drop=True)
    facts["group"] = connect_rows(
        *(facts["file"], facts["digest"], facts["source"], *own),
        pairs=pairs[["i", "j"]],
    )
    return facts, pairs


def loaded_groups(clips):
    """Return the groups that a Bunch was loaded with, or None for each clip.

    Parameters
    ----------
    clips : Bunch

    Returns
    -------
    groups : list of n
    """
    frame = clips.get("frame")
    known = frame is not None and "own_group" in frame
    return frame["own_group"].tolist() if known else [None] * len(clips.data)


def list_leaks(train, test, pairs=None):
    """List the test clips that are leaked from training.

    Parameters
    ----------
    train, test : DataFrame
        With ``file``, ``digest``, ``source`` and, where there are groups of the user,
        ``own_group``; the index is the row number in `pairs`.
    pairs : DataFrame or None, default=None
        Near copies.

    Returns
    -------
    leaks : DataFrame
        One row per leaked test clip, in order: ``test_file``, ``relation`` (the
        closest), ``train_file`` (the first in this relation), ``n_related``.
    """
    related = {row: {name: set() for name in RELATIONS} for row in test.index}
    for relation, key in _KEYS:
        if key not in train or key not in test:
            continue
        trained, tested = train[key], test[key]
        if key == "file":
            trained, tested = trained.map(os.path.abspath), tested.map(os.path.abspath)
        known = trained.groupby(trained).groups
        for row, value in tested.items():
            if value in known:
                related[row][relation].update(known[value])
    if pairs is not None:
        ends = pairs[["i", "j"]].to_numpy()
        for row, other in np.concatenate([ends, ends[:, ::-1]]).tolist():
            if row in related and other in train.index:
                related[row]["near copy"].add(other)
    rows = []
    for row, by_relation in related.items():
        relation = next((name for name in RELATIONS if by_relation[name]), None)
        if relation:
            first = train.loc[min(by_relation[relation]), "file"]
            n_related = len(set().union(*by_relation.values()))
            rows.append((test.loc[row, "file"], relation, first, n_related))
    return pd.DataFrame(
        rows, columns=["test_file", "relation", "train_file", "n_related"]
    )
