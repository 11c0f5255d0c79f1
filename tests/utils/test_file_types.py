"""Each output may replace files of its own kind, and no others."""

import gzip
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from skaudio import LogMelExtractor, save_model
from skaudio._utils.annotation_table import EVENT_COLUMNS
from skaudio._utils.file_types import KINDS, is_replaceable
from skaudio._utils.verdicts import VERDICT_COLUMNS
from skaudio.io import ANNOTATION_FORMATS, write_annotations

PREDICTIONS = b"file,start_time,end_time,prediction,cat,cow\n"
IN_JSON = (
    b'[\n  {\n    "file": "a.wav", "start_time": 0, "end_time": 1, "prediction": ""'
)
SCORES = b'{"model": "the \\"x\\": one", "data": "clips", "skaudio": "0.1.0", "n": 1}'
GENERATOR = b'<meta name="generator" content="skaudio 0.1.0">'
EVENTS = ["events.csv", "events_checked.csv", "opensoundscape.csv"]


class OwnEstimator(BaseEstimator):
    pass


def kinds_of(path):
    return [kind for kind in KINDS if is_replaceable(path, kind)]


@pytest.mark.parametrize("estimator", [LogisticRegression(), OwnEstimator()])
@pytest.mark.parametrize("name", ["m.joblib", "m.csv", "m"])
def test_models_by_whatever_name(tmp_path, estimator, name):
    path = tmp_path / name
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        joblib.dump(estimator, path, protocol=protocol)
        assert kinds_of(path) == ["model"]
    joblib.dump(estimator, path, compress=("gzip", 3))
    assert kinds_of(path) == ["model"]
    path.write_bytes(pickle.dumps(estimator))
    assert kinds_of(path) == ["model"]


@pytest.mark.parametrize("compress", [0, 3])
@pytest.mark.parametrize(
    "data",
    [
        np.zeros(3),
        pd.DataFrame({"a": [1]}),
        pd.Series(["a"]),
        {"scores": np.zeros(3)},
        [LogisticRegression()],
        "text",
    ],
)
def test_pickled_data_are_no_models(tmp_path, data, compress):
    joblib.dump(data, tmp_path / "data.joblib", compress=compress)
    assert kinds_of(tmp_path / "data.joblib") == []


@pytest.mark.parametrize(
    ("name", "content", "kinds"),
    [
        ("a.csv", b"", [*KINDS]),
        # Tables of a user: also that of --groups, and of labels.
        ("a.csv", b"file,label\na.wav,cat\n", []),
        ("a.csv", b"file,start_time,end_time,label\n", []),
        ("a.csv", b"filename;species\na.wav;cat\n", []),
        ("A.CSV", "\ufeffArt;L\u00e4nge\nKatze;1,5\n".encode(), []),
        ("a.csv", "L\u00e4nge\n1\n".encode("latin-1"), []),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), []),
        ("a.csv", b"\nfile,start_time,end_time,prediction\n", []),
        ("a.csv", PREDICTIONS, ["predictions.csv"]),
        ("a.txt", b"\xef\xbb\xbf" + PREDICTIONS, ["predictions.csv"]),
        ("a.csv", b'"file","start_time",end_time,prediction\r\n', ["predictions.csv"]),
        ("a.csv", b"file,start_time,end_time,predictions\n", []),
        ("a.csv", PREDICTIONS.replace(b",", b";"), []),
        ("a.csv", b"pipeline,accuracy\n", ["ablation.csv"]),
        ("a.txt", b"the cow, the cat\n", []),
        ("a.py", b"import os, sys\n", []),
        ("a.wav", b"file names,that,begin\n", []),
        ("a.csv", b"<html><table>", []),
        ("a.json", b'{"a": 1}', []),
        ("a.json", b'{"skaudio": 1}', []),
        ("a.json", IN_JSON, ["predictions.json"]),
        ("a.json", b"[]\n", [kind for kind in KINDS if kind.endswith(".json")]),
        ("a", IN_JSON, ["predictions.json"]),
        ("a.json", SCORES, ["scores.json"]),
        ("a.json", b'{"names": {' + SCORES[1:] + b"}", []),
        ("a.json", b'{"species": "model: ", "model": 1, "data": 2}', []),
        ("a.json", b"a,b\n1,2\n", []),
        ("a.ipynb", b'{"cells": []}', []),
        ("a.toml", b"# skaudio 0.1.0, 2026-11-27\n", ["options"]),
        ("a.toml", b"cv = 5\n", []),
        ("a.html", b"\n<!DOCTYPE HTML>", []),
        ("a.html", b"<!doctype html>" + GENERATOR, ["html"]),
        ("a.md", b"# " + GENERATOR, []),
        ("a.html", b"# Notes\n", []),
        ("a.csv", b"RIFF\x24\x00\x00\x00WAVEfmt ", []),
        ("a.csv", b"fLaC\x00\x00\x00\x22", []),
        ("a.joblib", b"OggS\x00\x02", []),
        ("a.joblib", b"xylophone", []),
        ("a.joblib", gzip.compress(b"notes", mtime=0), []),
        ("a.joblib", b"PK\x03\x04", []),
        ("a.skaudio", b"PK\x03\x04", ["model"]),
        ("a.onnx", b"\x08\x08", ["onnx"]),
    ],
)
def test_by_content_and_name(tmp_path, name, content, kinds):
    (tmp_path / name).write_bytes(content)
    assert kinds_of(tmp_path / name) == kinds


def test_fault_of_saving_a_model_over_something_else(tmp_path):
    path = tmp_path / "features.joblib"
    joblib.dump(np.zeros(3), path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match=r"features\.joblib: holds something ot"):
        save_model(LogMelExtractor(), path)
    assert path.read_bytes() == before


def test_tables_of_events_and_hits(tmp_path):
    path = tmp_path / "a.csv"
    pd.DataFrame(columns=[*EVENT_COLUMNS, "datetime"]).to_csv(path, index=False)
    assert kinds_of(path) == EVENTS
    hits = pd.DataFrame([["a.wav", *[None] * 9]], columns=VERDICT_COLUMNS)
    hits.to_csv(path, index=False)
    assert kinds_of(path) == ["hits.csv"]
    # Judged, they are verdicts: somebody's work.
    hits.assign(verdict="yes").to_csv(path, index=False)
    assert kinds_of(path) == []


@pytest.mark.parametrize("format", sorted(ANNOTATION_FORMATS))
def test_annotations_replace_those_of_their_format(tmp_path, format):
    events = pd.DataFrame(
        {
            "audio_file": ["a.wav"],
            "annotation": ["Wren"],
            "start_time": [0.0],
            "end_time": [1.0],
        }
    )
    ending = "txt" if format in ("raven", "audacity") else "csv"
    path, own = tmp_path / f"a.{ending}", tmp_path / "own.csv"
    for _ in range(2):
        write_annotations(events, path, format)
    if ending == "csv":
        own.write_text("file,label\na.wav,cat\n")
        with pytest.raises(FileExistsError, match=r"own\.csv: holds something other"):
            write_annotations(events, own, format)
        assert own.read_text() == "file,label\na.wav,cat\n"
