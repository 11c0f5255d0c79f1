"""Scores per class and confusion matrices, row by row for the template."""

import pandas as pd

SCORES = ("precision", "recall", "f1")


def class_rows(reports, labels):
    """Put the scores of each class side by side.

    Parameters
    ----------
    reports : list of Report
    labels : list of str

    Returns
    -------
    rows : list of dict
        ``label``, ``support`` (from the first report that has the class; over repeats
        it counts predictions) and ``scores``: for each report precision, recall and F1,
        or None where it does not have the class.
    """
    tables = [_by_text(report.per_class) for report in reports]
    rows = []
    for label in labels:
        known = [table.loc[label] if label in table.index else None for table in tables]
        supports = [int(row["support"]) for row in known if row is not None]
        rows.append(
            {
                "label": label,
                "support": supports[0] if supports else 0,
                "scores": [
                    None if row is None else [float(row[score]) for score in SCORES]
                    for row in known
                ],
            }
        )
    return [row for row in rows if any(row["scores"])]


def confusion_rows(report, labels):
    """List the rows of a confusion matrix with the content of each cell.

    Parameters
    ----------
    report : Report
    labels : list of str
        Cells refer to labels by their index in this list, as in `list_cells`.

    Returns
    -------
    matrix : dict
        ``columns`` (labels), ``n`` (number of predictions), and ``rows``: each a label
        and its cells (count, per cent of the row, whether on the diagonal, key).
    """
    table = _by_text(report.confusion)
    table.columns = table.columns.map(str)
    places = {label: place for place, label in enumerate(labels)}
    rows = []
    for true, counts in table.iterrows():
        total = max(int(counts.sum()), 1)
        cells = [
            (
                int(count),
                round(100 * count / total),
                true == predicted,
                f"{places[true]},{places[predicted]}" if count else "",
            )
            for predicted, count in counts.items()
        ]
        rows.append((true, cells))
    n = int(table.to_numpy().sum())
    return {"columns": list(table.columns), "rows": rows, "n": n}


def _by_text(table):
    return pd.DataFrame(table).set_axis(table.index.map(str), axis=0)
