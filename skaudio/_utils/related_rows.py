"""Rows that belong together because they share a value, a group or a copy."""

import hashlib

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def connect_rows(*keys, pairs=()):
    """Number the sets of rows that any of the keys or pairs connects.

    Parameters
    ----------
    *keys : sequences of length n
        Rows of equal value belong together; a missing value connects nothing.
    pairs : array-like of int, shape (n_pairs, 2)
        Further rows that belong together.

    Returns
    -------
    numbers : ndarray of int, shape (n,)
        From 0, in the order of first appearance.
    """
    n_rows = len(keys[0])
    # A graph whose nodes are the rows and the values; each row is connected with its
    # values.
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


def related_rows(X, groups):
    """Number the sets of rows that groups or equal values connect.

    Parameters
    ----------
    X : ndarray of shape (n, ...)
    groups : array-like of shape (n,) or None

    Returns
    -------
    numbers : ndarray of int, shape (n,)
        In the order of the rows' digests, so that folds do not depend on the order of
        the rows.
    """
    copies = [hashlib.blake2b(np.ascontiguousarray(row)).digest() for row in X]
    copies = np.unique(copies, return_inverse=True)[1]
    if groups is None:
        return copies
    groups = np.unique(np.asarray(groups), return_inverse=True)[1]
    order = np.argsort(copies, kind="stable")
    numbers = np.empty(len(X), dtype=int)
    numbers[order] = connect_rows(copies[order], groups[order])
    return numbers
