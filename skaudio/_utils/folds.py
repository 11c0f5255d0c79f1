"""Numbers of folds that a set of clips allows."""

import numpy as np


def check_folds(y, groups, n_folds):
    """Raise where no class has as many groups of clips as there are folds.

    Parameters
    ----------
    y, groups : ndarray of shape (n,)
    n_folds : int

    Raises
    ------
    ValueError
    """
    labels, codes = np.unique(y, return_inverse=True)
    n_groups = [len(np.unique(groups[codes == code])) for code in range(len(labels))]
    if max(n_groups) < n_folds:
        most = int(np.argmax(n_groups))
        raise ValueError(
            f"cv={n_folds}: expected at most as many folds as a class has groups of "
            f"clips; {labels[most]} has the most, {n_groups[most]}."
        )
