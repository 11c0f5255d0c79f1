"""Random states: own generators, seeds of repeats, seeded estimators."""

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state


def own_random_state(random_state):
    """Return a generator that is not numpy's global one.

    Parameters
    ----------
    random_state : int, RandomState or None
        None is a new generator with fresh entropy. `check_random_state` would return
        numpy's global generator, and draws from it would change other code's results.

    Returns
    -------
    random_state : RandomState
    """
    if random_state is None:
        return np.random.RandomState()
    return check_random_state(random_state)


def first_seed(random_state):
    """Return the seed of the first repeat; the next repeats count up from it.

    Parameters
    ----------
    random_state : int, RandomState or None

    Returns
    -------
    seed : int
    """
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(own_random_state(random_state).randint(2**31 - 10**6))


def with_seed(estimator, seed):
    """Clone an estimator and set every ``random_state`` in it.

    Parameters
    ----------
    estimator : estimator
    seed : int

    Returns
    -------
    estimator : estimator
    """
    estimator = clone(estimator)
    names = [
        name
        for name in estimator.get_params()
        if name.rpartition("__")[2] == "random_state"
    ]
    return estimator.set_params(**dict.fromkeys(names, seed))
