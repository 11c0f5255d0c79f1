"""Which clips are kin: copies of one sound, or cut from one source recording."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from skaudio.datasets._inspect import inspect_clips
from skaudio.datasets._near_copies import near_copies
from skaudio.datasets._sources import sources_of

# From the closest relation to the loosest.
RELATIONS = ("exact copy", "near copy", "same source")


def inspect_kinship(clips, *, near=True, n_jobs=None):
    """Inspect clips and find all that ties them.

    Parameters
    ----------
    clips : list of paths or table
        As `WavLoader` takes them.
    near : bool, default=True
        Whether to look for near copies.
    n_jobs : int or None, default=None

    Returns
    -------
    facts : DataFrame
        As from `inspect_clips`, with ``source`` (Freesound id or None), ``told_by`` and
        ``group``.
    pairs : DataFrame
        Near copies that are not exact ones, as from `near_copies`.
    """
    facts = inspect_clips(clips, n_jobs=n_jobs)
    facts["source"], facts["told_by"] = sources_of(facts["file"], facts["sha256"])
    pairs = near_copies(clips if near else [], n_jobs=n_jobs)
    digests = facts["digest"].to_numpy()
    exact = digests[pairs["i"]] == digests[pairs["j"]]
    pairs = pairs[~exact].reset_index(drop=True)
    facts["group"] = tie(
        facts["file"], facts["digest"], facts["source"], pairs=pairs[["i", "j"]]
    )
    return facts, pairs


def kin_across(train, test, pairs=None):
    """List the test clips that have kin in training.

    Parameters
    ----------
    train, test : DataFrame
        With ``file``, ``digest`` and ``source``; the index of each row is its number in
        `pairs`.
    pairs : DataFrame or None, default=None
        Near copies.

    Returns
    -------
    kin : DataFrame
        One row a test clip, in order: ``test_file``, ``relation`` (its closest),
        ``train_file`` (the first such relative), ``n_relatives`` of any relation.
    """
    relatives = {row: {name: set() for name in RELATIONS} for row in test.index}
    for relation, key in (("exact copy", "digest"), ("same source", "source")):
        known = train[train[key].notna()].groupby(key).groups
        for row, value in test[key].items():
            if value in known:
                relatives[row][relation].update(known[value])
    if pairs is not None:
        ends = pairs[["i", "j"]].to_numpy()
        for row, other in np.concatenate([ends, ends[:, ::-1]]).tolist():
            if row in relatives and other in train.index:
                relatives[row]["near copy"].add(other)
    rows = []
    for row, by_relation in relatives.items():
        relation = next((name for name in RELATIONS if by_relation[name]), None)
        if relation:
            first = train.loc[min(by_relation[relation]), "file"]
            n_relatives = len(set().union(*by_relation.values()))
            rows.append((test.loc[row, "file"], relation, first, n_relatives))
    return pd.DataFrame(
        rows, columns=["test_file", "relation", "train_file", "n_relatives"]
    )


def tie(*keys, pairs=()):
    """Number the sets of rows that any of the keys or pairs ties together.

    Parameters
    ----------
    *keys : sequences of n values
        Rows with an equal value in one key are tied; None and NaN tie nothing.
    pairs : array-like of shape (n_pairs, 2), default=()
        Row numbers that are tied.

    Returns
    -------
    groups : ndarray of int, shape (n,), from 0 in order of first appearance

    >>> tie(["a", "b", "a", "c"], [None, 1, None, 1]).tolist()
    [0, 1, 0, 1]
    >>> tie([None, None, None], pairs=[(2, 0)]).tolist()
    [0, 1, 0]
    """
    n_rows = len(keys[0])
    nodes, edges = {}, [tuple(pair) for pair in np.asarray(pairs).reshape(-1, 2)]
    for number, key in enumerate(keys):
        for row, value in enumerate(key):
            if not pd.isna(value):
                node = nodes.setdefault((number, value), n_rows + len(nodes))
                edges.append((row, node))
    n_nodes = n_rows + len(nodes)
    ends = np.array(edges, dtype=int).reshape(-1, 2).T
    graph = coo_array((np.ones(ends.shape[1]), tuple(ends)), shape=(n_nodes, n_nodes))
    labels = connected_components(graph, directed=False)[1][:n_rows]
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]
