"""Episodes: small classification tasks drawn from the training rows."""

import warnings
from typing import NamedTuple

import numpy as np


class Episode(NamedTuple):
    """A few classes: clips that make their prototypes, and clips to find them by."""

    support: np.ndarray  # rows
    support_labels: np.ndarray  # 0 to n_way - 1
    query: np.ndarray  # rows
    query_labels: np.ndarray


class Episodes:
    """Draw episodes in which no query clip is kin of a support clip.

    Parameters
    ----------
    y : ndarray of int, shape (n,)
        Encoded classes, 0 to K - 1.
    ties : ndarray of int, shape (n,)
        Rows that are equal here (one recording, copies) are never on both sides, unless
        they are all that a class has.
    n_way, n_shot, n_query : int
        Classes, and support and query clips of each; fewer where there are fewer.
    """

    def __init__(self, y, ties, n_way, n_shot, n_query):
        rows_of_class = [np.flatnonzero(y == label) for label in range(y.max() + 1)]
        self.classes = [rows for rows in rows_of_class if len(rows) > 1]
        # A class of one clip sits out, where enough others are there to learn from.
        if len(self.classes) < 2:
            self.classes = rows_of_class
            warnings.warn(
                "Fewer than 2 classes have 2 clips: a single clip is support and "
                "query at once in training, which teaches little. Fit on more clips "
                "or other classes, and add these with partial_fit.",
                stacklevel=4,
            )
        self.ties = ties
        self.n_way = min(n_way, len(self.classes))
        self.n_shot = n_shot
        self.n_query = n_query

    def draw(self, rng):
        """Draw one.

        Parameters
        ----------
        rng : numpy.random.Generator

        Returns
        -------
        episode : Episode
        """
        chosen = rng.choice(len(self.classes), self.n_way, replace=False)
        support, query = zip(
            *(self._sides(self.classes[place], rng) for place in chosen), strict=True
        )
        return Episode(
            np.concatenate(support),
            np.repeat(np.arange(self.n_way), [len(rows) for rows in support]),
            np.concatenate(query),
            np.repeat(np.arange(self.n_way), [len(rows) for rows in query]),
        )

    def _sides(self, rows, rng):
        if len(rows) == 1:
            return rows, rows
        units = self.ties[rows]
        names = rng.permutation(np.unique(units))
        if len(names) == 1:
            units, names = rows, rng.permutation(rows)
        share = self.n_shot / (self.n_shot + self.n_query)
        n_support = min(max(1, round(share * len(names))), len(names) - 1)
        in_support = np.isin(units, names[:n_support])
        support, query = rows[in_support], rows[~in_support]
        return (
            rng.permutation(support)[: self.n_shot],
            rng.permutation(query)[: self.n_query],
        )
