"""Reports of many models as one table, one row per model."""

import numpy as np
import pandas as pd

from skaudio._utils.tables import summary_row


def report_table(reports):
    """Put the scores of many models into one table.

    Parameters
    ----------
    reports : list of Report
        For each model (by name) a cross-validation, a held-out report, or both.

    Returns
    -------
    table : DataFrame
        One row per model, in the order of the reports. Where clips have several
        classes, the scores are those of `MultilabelReport`, and
        ``macro_average_precision`` stands for the accuracy. Else the columns are

        - ``accuracy``, ``weighted_f1``, ``macro_f1``, ``balanced_accuracy`` of the
          cross-validation, each with ``_low`` and ``_high``, its 95 % interval;
        - ``fit_seconds``, the median over all fits, and ``n_parameters``;
        - the same scores on held-out clips with the prefix ``test_``, medians over the
          seeds, with ``test_accuracy_min`` and ``test_accuracy_max`` over the seeds and
          ``test_accuracy_unleaked`` without leaked test clips.

        ``attrs`` holds ``n_clips``, ``n_groups``, ``n_test`` and ``n_leaked``, None
        where they are not known.

    Raises
    ------
    ValueError
        Where two reports have the same name and kind.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.reports import report_on, report_table
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.arange(40.0)[:, None], np.repeat(["cat", "cow"], 20)
    >>> report = report_on(LogisticRegression().fit(X, y), X, y, name="logistic")
    >>> table = report_table([report])
    >>> float(table.loc["logistic", "test_accuracy"])
    1.0
    """
    rows = {}
    attrs = dict.fromkeys(("n_clips", "n_groups", "n_test", "n_leaked"))
    for name in dict.fromkeys(report.name for report in reports):
        own = {report.kind: report for report in reports if report.name == name}
        if len(own) < sum(report.name == name for report in reports):
            raise ValueError(
                f"{name!r} has more than one report of one kind: expected one "
                "cross-validation and one held-out report at most, pass name= where "
                "they are made."
            )
        folds, test = own.get("cross-validation"), own.get("held-out")
        row = {}
        if folds is not None:
            row |= summary_row(folds.summary)
            attrs["n_clips"] = folds.facts["n_clips"]
            attrs["n_groups"] = folds.facts["n_groups"]
        seconds = pd.concat([report.times["fit_seconds"] for report in own.values()])
        row["fit_seconds"] = float(seconds.median()) if len(seconds) else np.nan
        row["n_parameters"] = next(iter(own.values())).n_parameters
        if test is not None:
            row |= _test_scores(test)
            attrs["n_test"] = test.facts["n_clips"]
            attrs["n_leaked"] = None if test.leaks is None else len(test.leaks)
        rows[name] = row
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("pipeline")
    table.attrs = attrs
    return table


def _test_scores(report):
    scores = report.summary["value"].to_dict()
    main, seeds = report.main_score, report.per_repeat[report.main_score]
    row = scores | {f"{main}_min": seeds.min(), f"{main}_max": seeds.max()}
    return {f"test_{name}": float(value) for name, value in row.items()}
