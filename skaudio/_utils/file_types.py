"""Whether a file is of the kind of an output, so that the output may replace it."""

import csv
import os
import re
import zlib

# What each output is, for the errors.
KINDS = {
    "model": "a saved model",
    "onnx": "an ONNX file",
    "html": "a page of skaudio",
    "options": "the options of a run",
    "predictions.csv": "a table of predictions",
    "predictions.json": "predictions",
    "scores.json": "the scores of a model",
    "ablation.csv": "a table of compared models",
    "ablation.json": "the scores of compared models",
    "hits.csv": "a table of hits without verdicts",
    "events.csv": "a table of events",
    "events_checked.csv": "a table of events",
    "effort.csv": "a table of what was recorded",
    "thresholds.json": "thresholds",
    "run.json": "the facts of a run",
    "birdnet.csv": "a table as of BirdNET",
    "kaleidoscope.csv": "a table as of Kaleidoscope",
    "opensoundscape.csv": "a table as of OpenSoundscape",
    "plain.csv": "a table of audiofilename,start,end,label:species",
}
# What the tables begin with: their columns; and JSON: its names. Repeated here, so that
# no module of tables is imported; a test compares.
_ANNOTATION = [
    *("audio_file", "annotation_file", "annotation"),
    *("start_time", "end_time", "low_f", "high_f"),
]
_EVENT = [*_ANNOTATION, "score", "peak_start_time", "peak_end_time"]
_PREDICTION = ["file", "start_time", "end_time", "prediction"]
_FIRST = {
    "predictions.csv": _PREDICTION,
    "predictions.json": _PREDICTION,
    "scores.json": ["model", "data", "skaudio"],
    "ablation.csv": ["pipeline"],
    "ablation.json": ["command", "skaudio", "train"],
    "hits.csv": [
        *("file", "start_time", "end_time", "label", "score", "stratum"),
        *("inclusion_probability", "verdict", "verdict_label", "reviewer"),
    ],
    "events.csv": _EVENT,
    "events_checked.csv": _EVENT,
    "effort.csv": ["file", "site", "start", "time_zone"],
    "thresholds.json": ["skaudio", "date", "model"],
    "run.json": ["skaudio", "model", "classes"],
    "birdnet.csv": ["Start (s)", "End (s)", "Scientific name", "Common name"],
    "kaleidoscope.csv": ["INDIR", "FOLDER", "IN FILE", "OFFSET", "DURATION"],
    "opensoundscape.csv": _ANNOTATION,
    "plain.csv": ["audiofilename", "start", "end", "label:species"],
}
_HEAD = 2**16  # bytes that are looked at
_JSON_NAME = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:')
# The module of a pickled object's class, in protocols 2, 3 and 4, 5.
_PICKLED_CLASS = re.compile(
    rb"\x80[\x02-\x05](?:\x95.{8})?(?:"
    rb"c(?P<old>[\w.]+)\n|\x8c.(?P<new>[\w.]+)\x94\x8c.[\w.]+\x94\x93)",
    re.DOTALL,
)
# Pickles of these hold data.
_DATA = {b"builtins", b"collections", b"joblib", b"numpy", b"pandas", b"torch"}
_PAGE = re.compile(rb"\s*<(!doctype html|html)\b", re.IGNORECASE)
_GENERATOR = b'<meta name="generator" content="skaudio '


def is_replaceable(path, kind):
    """Return whether an output may replace a file: one of its kind, or an empty one.

    A table is of a kind if its header begins with the columns of that kind, and JSON
    if its names do, whatever the name of the file: the user's own tables are none.
    Hits that somebody judged are hours of work, and no longer hits.

    Parameters
    ----------
    path : str or path-like
        An existing file.
    kind : str
        Of `KINDS`.

    Returns
    -------
    bool

    Raises
    ------
    OSError
        Where the file cannot be read.
    """
    with open(path, "rb") as file:
        head = file.read(_HEAD).removeprefix(b"\xef\xbb\xbf")
    if not head or (kind.endswith(".json") and head.strip() == b"[]"):
        return True
    name = os.fspath(path).lower()
    if kind == "model":
        is_archive = name.endswith(".skaudio") and head.startswith(b"PK\x03\x04")
        return is_archive or _is_pickled_estimator(head)
    if kind == "onnx":
        # The version of the format comes first.
        return name.endswith(".onnx") and head.startswith(b"\x08")
    if kind == "html":
        return _PAGE.match(head) is not None and _GENERATOR in head
    if kind == "options":
        return head.startswith(b"# skaudio ")
    first = _FIRST[kind]
    names = _columns(head) if kind.endswith(".csv") else _json_names(head)
    if names[: len(first)] != first:
        return False
    return kind != "hits.csv" or not _has_verdicts(path)


def _columns(head):
    """Return the columns of a table, from its first line."""
    line = head.splitlines()[0].decode("utf-8", "replace")
    return next(csv.reader([line]), [])


def _json_names(head):
    """Return the names in JSON, in their order, without those of values; or none."""
    if not head.lstrip().startswith((b"{", b"[")):
        return []
    return [name.decode("utf-8", "replace") for name in _JSON_NAME.findall(head)]


def _has_verdicts(path):
    """Return whether hits have verdicts, or may have: where rows cannot be read."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        try:
            return any((row["verdict"] or "").strip() for row in csv.DictReader(file))
        except csv.Error:
            return True


def _is_pickled_estimator(head):
    if head.startswith((b"x", b"\x1f\x8b")):  # compressed by joblib
        try:
            head = zlib.decompressobj(wbits=47).decompress(head, 2**12)
        except zlib.error:
            return False
    found = _PICKLED_CLASS.match(head)
    if found is None:
        return False
    module = found["old"] or found["new"]
    return module.split(b".")[0] not in _DATA
