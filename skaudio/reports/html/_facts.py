"""What is known of each report, laid side by side for the page's tables."""

import numpy as np

UNKNOWN = "\N{EN DASH}"

_METRICS = {
    "accuracy": "Accuracy",
    "weighted_f1": "Weighted F1",
    "macro_f1": "Macro F1",
    "balanced_accuracy": "Balanced accuracy",
    "accuracy_unleaked": "Accuracy without kin",
}
_FACTS = {
    "n_clips": "Clips",
    "n_groups": "Groups",
    "n_train": "Clips that train a fit",
    "cv": "Folds",
    "n_repeats": "Repeats",
    "seed": "Seed",
    "created": "Made on",
}
_ELSEWHERE = ("classes", "parameters", "versions", "command")


def metrics_of(reports):
    """Name the metrics of all reports, in order.

    Returns
    -------
    metrics : dict of str to str
        From the row of `Report.summary` to what the page calls it.
    """
    names = dict.fromkeys(name for report in reports for name in report.summary.index)
    return {name: _METRICS.get(name, name.replace("_", " ")) for name in names}


def costs_of(report):
    """Give the size of a model and what it took, as text and number.

    Returns
    -------
    costs : list of (text, number or None)
        Parameters, seconds to fit, seconds to predict; medians over the fits.
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
    for report in reports:  # what was scored but never learnt
        for column in ("true", "predicted"):
            labels += sorted({str(label) for label in report.predictions[column]})
    return list(dict.fromkeys(labels))


def facts_table(reports):
    """Lay the facts of the reports side by side.

    Returns
    -------
    rows : list of (name, values)
        One value where all agree, else one a report.
    """
    names = dict.fromkeys(
        [*_FACTS, *(name for report in reports for name in report.facts)]
    )
    rows = [("Kind", [report.kind for report in reports])]
    for name in names:
        values = [_text(report.facts.get(name)) for report in reports]
        if name not in _ELSEWHERE and set(values) != {UNKNOWN}:
            rows.append((_FACTS.get(name, name.replace("_", " ")), values))
    versions = [report.facts.get("versions") or {} for report in reports]
    told = [
        ", ".join(" ".join(map(str, pair)) for pair in some.items())
        for some in versions
    ]
    rows.append(("Versions", [text or UNKNOWN for text in told]))
    return [
        (name, values[:1] if len(set(values)) == 1 else values) for name, values in rows
    ]


def parameters_table(reports):
    """Lay the parameters side by side: rows of (name, one value a report)."""
    given = [report.facts.get("parameters") or {} for report in reports]
    names = dict.fromkeys(name for some in given for name in some)
    return [(name, [_text(some.get(name)) for some in given]) for name in names]


def commands_of(reports, command):
    """Give the commands to show: the one given, else those of the reports."""
    commands = [command] if command else [r.facts.get("command") for r in reports]
    return list(dict.fromkeys(str(some) for some in commands if some))


def size_in_words(n_bytes):
    """Write a file's size, such as 2.3 MB."""
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
