"""Significance of a difference between two cross-validated models."""

import numpy as np
from scipy.stats import t as student_t


def corrected_t_test(differences, n_train, n_test):
    """Test the mean difference of two models over the folds of repeated splits.

    Folds share their training rows, so that the plain t-test finds differences where
    there are none; the variance is corrected for that.

    Parameters
    ----------
    differences : array-like of shape (n_folds * n_repeats,)
        Score of one model minus the score of the other, per fold.
    n_train, n_test : float
        Mean numbers of training and test rows per fold.

    Returns
    -------
    p : float
        Two-sided; 1 where all differences are 0.
    interval : (low, high)
        Of the mean difference, 95 %.

    References
    ----------
    C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 52
    (2003).

    Examples
    --------
    >>> from skaudio.metrics import corrected_t_test
    >>> p, (low, high) = corrected_t_test([0.05, 0.02, 0.04, 0.01, 0.03], 80, 20)
    >>> round(p, 3), round(low, 3), round(high, 3)
    (0.047, 0.001, 0.059)
    """
    differences = np.asarray(differences, float)
    n = len(differences)
    if n < 2:
        raise ValueError(f"{n} differences: expected at least 2 folds to compare.")
    mean = float(differences.mean())
    variance = differences.var(ddof=1) * (1 / n + n_test / n_train)
    if variance == 0:
        return (1.0 if mean == 0 else 0.0), (mean, mean)
    error = float(np.sqrt(variance))
    p = float(2 * student_t.sf(abs(mean) / error, df=n - 1))
    reach = float(student_t.ppf(0.975, df=n - 1)) * error
    return p, (mean - reach, mean + reach)
