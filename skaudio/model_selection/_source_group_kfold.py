"""Folds whose test clips all have a known source recording."""

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from skaudio._utils.clips import as_clips
from skaudio._utils.hashing import sha256_of
from skaudio._utils.labels import as_groups, as_labels
from skaudio._utils.sources import sources_of
from skaudio.audit import group_clips


class SourceGroupKFold(StratifiedGroupKFold):
    """Grouped folds in which the source recording of every test clip is known.

    A source is in one fold only. A clip whose source is unknown may come from any
    recording: it is trained on but never scored.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=True
        Whether to shuffle the clips of each class before splitting.
    random_state : int, RandomState or None, default=None
        Seeds the shuffle.

    See Also
    --------
    sklearn.model_selection.StratifiedGroupKFold : Scores every clip.

    Notes
    -----
    `X` lists clips: paths, or a table with the column ``file``. The source is known
    where a file has a Freesound-style name, such as 1-100032-A-0.wav, or is a public
    clip whose sha256 is in the registry of skaudio.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.model_selection import SourceGroupKFold
    >>> files = [f"1-{source}-A.wav" for source in range(4)] + ["own.wav"]
    >>> folds = SourceGroupKFold(n_splits=2, random_state=0)
    >>> splits = list(folds.split(files, list("ababa"), groups=range(5)))
    >>> sorted(np.concatenate([test for _, test in splits]).tolist())
    [0, 1, 2, 3]
    """

    def __init__(self, n_splits=5, shuffle=True, random_state=None):
        super().__init__(n_splits=n_splits, shuffle=shuffle, random_state=random_state)

    def split(self, X, y, groups=None):
        """Yield the rows of each fold.

        Parameters
        ----------
        X : list of paths or table of clips, of length n
        y : array-like of shape (n,)
            Labels.
        groups : array-like of shape (n,) or None, default=None
            None finds them with `group_clips`.

        Yields
        ------
        train, test : ndarray of int
            Row numbers.

        Raises
        ------
        ValueError
            Where `X` lists no clips, or fewer than `n_splits` groups have a known
            source.
        """
        files = [clip.file for clip in as_clips(X)]
        y = as_labels(y)
        groups = as_groups(group_clips(X) if groups is None else groups, len(files))
        sources, _ = sources_of(files, [sha256_of(file) for file in files])
        known = np.array([source is not None for source in sources])
        n_known = len(np.unique(groups[known]))
        if n_known < self.n_splits:
            raise ValueError(
                f"The sources of only {n_known} groups of clips are known: expected at "
                f"least n_splits={self.n_splits}. Pass a smaller n_splits, or use "
                "StratifiedGroupKFold."
            )
        rows = np.flatnonzero(known)
        for _, part in super().split(rows, y[rows], groups[rows]):
            test = rows[part]
            # A test group may also hold clips of unknown source: they do not train.
            train = np.flatnonzero(~np.isin(groups, groups[test]))
            yield train, test
