"""The curves of a page, drawn from the tables of reports."""

import numpy as np

from skaudio.reports.html._svg import Line, line_figure

_LEAST_IN_BIN = 5  # predictions; bins with fewer are not drawn


def learning_figures(reports):
    """Draw losses and validation accuracy by epoch.

    Parameters
    ----------
    reports : list of Report or None
        One per model.

    Returns
    -------
    figures : list of (title, number, svg)
        The accuracies of all models in one figure (``number`` None), then the losses
        of each model that has a history.
    """
    with_history = [
        (number, report)
        for number, report in enumerate(reports)
        if report is not None and report.history is not None and len(report.history)
    ]
    figures = []
    lines = [
        line
        for number, report in with_history
        for line in _curves(report.history, {"valid_accuracy": False}, number)
    ]
    if lines:
        svg = _against_epochs(lines, (0, 1), "Validation accuracy by epoch")
        figures.append(("Validation accuracy", None, svg))
    for number, report in with_history:
        lines = _curves(
            report.history, {"train_loss": True, "valid_loss": False}, number
        )
        if lines:
            highest = max(np.max(line.high) for line in lines)
            svg = _against_epochs(
                lines, (0, 1.05 * highest), f"Losses of {report.name} by epoch"
            )
            figures.append((report.name, number, svg))
    return figures


def _curves(history, columns, number):
    """Compute median and range over the fits, up to where half of them stopped."""
    lines = []
    for column, dashed in columns.items():
        if column not in history:
            continue
        table = history[["epoch", column]].astype(float)
        table = table[np.isfinite(table).all(axis=1)]
        epochs = table.groupby("epoch")[column]
        # Fits stop at different epochs: a median of the last few would bend the curve.
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
    return line_figure(lines, "epoch", x_range, y_range, label)


def robustness_figure(reports):
    """Draw the accuracy against the signal-to-noise ratio.

    Returns
    -------
    svg : Markup or None
        None where no report has the table.
    """
    tables = [
        (number, report.robustness)
        for number, report in enumerate(reports)
        if report is not None and report.robustness is not None
    ]
    if not tables:
        return None
    levels = sorted(
        {snr for _, table in tables for snr in table["snr_db"]}, reverse=True
    )
    lines = []
    for number, table in tables:
        # Evenly spaced, as the SNR of clean clips is infinite.
        at = np.array([levels.index(snr) for snr in table["snr_db"]], float)
        columns = ("accuracy", "accuracy_low", "accuracy_high")
        middle, low, high = (table[column].to_numpy() for column in columns)
        lines.append(Line(at, middle, number, low, high))
    names = [f"{snr:g}" if np.isfinite(snr) else "clean" for snr in levels]
    return line_figure(
        lines,
        "signal-to-noise ratio, dB",
        (0, max(len(levels) - 1, 1)),
        (0, 1),
        "Accuracy against the signal-to-noise ratio",
        x_ticks=dict(enumerate(names)),
    )


def reliability_figures(splits):
    """Draw the share of correct predictions against the confidence, for each split.

    Parameters
    ----------
    splits : list of Split

    Returns
    -------
    figures : list of (title, svg)
        Dashed: before calibration, where a model is calibrated.
    """
    figures = []
    for split in splits:
        lines = []
        for number, report in enumerate(split.reports):
            curves = {} if report is None else report.reliability
            for name, bins in reversed(curves.items()):
                drawn = bins[bins["n"] >= _LEAST_IN_BIN]
                is_before = name == "uncalibrated"
                shares = (drawn["n"] / bins["n"].sum()).to_numpy()
                if not len(drawn):
                    continue
                lines.append(
                    Line(
                        drawn["confidence"].to_numpy(),
                        drawn["accuracy"].to_numpy(),
                        number,
                        dashed=is_before,
                        weights=None if is_before else shares,
                    )
                )
        if lines:
            label = f"Accuracy against confidence, {split.title}"
            svg = line_figure(lines, "confidence", (0, 1), (0, 1), label, diagonal=True)
            figures.append((split.title, svg))
    return figures
