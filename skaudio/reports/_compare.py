"""Significance tests of the differences between models on the same clips."""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from skaudio._utils.names import by_report_name
from skaudio.metrics import (
    average_precision_difference,
    corrected_t_test,
    paired_difference_interval,
)
from skaudio.reports._predictions import by_repeat, prefixed


def compare(reports):
    """Test the differences between models, pair by pair.

    The differences are in accuracy, of `MultilabelReport` in macro average precision.

    Parameters
    ----------
    reports : list of Report
        At least two, of one kind, on the same clips; cross-validations also with the
        same folds.

    Returns
    -------
    table : DataFrame
        One row per pair: ``model``, ``other``, ``difference`` (``model`` minus
        ``other``) with ``low`` and ``high`` (95 %), ``p``, ``p_holm``,
        ``test`` and ``verdict``: "tie", or "<name> is better" where ``p_holm`` is below
        0.05.

    Raises
    ------
    ValueError
        Where reports share a name, or differ in their clips or folds.

    See Also
    --------
    corrected_t_test : The test of cross-validations.

    Notes
    -----
    Cross-validations are compared by the accuracies of their folds and repeats, with
    Nadeau and Bengio's correction for the training rows that folds share [1]_; the
    difference is the mean over folds; two folds give no interval (NaN). Held-out
    reports are compared by McNemar's test [2]_ in its exact, binomial form, on the
    clips that only one of the two models classifies correctly. Over several seeds, a
    clip counts as correct where most seeds classify it correctly. Their interval is
    Newcombe's for paired proportions (see `paired_difference_interval`). The test is
    the more cautious of the two: a tie whose interval just excludes 0 is one on the
    border. Test and interval treat clips as independent: with many clips per source,
    they find too many differences. Held-out reports of clips of several classes are
    compared by a bootstrap over groups (see `average_precision_difference`).

    ``p`` is not corrected. Of many pairs, some differ by chance: ``p_holm`` and the
    verdict are corrected for the number of pairs by Holm's method [3]_. A tie does not
    mean that models are equal; the interval gives how much they may differ.

    References
    ----------
    .. [1] C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine
       Learning 52 (2003).
    .. [2] Q. McNemar, "Note on the sampling error of the difference between correlated
       proportions or percentages", Psychometrika 12 (1947).
    .. [3] S. Holm, "A simple sequentially rejective multiple test procedure",
       Scandinavian Journal of Statistics 6 (1979).

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.reports import compare, report_on
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.arange(40.0)[:, None], np.repeat(["cat", "cow"], 20)
    >>> models = LogisticRegression().fit(X, y), DummyClassifier().fit(X, y)
    >>> table = compare([report_on(model, X, y) for model in models])
    >>> table[["difference", "test", "verdict"]]
       difference     test                       verdict
    0         0.5  McNemar  LogisticRegression is better
    """
    reports = by_report_name(reports)
    if len(reports) < 2:
        raise ValueError(f"{list(reports)}: expected at least 2 reports to compare.")
    rows = []
    for (name, one), (other_name, other) in combinations(reports.items(), 2):
        _check_paired(one, other)
        test = _corrected_t
        if one.kind == "held-out":
            test = _mcnemar if "true" in one.predictions else _bootstrap
        rows.append({"model": name, "other": other_name, **test(one, other)})
    table = pd.DataFrame(rows)
    table.insert(6, "p_holm", _holm(table["p"].to_numpy()))
    better = table["model"].where(table["difference"] > 0, table["other"])
    table["verdict"] = (better + " is better").where(table["p_holm"] < 0.05, "tie")
    return table


def _check_paired(one, other):
    if one.kind != other.kind:
        raise ValueError(
            f"{one.name} is a {one.kind} report, {other.name} a {other.kind} one: "
            "expected reports of one kind."
        )
    if type(one) is not type(other):
        raise ValueError(
            f"{one.name} and {other.name}: expected labels of one kind, one per clip "
            "or an indicator matrix."
        )
    columns = ["repeat", "fold", "row", "file", "start_time", "end_time", "true"]
    columns += prefixed("true", one.classes)
    scored, others = (
        report.predictions.reindex(columns=columns).astype(object)
        for report in (one, other)
    )
    if not scored.equals(others):
        raise ValueError(
            f"{one.name} and {other.name} were scored on different clips or folds: "
            "expected the same X, y, groups, cv, n_repeats and random_state (an "
            "integer)."
        )


def _corrected_t(one, other):
    differences = (one.per_fold - other.per_fold).dropna()
    n_test = len(one.predictions) / len(one.per_fold)
    p, interval = corrected_t_test(differences, one.facts["n_train"], n_test)
    # Of few folds the interval of the t-test is wider than scores are; of two it is
    # nothing but that.
    low, high = np.clip(interval, -1, 1).tolist()
    if len(differences) < 3:
        low = high = np.nan
    return {
        "difference": differences.mean(),
        "low": low,
        "high": high,
        "p": p,
        "test": "corrected t",
    }


def _mcnemar(one, other):
    hits, other_hits = (
        # Over several seeds a clip counts once, by the majority of the seeds.
        (_hits(report).groupby(report.predictions["row"]).mean() > 0.5).astype(int)
        for report in (one, other)
    )
    n_won, n_lost = int((hits > other_hits).sum()), int((hits < other_hits).sum())
    n_both = int((hits & other_hits).sum())
    n_neither = len(hits) - n_both - n_won - n_lost
    low, high = paired_difference_interval(n_both, n_won, n_lost, n_neither)
    n_discordant = n_won + n_lost
    return {
        "difference": (n_won - n_lost) / len(hits),
        "low": low,
        "high": high,
        "p": float(binomtest(n_won, n_discordant).pvalue) if n_discordant else 1.0,
        "test": "McNemar",
    }


def _bootstrap(one, other):
    y, scores, _, groups = by_repeat(one.predictions, one.classes)
    others = by_repeat(other.predictions, other.classes)[1]
    if scores is None or others is None:
        name = one.name if scores is None else other.name
        raise ValueError(
            f"{name} gives neither probabilities nor decisions: its average precision "
            "is not known."
        )
    difference, (low, high), p = average_precision_difference(y, scores, others, groups)
    return {
        "difference": difference,
        "low": low,
        "high": high,
        "p": p,
        "test": "bootstrap",
    }


def _hits(report):
    return (report.predictions["true"] == report.predictions["predicted"]).astype(int)


def _holm(p):
    """Correct p-values for their number by Holm's step-down method."""
    order = np.argsort(p)
    factors = np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.maximum.accumulate(p[order] * factors)
    return np.minimum(corrected, 1.0)
