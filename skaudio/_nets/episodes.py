"""Episodes: small classification tasks drawn from the training rows."""

from typing import NamedTuple

import numpy as np

from skaudio._utils.warn import warn_user


class Episode(NamedTuple):
    """A few classes, with support clips for their prototypes and query clips."""

    support: np.ndarray  # rows
    support_labels: np.ndarray  # 0 to n_way - 1
    query: np.ndarray  # rows
    query_labels: np.ndarray


class Episodes:
    """Draw episodes in which no query clip is related to a support clip.

    Parameters
    ----------
    y : ndarray of int, shape (n,)
        Encoded classes, 0 to K - 1.
    related : ndarray of int, shape (n,)
        Rows of one number (one recording, copies) are never support and query of one
        episode, unless their class has no others.
    n_way, n_shot, n_query : int
        Classes per episode, and support and query clips per class, at most.
    """

    def __init__(self, y, related, n_way, n_shot, n_query):
        rows_of_class = [np.flatnonzero(y == label) for label in range(y.max() + 1)]
        self.classes = [rows for rows in rows_of_class if len(rows) > 1]
        # Classes of one clip are left out if two or more others remain.
        if len(self.classes) < 2:
            self.classes = rows_of_class
            warn_user(
                "Fewer than 2 classes have 2 clips: in training a single clip is "
                "both support and query, which trains little. Fit on more clips or "
                "other classes, and add these with partial_fit."
            )
        self.related = related
        self.n_way = min(n_way, len(self.classes))
        self.n_shot = n_shot
        self.n_query = n_query

    def draw(self, rng):
        """Draw one episode.

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
        groups = self.related[rows]
        names = rng.permutation(np.unique(groups))
        if len(names) == 1:
            groups, names = rows, rng.permutation(rows)
        share = self.n_shot / (self.n_shot + self.n_query)
        n_support = min(max(1, round(share * len(names))), len(names) - 1)
        in_support = np.isin(groups, names[:n_support])
        support, query = rows[in_support], rows[~in_support]
        return (
            rng.permutation(support)[: self.n_shot],
            rng.permutation(query)[: self.n_query],
        )
