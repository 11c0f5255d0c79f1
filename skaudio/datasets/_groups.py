"""Groups: clips that must never be split apart."""

import os
import re

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from skaudio._clips import as_clips
from skaudio.datasets._inspect import inspect_clips

_FREESOUND_NAME = re.compile(r"\d+-(\d+)-[A-Z]+(?:-\d+)?", re.ASCII)


def group_clips(clips, n_jobs=None):
    """Number the groups of clips that belong together.

    Clips share a group where they are spans of one file, where their decoded sound is
    identical (under any container, with any file name), or where Freesound-style file
    names, ``{fold}-{source}-{take}[-{target}].ext``, name the same source recording;
    and so do clips that are tied through others.

    Parameters
    ----------
    clips : list of paths or table
        As `WavLoader` takes them.
    n_jobs : int or None, default=None
        Threads that decode at once; -1 uses all cores.

    Returns
    -------
    groups : ndarray of int, shape (n,)
        From 0, in order of first appearance; ready for ``StratifiedGroupKFold``. A clip
        that cannot be read is tied by its name only.

    References
    ----------
    K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia
    (2015), for the file names.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skaudio.datasets import group_clips, make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = make_animal_sounds(2, n_classes=2, output_dir=folder, random_state=0)
    ...     files = sorted(Path(folder, "Training").rglob("*.wav"))
    ...     copy = files[0].with_name("copy.wav")
    ...     _ = copy.write_bytes(files[0].read_bytes())
    ...     groups = group_clips([*files, copy])
    >>> groups.tolist()
    [0, 1, 2, 3, 0]
    """
    clips = as_clips(clips)
    facts = inspect_clips(_table(clips), n_jobs=n_jobs)
    return tie(
        [clip.file for clip in clips],
        facts["digest"],
        [freesound_source(clip.file) for clip in clips],
    )


def freesound_source(path):
    """Give the source id of a Freesound-style file name, or None.

    >>> freesound_source("Dog/1-100032-A-0.wav")
    '100032'
    >>> freesound_source("Dog/Dog_49.wav") is None
    True
    """
    match = _FREESOUND_NAME.fullmatch(os.path.splitext(os.path.basename(path))[0])
    return match[1] if match else None


def tie(*keys):
    """Number the sets of rows that any of the keys ties together.

    Parameters
    ----------
    *keys : sequences of n values
        Rows with an equal value in one key are tied; None ties nothing.

    Returns
    -------
    groups : ndarray of int, shape (n,), from 0 in order of first appearance

    >>> tie(["a", "b", "a", "c"], [None, 1, None, 1]).tolist()
    [0, 1, 0, 1]
    """
    n_rows = len(keys[0])
    nodes, rows = {}, []
    for number, key in enumerate(keys):
        for row, value in enumerate(key):
            if value is not None:
                node = nodes.setdefault((number, value), n_rows + len(nodes))
                rows.append((row, node))
    n_nodes = n_rows + len(nodes)
    edges = np.array(rows, dtype=int).reshape(-1, 2).T
    graph = coo_array((np.ones(edges.shape[1]), tuple(edges)), shape=(n_nodes, n_nodes))
    labels = connected_components(graph, directed=False)[1][:n_rows]
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


def _table(clips):
    import pandas as pd

    return pd.DataFrame(clips, columns=["file", "start_time", "end_time"])
