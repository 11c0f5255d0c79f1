"""The scores of many models as a table to read, one row per model."""

import numpy as np
import pandas as pd

from skaudio._utils.tables import seconds_text
from skaudio.reports._splits import model_names, splits_of

_SHOWN = ("macro_f1",)  # beside the main score


def scores_by_model(reports):
    """Put the scores of models side by side as text, as the page does.

    Parameters
    ----------
    reports : list of Report
        For each model (by name) a cross-validation, a held-out report, or both.

    Returns
    -------
    table : DataFrame of str
        One row per model. The columns have two levels: the clips, with their number
        ("Cross-validation (590)", "Test, all clips (65)", "Test, without leaked clips
        (49)"), and the score. The main one is given with its 95 % interval: the
        accuracy, or where clips have several classes the macro average precision. The
        last two columns are the median time of a fit, without decoding and embeddings
        that are computed once before all fits, and the number of parameters.

    See Also
    --------
    report_table : The numbers.
    write_html : The page.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.reports import report_on, scores_by_model
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.arange(40.0)[:, None], np.repeat(["cat", "cow"], 20)
    >>> report = report_on(LogisticRegression().fit(X, y), X, y, name="logistic")
    >>> scores_by_model([report])["Test (40)"]
                      accuracy macro F1
    logistic  1.000 (0.91-1.00)    1.000
    """
    columns = {}
    for split in splits_of(reports):
        title = f"{split.title} ({split.n_clips})"
        for score in (split.known[0].main_score, *_SHOWN):
            heading = score.replace("_", " ").replace("f1", "F1")
            is_main = score == split.known[0].main_score
            columns[title, heading] = [
                _score(report, score, is_main) for report in split.reports
            ]
    names = model_names(reports)
    first = [next(one for one in reports if str(one.name) == name) for name in names]
    columns["", "fit"] = [_seconds(report.times["fit_seconds"]) for report in first]
    columns["", "parameters"] = [_size(report.n_parameters) for report in first]
    return pd.DataFrame(columns, index=names)


def _score(report, score, with_interval):
    if report is None or score not in report.summary.index:
        return ""
    value, low, high = report.summary.loc[score, ["value", "low", "high"]]
    return f"{value:.3f}" + (f" ({low:.2f}-{high:.2f})" if with_interval else "")


def _seconds(times):
    seconds = times.median() if len(times) else np.nan
    return seconds_text(seconds) if np.isfinite(seconds) else ""


def _size(n_parameters):
    if n_parameters is None or np.isnan(n_parameters):
        return ""
    return f"{n_parameters / 1e6:.2f} M"
