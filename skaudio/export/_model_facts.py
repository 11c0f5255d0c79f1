"""What a model file says of its model, for people and other programs."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version

from skaudio._utils.model_files import CLIP_COLUMNS, FORMAT_VERSION
from skaudio._utils.names import nested_attribute
from skaudio._utils.version import __version__
from skaudio.export._classes_of import classes_of, plain
from skaudio.export._networks import networks_inside
from skaudio.features import WavLoader


def facts_of(model, training_clips, reports):
    """Collect the facts, ready for JSON.

    Parameters
    ----------
    model : estimator
    training_clips : DataFrame or None
        With `CLIP_COLUMNS`.
    reports : sequence of Report

    Returns
    -------
    facts : dict
    """
    steps = getattr(model, "steps", [("model", model)])
    return {
        "format_version": FORMAT_VERSION,
        "created": datetime.now(UTC).date().isoformat(),
        "versions": {
            "skaudio": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in ("scikit-learn", "numpy", "torch")},
        },
        "steps": {name: type(step).__name__ for name, step in steps},
        **_input(model),
        "n_parameters": nested_attribute(model, "n_parameters_"),
        "classes": classes_of(model),
        "multilabel": bool(nested_attribute(model, "multilabel_")),
        "thresholds": plain(nested_attribute(model, "thresholds_")),
        "calibration": plain(nested_attribute(model, "calibration_")),
        "n_training_clips": _counts(training_clips),
        "n_background": nested_attribute(model, "n_background_"),
        "clip_duration": nested_attribute(model, "clip_duration_"),
        "networks": networks_inside(model),
        "scores": [_scores(report) for report in reports],
        "training_clips": _columns(training_clips),
    }


def clips_table(clips):
    """Make the table that identifies training clips, without their sound.

    Parameters
    ----------
    clips : Bunch
        As from `load_audio_folder`.

    Returns
    -------
    table : DataFrame
        With `CLIP_COLUMNS` and absolute paths.
    """
    table = clips.frame[CLIP_COLUMNS]
    return table.assign(file=table["file"].map(os.path.abspath))


def _input(model):
    parts = [model, *model.get_params().values()]
    loaders = [part for part in parts if isinstance(part, WavLoader)]
    return {
        "takes": "files" if loaders else "arrays",
        "sample_rate": max((one.sample_rate for one in loaders), default=None),
    }


def _counts(table):
    if table is None:
        return None
    return {str(label): int(n) for label, n in table["label"].value_counts().items()}


def _columns(table):
    if table is None:
        return None
    lacking = table.isna()
    return {
        name: [
            None if absent else str(cell)
            for cell, absent in zip(table[name], lacking[name], strict=True)
        ]
        for name in CLIP_COLUMNS
    }


def _scores(report):
    scores = report.to_dict()
    names = report.summary.index
    return {
        "name": report.name,
        "kind": report.kind,
        "created": report.facts["created"],
        "n_clips": report.facts["n_clips"],
        "n_groups": report.facts["n_groups"],
        "cv": report.facts["cv"],
        "n_repeats": report.facts["n_repeats"],
        "summary": {
            name: {
                "value": scores[name],
                "low": scores[f"{name}_interval"][0],
                "high": scores[f"{name}_interval"][1],
            }
            for name in names
        },
        "per_class": scores["per_class"],
        "warnings": scores["warnings"],
    }
