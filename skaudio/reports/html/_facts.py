"""Metrics, costs, facts and parameters of the reports for the page's tables."""

import numpy as np

from skaudio._utils.tables import seconds_text

UNKNOWN = "\N{EN DASH}"

_METRICS = {
    "accuracy": "Accuracy",
    "weighted_f1": "Weighted F1",
    "macro_f1": "Macro F1",
    "balanced_accuracy": "Balanced accuracy",
    "accuracy_unleaked": "Accuracy without leaked clips",
    "accuracy_animals": "Accuracy of the animals alone",
    "macro_average_precision": "Macro average precision",
    "micro_average_precision": "Micro average precision",
    "micro_f1": "Micro F1",
    "f1": "F1",
    "macro_average_precision_unleaked": "Macro average precision without leaked clips",
}
_FACTS = {
    "n_clips": "Clips",
    "n_groups": "Groups",
    "n_background": "Background clips",
    "n_train": "Training clips per fit",
    "n_train_background": "Background clips for training",
    "cv": "Folds",
    "n_repeats": "Repeats",
    "seed": "Seed",
    "created": "Made on",
}
_SHOWN_ELSEWHERE = ("classes", "parameters", "versions", "command")


# The other scores, and costs, are in a second table.
_FIRST = ("macro_f1",)


def metric_name(metric):
    """Return the heading of a row of `Report.summary`."""
    return _METRICS.get(metric, metric.replace("_", " ").capitalize())


def metrics_of(split):
    """List the scores of a split: those that come first, and the others.

    Parameters
    ----------
    split : Split

    Returns
    -------
    first, others : list of str
        Rows of `Report.summary`.
    """
    names = dict.fromkeys(name for one in split.known for name in one.summary.index)
    # The clean clips have a column of their own.
    names = [name for name in names if not name.endswith("_unleaked")]
    first = [split.known[0].main_score, *_FIRST]
    return (
        [name for name in names if name in first],
        [name for name in names if name not in first],
    )


def calibration_errors(report):
    """Return the calibration error, and that before calibration, as numbers or None."""
    curves = {} if report is None else report.reliability
    errors = [bins.attrs["error"] for bins in curves.values()]
    return [*errors, None, None][:2]


def costs_of(report):
    """Return the number of parameters and the times of a model, as text and number.

    Returns
    -------
    costs : list of (text, number or None)
        Number of parameters; seconds to fit and to predict, medians over the fits.
    """
    n_parameters = report.n_parameters
    costs = [(_size(n_parameters), n_parameters)]
    for column in ("fit_seconds", "predict_seconds"):
        seconds = report.times[column].median() if len(report.times) else np.nan
        known = np.isfinite(seconds)
        costs.append(
            (seconds_text(seconds), float(seconds)) if known else (UNKNOWN, None)
        )
    return costs


def labels_of(reports):
    """List the classes of all reports as strings, each once, in order."""
    labels = [str(label) for report in reports for label in report.classes]
    for report in reports:  # labels that are no class of the model
        for column in ("true", "predicted"):
            if column not in report.predictions:  # clips of several classes
                continue
            labels += sorted({str(label) for label in report.predictions[column]})
    return list(dict.fromkeys(labels))


def facts_table(splits):
    """Put the facts of the splits side by side.

    Parameters
    ----------
    splits : list of Split
        Without those of clean clips.

    Returns
    -------
    rows : list of (name, values)
        One value where all splits agree, else one per split; where models differ, what
        each has.
    """
    reports = [report for split in splits for report in split.known]
    names = dict.fromkeys(
        [*_FACTS, *(name for report in reports for name in report.facts)]
    )
    rows = []
    for name in names:
        if name not in _SHOWN_ELSEWHERE:
            values = [
                _agreed([_text(report.facts.get(name)) for report in split.known])
                for split in splits
            ]
            if set(values) != {UNKNOWN}:
                rows.append((_FACTS.get(name, name.replace("_", " ")), values))
    versions = [
        _agreed(
            [
                ", ".join(f"{package} {version}" for package, version in one.items())
                for report in split.known
                if (one := report.facts.get("versions"))
            ]
        )
        for split in splits
    ]
    rows.append(("Versions", versions))
    return [
        (name, values[:1] if len(set(values)) == 1 else values) for name, values in rows
    ]


def _agreed(texts):
    return "; ".join(dict.fromkeys(texts)) or UNKNOWN


def parameters_table(reports):
    """Put the parameters side by side: rows of (name, one value per report)."""
    changed = [report.facts.get("parameters") or {} for report in reports]
    names = dict.fromkeys(name for parameters in changed for name in parameters)
    return [
        (name, [_text(parameters.get(name)) for parameters in changed])
        for name in names
    ]


def commands_of(reports, command):
    """List the commands to show: `command`, else those of the reports."""
    commands = [command] if command else [r.facts.get("command") for r in reports]
    return list(dict.fromkeys(str(one) for one in commands if one))


def size_text(n_bytes):
    """Format the size of a file, such as 2.3 MB."""
    if n_bytes < 1e6:
        return f"{n_bytes / 1e3:.0f} kB"
    return f"{n_bytes / 1e6:.1f} MB"


def _text(value):
    if value is None:
        return UNKNOWN
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)


def _size(n_parameters):
    if n_parameters is None:
        return UNKNOWN
    for power, unit in ((1e6, "M"), (1e3, "k")):
        if n_parameters >= power:
            return f"{n_parameters / power:.3g} {unit}"
    return str(n_parameters)
