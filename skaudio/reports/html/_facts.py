"""Metrics, costs, facts and parameters of the reports for the page's tables."""

import numpy as np

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


def metrics_of(reports):
    """List the metrics of all reports with their headings.

    Returns
    -------
    metrics : dict of str to str
        From the row of `Report.summary` to its heading.
    """
    names = dict.fromkeys(name for report in reports for name in report.summary.index)
    return {name: _METRICS.get(name, name.replace("_", " ")) for name in names}


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
        costs.append((_seconds(seconds), float(seconds)) if known else (UNKNOWN, None))
    return costs


def labels_of(reports):
    """List the classes of all reports as strings, each once, in order."""
    labels = [str(label) for report in reports for label in report.classes]
    for report in reports:  # labels that are no class of the model
        for column in ("true", "predicted"):
            labels += sorted({str(label) for label in report.predictions[column]})
    return list(dict.fromkeys(labels))


def facts_table(reports):
    """Put the facts of the reports side by side.

    Returns
    -------
    rows : list of (name, values)
        One value where all reports agree, else one per report.
    """
    names = dict.fromkeys(
        [*_FACTS, *(name for report in reports for name in report.facts)]
    )
    rows = [("Kind", [report.kind for report in reports])]
    for name in names:
        values = [_text(report.facts.get(name)) for report in reports]
        if name not in _SHOWN_ELSEWHERE and set(values) != {UNKNOWN}:
            rows.append((_FACTS.get(name, name.replace("_", " ")), values))
    versions = [report.facts.get("versions") or {} for report in reports]
    texts = [
        ", ".join(f"{package} {version}" for package, version in packages.items())
        for packages in versions
    ]
    rows.append(("Versions", [text or UNKNOWN for text in texts]))
    return [
        (name, values[:1] if len(set(values)) == 1 else values) for name, values in rows
    ]


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


def _seconds(seconds):
    if seconds >= 100:
        return f"{seconds:.0f} s"
    return f"{seconds:.2g} s" if seconds >= 0.1 else f"{1000 * seconds:.2g} ms"
