"""The card of a model: a README in the form of the hub of Hugging Face."""

import json
import os

from skaudio._utils.counts import count
from skaudio._utils.interval_text import interval_text
from skaudio._utils.model_files import CARD, SUFFIX, printable, read_entries

_TAGS = ["skaudio", "scikit-learn", "audio", "bioacoustics", "animal-sounds"]
_TASK = "audio-classification"
UNKNOWN = "unknown"  # licence


def read_model_card(path):
    """Read the card of a ``.skaudio`` file without opening its model.

    Of an ``.onnx`` file of `export_onnx`, the card says what the graph is; the training
    clips and the scores are on the card of the model that it was made of.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    card : str
        Markdown behind a front matter in YAML, as the hub of Hugging Face has it.
        Characters that steer a terminal are replaced.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ModelFileError
        Where it is no model file, or a ``.joblib`` file, which has no card.
    ImportError
        For an ``.onnx`` file, where the extra ``onnx`` is not installed.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.dummy import DummyClassifier
    >>> from skaudio import save_model
    >>> from skaudio.export import read_model_card
    >>> model = DummyClassifier().fit([[0], [1]], ["cat", "cow"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.skaudio")
    ...     save_model(model, path)
    ...     card = read_model_card(path)
    >>> next(line for line in card.splitlines() if line.startswith("Recog"))
    'Recognises 2 classes: cat, cow.'
    """
    if os.path.splitext(path)[1] == ".onnx":
        from skaudio.export._onnx_model import load_onnx  # here, since it takes numpy

        return printable(_exported_card(load_onnx(path).facts, os.path.basename(path)))
    return printable(read_entries(path, [CARD])[CARD].decode("utf-8", "replace"))


def model_card(facts, name):
    """Write the card.

    Parameters
    ----------
    facts : dict
        As from `facts_of`.
    name : str
        Of the model.

    Returns
    -------
    card : str
    """
    front = {
        "license": _licence(facts["networks"]),
        "library_name": "skaudio",
        "tags": _TAGS,
        "pipeline_tag": _TASK,
    }
    if facts["scores"]:
        metrics = sorted({name for one in facts["scores"] for name in one["summary"]})
        front["metrics"] = [name for name in metrics if not name.endswith("_unleaked")]
        results = [_result(scores, facts) for scores in facts["scores"]]
        front["model-index"] = [{"name": name, "results": results}]
    sections = [
        f"# {name}\n\n{_summary(facts)}",
        _classes(facts),
        _evaluation(facts["scores"]),
        _use(facts),
        _networks(facts["networks"]),
        _how_to(facts, name),
        _versions(facts),
    ]
    body = "\n\n".join(section for section in sections if section)
    return "---\n" + _yaml(front) + "---\n\n" + body + "\n"


def _exported_card(facts, name):
    integers = " It computes with 8-bit integers." if facts["int8"] else ""
    sections = [
        f"# {name}",
        _recognises(facts["classes"]),
        f"An ONNX file that skaudio {facts['skaudio']} made of {facts['model']}."
        f"{integers} The card of that model has the training clips and the scores.",
        f"Takes sound at {facts['sample_rate']} Hz. In recordings it takes windows of "
        f"{facts['window']:g} s that overlap by {facts['overlap']:g} s.",
        _carried(facts["thresholds"]),
        _networks(facts["networks"]),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _carried(thresholds):
    if not thresholds:
        return ""
    listed = (f"{label} {value:g}" for label, value in thresholds.items())
    return f"Thresholds: {', '.join(listed)}. Other classes are not reported."


def _recognises(classes):
    noun = "class" if len(classes) == 1 else "classes"
    return f"Recognises {len(classes)} {noun}: {', '.join(map(str, classes))}."


def _licence(networks):
    """Choose the licence that binds: the maker's own choice is not known."""
    binding = [net["licence"] for net in networks if net["commercial_use"] is False]
    return binding[0] if binding else UNKNOWN


def _result(scores, facts):
    is_cv = scores["kind"] == "cross-validation"
    split = "grouped cross-validation" if is_cv else "held-out clips"
    metrics = [
        {
            "type": name,
            "value": round(score["value"], 4),
            "name": f"{name.replace('_', ' ')}, 95 % interval {_interval(score)}",
        }
        for name, score in scores["summary"].items()
    ]
    dataset = f"{scores['n_clips']} clips of {len(facts['classes'])} classes, {split}"
    return {
        "task": {"type": _TASK},
        "dataset": {"name": dataset, "type": "audiofolder"},
        "metrics": metrics,
    }


def _summary(facts):
    classes = facts["classes"]
    steps = ", ".join(f"`{step}`" for step in facts["steps"].values())
    lines = []
    if classes is not None:
        lines.append(f"{_recognises(classes)}\n")
    lines.append(
        f"A model for animal sounds, made with skaudio "
        f"{facts['versions']['skaudio']} on {facts['created']}. Steps: {steps}."
    )
    if facts["n_parameters"]:
        lines.append(f"Its networks have {facts['n_parameters']:,} parameters.")
    if (calibration := facts.get("calibration")) is not None:
        lines.append(
            f"Its probabilities are calibrated (temperature "
            f"{calibration['temperature']:.2f}, from {calibration['n_clips']} clips "
            "held back in grouped folds): they hold for clips that are as frequent as "
            "in training, not for recordings."
        )
    return "\n".join(lines)


def _classes(facts):
    counts = facts["n_training_clips"]
    if facts["classes"] is None:
        return ""
    if counts is None:
        return (
            "## Training clips\n\nNot recorded in this file: nothing is known of their "
            "number, and leaked test clips cannot be recognised."
        )
    own = counts
    if facts.get("n_background") is not None:
        # Its windows are no files of the training set.
        own = {"background": f"{facts['n_background']} windows"} | counts
    rows = [f"| {label} | {own.get(str(label), 0)} |" for label in facts["classes"]]
    total = sum(counts.values())
    return "\n".join(
        [
            "## Training clips\n",
            f"{total} clips. The file holds their paths, labels and hashes, by which "
            "leaked test clips are recognised, and none of their sound.\n",
            "| class | clips |\n|---|---:|",
            *rows,
        ]
    )


def _evaluation(scores):
    if not scores:
        return (
            "## Evaluation\n\nNo scores were saved with this model. Score it on "
            "labelled clips that are not related to its training clips: "
            "`skaudio evaluate MODEL DIR`."
        )
    return "## Evaluation\n\n" + "\n\n".join(map(_scored, scores))


def _scored(scores):
    clips = count(scores["n_clips"], "clip")
    counts = f"{clips} in {count(scores['n_groups'], 'group')}"
    if scores["kind"] == "cross-validation":
        how = f"Cross-validation over {counts}; related clips stay in one fold."
    else:
        how = f"Held-out test clips: {counts}."
    rows = [
        f"| {name.replace('_', ' ')} | {score['value']:.3f} | {_interval(score)} |"
        for name, score in scores["summary"].items()
    ]
    per_class = scores["per_class"]
    several = any("average_precision" in row for row in per_class.values())
    names = ["average_precision"] * several + ["precision", "recall", "f1"]
    heads = [name.replace("_", " ").replace("f1", "F1") for name in names]
    classes = [
        f"| {label} | {' | '.join(_share(row[name]) for name in names)} "
        f"| {row['support']} |"
        for label, row in per_class.items()
    ]
    return "\n".join(
        [
            how,
            *(f"\n**Warning:** {warning}" for warning in scores["warnings"]),
            "",
            "| score | value | 95 % interval |\n|---|---:|---:|",
            *rows,
            f"\n{interval_text(scores['summary'])}.",
            "",
            f"| class | {' | '.join(heads)} | support |",
            f"|---|{'---:|' * (len(heads) + 1)}",
            *classes,
        ]
    )


def _share(value):
    return "\N{EN DASH}" if value is None else f"{value:.2f}"


def _use(facts):
    rate = facts["sample_rate"]
    limit = f"Sound above {rate / 2000:g} kHz has no effect. " if rate else ""
    return (
        "## Intended use and limits\n\n"
        "For sorting clips of animal sounds, and for finding clips that a person then "
        "checks. Not for decisions that nobody checks.\n\n"
        f"{_unknown(facts)} The scores hold for clips like those that were scored: "
        "other recorders, places and seasons give others. "
        f"{limit}"
        "A probability is no share of correct answers unless it was calibrated."
    )


def _unknown(facts):
    """Return what becomes of sounds that are none of the animals."""
    if facts.get("n_background") is None and facts.get("multilabel"):
        return (
            "A clip has each class whose probability exceeds one half, or none. A "
            "sound that no training clip held may get one of the classes above."
        )
    if facts.get("n_background") is None:
        return (
            "Every sound gets one of the classes above, rain, a car and an animal of "
            "another kind too."
        )
    return (
        f"It was trained for windows of {facts['clip_duration']:g} s, with "
        f"{facts['n_background']} windows and clips of background. Sounds that the "
        "background lacked, rain, a car or an animal of another kind, may get one of "
        "the classes above."
    )


def _networks(networks):
    if not networks:
        return ""
    lines = []
    for network in networks:
        where = (
            "its weights are in this file"
            if network["weights_in_file"]
            else "its weights are not in this file, and must be installed"
        )
        no = "" if network["commercial_use"] in (True, None) else ", no commercial use"
        lines.append(f"- {network['name']}: {network['licence']}{no}; {where}.")
    return "## Networks inside, and their licences\n\n" + "\n".join(lines)


def _how_to(facts, name):
    file = f"{name}{SUFFIX}"
    call = "transform" if facts["classes"] is None else "predict_proba"
    takes_files = facts["takes"] == "files" and facts["classes"] is not None
    command = f"skaudio predict {file} clips/*.wav"
    if facts.get("n_background") is not None:
        command = f"skaudio detect {file} recordings -o found"
    console = f"```console\n{command}\n```\n\n"
    clips = '["clip.wav"]' if facts["takes"] == "files" else "X"
    return (
        f"## How to use\n\n{console if takes_files else ''}"
        "```python\nfrom skaudio import load_model\n\n"
        f'model = load_model("{file}")\nmodel.{call}({clips})\n```\n\n'
        "Opening the file runs no code from it."
    )


def _versions(facts):
    made_with = ", ".join(f"{name} {v}" for name, v in facts["versions"].items())
    return f"Made with {made_with}; format {facts['format_version']}."


def _interval(score):
    return f"{score['low']:.3f} to {score['high']:.3f}"


def _yaml(value, indent=""):
    """Write dicts and lists as blocks of YAML; a scalar in JSON is one in YAML."""
    lines = []
    for key, entry in value.items():
        if isinstance(entry, dict):
            lines.append(f"{indent}{key}:\n{_yaml(entry, indent + '  ')}")
        elif isinstance(entry, list):
            lines.append(f"{indent}{key}:\n")
            for item in entry:
                if isinstance(item, dict):
                    block = _yaml(item, indent + "  ")
                    lines.append(f"{indent}- {block[len(indent) + 2 :]}")
                else:
                    lines.append(f"{indent}- {json.dumps(item, ensure_ascii=False)}\n")
        else:
            lines.append(f"{indent}{key}: {json.dumps(entry, ensure_ascii=False)}\n")
    return "".join(lines)
