"""Scores per class and confusion matrices, row by row for the template."""

import pandas as pd


def class_table(split, labels):
    """Put the scores of each class side by side, for the clips of one split.

    Parameters
    ----------
    split : Split
    labels : list of str

    Returns
    -------
    table : dict
        ``scores``, the names of the scores, the main one last; and ``rows``: for each
        class ``label``, ``support`` (clips of the class; over repeats predictions), and
        ``scores``: for each model a value per name, or None where it does not have the
        class.
    """
    tables = [
        None if report is None else _by_text(report.per_class)
        for report in split.reports
    ]
    names = split.known[0].class_score_names
    rows = []
    for label in labels:
        known = [
            table.loc[label] if table is not None and label in table.index else None
            for table in tables
        ]
        supports = [int(row["support"]) for row in known if row is not None]
        if supports:
            scores = [
                None if row is None else [float(row[score]) for score in names]
                for row in known
            ]
            rows.append({"label": label, "support": supports[0], "scores": scores})
    return {"scores": names, "rows": rows}


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
