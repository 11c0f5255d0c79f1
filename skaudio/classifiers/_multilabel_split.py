"""The validation rows where a clip may have several classes."""

import numpy as np

# Random orders that are tried: with one alone, the shares of the classes are twice as
# far from `validation_fraction`.
_N_ORDERS = 10


def hold_back(y, components, validation_fraction, random_state):
    """Choose validation rows that hold a share of each class, and all of none.

    Sets of related rows are visited in random order, those without any class last. One
    is held back if that leaves every class in training, and brings the shares of the
    classes and of the rows without any class nearer to the fraction. The best of
    several orders is taken.

    Parameters
    ----------
    y : ndarray of bool, shape (n, n_classes)
    components : ndarray of int, shape (n,)
        Numbers, from 0, of the sets of rows that stay together.
    validation_fraction : float in (0, 1)
    random_state : RandomState

    Returns
    -------
    rows : ndarray of int, or None
        None if no clip of any class can be held back.
    """
    strata = np.column_stack([y, ~y.any(axis=1)])
    counts = np.zeros((components.max() + 1, strata.shape[1]), int)
    np.add.at(counts, components, strata)
    total = counts.sum(axis=0)
    there = total > 0

    def choose(order):
        held, chosen, least = np.zeros_like(total), [], np.inf
        for component in order:
            more = held + counts[component]
            shares = more[there] / total[there]
            distance = np.abs(shares - validation_fraction).sum()
            leaves_all = ((more < total) | ~there)[:-1].all()
            if leaves_all and distance < least:
                held, least = more, distance
                chosen.append(component)
        return least, chosen

    without_class = ~counts[:, :-1].any(axis=1)
    orders = [random_state.permutation(len(counts)) for _ in range(_N_ORDERS)]
    tries = [
        choose(one[np.argsort(without_class[one], kind="stable")]) for one in orders
    ]
    _, chosen = min(tries, key=lambda one: one[0])
    rows = np.flatnonzero(np.isin(components, chosen))
    return rows if y[rows].any() else None
