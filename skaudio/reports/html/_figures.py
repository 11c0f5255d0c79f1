"""Curves of a page, from the tables of reports to pictures."""

import numpy as np

from skaudio.metrics import reliability_curve
from skaudio.reports.html._svg import Line, line_picture

_DRAWN_FROM = 5  # predictions in a bin: the share of fewer is chance


def learning_pictures(reports):
    """Draw how the losses fell and the validation accuracy rose.

    Returns
    -------
    pictures : list of (title, number, svg)
        The accuracy of all models in one picture (``number`` None), then the losses of
        each that has a history.
    """
    told = [
        (number, report)
        for number, report in enumerate(reports)
        if report.history is not None and len(report.history)
    ]
    pictures = []
    lines = [
        line
        for number, report in told
        for line in _curves(report.history, {"valid_accuracy": False}, number)
    ]
    if lines:
        svg = _against_epochs(lines, (0, 1), "Validation accuracy by epoch")
        pictures.append(("Validation accuracy", None, svg))
    for number, report in told:
        lines = _curves(
            report.history, {"train_loss": True, "valid_loss": False}, number
        )
        if lines:
            highest = max(np.max(line.high) for line in lines)
            svg = _against_epochs(
                lines, (0, 1.05 * highest), f"Losses of {report.name} by epoch"
            )
            pictures.append((report.name, number, svg))
    return pictures


def _curves(history, columns, number):
    """Give the median and the range of the fits, while half of them still run."""
    lines = []
    for column, dashed in columns.items():
        if column not in history:
            continue
        table = history[["epoch", column]].astype(float)
        table = table[np.isfinite(table).all(axis=1)]
        epochs = table.groupby("epoch")[column]
        # Fits stop early: the last ones alone would bend the curve.
        running = epochs.size()
        running = running.index[running >= running.max() / 2] if len(table) else []
        if not len(running):
            continue
        low, middle, high = (
            epochs.quantile(share).loc[running].to_numpy() for share in (0, 0.5, 1)
        )
        lines.append(Line(running.to_numpy(), middle, number, low, high, dashed))
    return lines


def _against_epochs(lines, y_range, label):
    x_range = (min(line.x.min() for line in lines), max(line.x.max() for line in lines))
    return line_picture(lines, "epoch", x_range, y_range, label)


def robustness_picture(reports):
    """Draw the accuracy the noisier the clips are.

    Returns
    -------
    svg : Markup or None
        None where no report has the table.
    """
    told = [
        (number, report.robustness)
        for number, report in enumerate(reports)
        if report.robustness is not None
    ]
    if not told:
        return None
    levels = sorted({snr for _, table in told for snr in table["snr_db"]}, reverse=True)
    lines = []
    for number, table in told:
        # Evenly spaced, as the infinite SNR of clean clips has no place on a scale.
        at = np.array([levels.index(snr) for snr in table["snr_db"]], float)
        columns = ("accuracy", "accuracy_low", "accuracy_high")
        middle, low, high = (table[column].to_numpy() for column in columns)
        lines.append(Line(at, middle, number, low, high))
    names = [f"{snr:g}" if np.isfinite(snr) else "clean" for snr in levels]
    return line_picture(
        lines,
        "signal-to-noise ratio, dB",
        (0, max(len(levels) - 1, 1)),
        (0, 1),
        "Accuracy against the signal-to-noise ratio",
        x_ticks=dict(enumerate(names)),
    )


def reliability_picture(models):
    """Compare how sure the models are with how often they are right.

    Parameters
    ----------
    models : list of ScoredRows

    Returns
    -------
    svg : Markup or None
        None where no model gives probabilities.
    errors : list of float
        Expected calibration error of each model; NaN without probabilities.
    """
    lines, errors = [], []
    for number, rows in enumerate(models):
        known = np.isfinite(rows.sure)
        if not known.any():
            errors.append(float("nan"))
            continue
        right = rows.true == rows.predicted
        bins, error = reliability_curve(right[known], rows.sure[known])
        errors.append(error)
        drawn = bins[bins["n"] >= _DRAWN_FROM]
        sure, share = (drawn[name].to_numpy() for name in ("confidence", "accuracy"))
        weights = drawn["n"].to_numpy() / known.sum()
        lines.append(Line(sure, share, number, weights=weights))
    if not lines:
        return None, errors
    label = "Share of right predictions against the probability given"
    svg = line_picture(lines, "probability given", (0, 1), (0, 1), label, diagonal=True)
    return svg, errors
