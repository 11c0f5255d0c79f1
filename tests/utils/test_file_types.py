"""Each output may replace files of its own type, and no others."""

import gzip
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from skaudio import LogMelExtractor, save_model
from skaudio._utils.file_types import is_replaceable

KINDS = ("model", "html", "json", "csv")


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
        ("a.csv", b"file,label\na.wav,cat\n", ["csv"]),
        ("A.CSV", "\ufeffArt;Länge\nKatze;1,5\n".encode(), ["csv"]),
        ("a.csv", "Länge\n1\n".encode("latin-1"), ["csv"]),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), []),
        ("a.txt", b"file,start_time,end_time,prediction\n", ["csv"]),
        ("a.txt", b"the cow, the cat\n", []),
        ("a.py", b"import os, sys\n", []),
        ("a.wav", b"file names,that,begin\n", []),
        ("a.csv", b"<html><table>", ["html"]),
        ("a.csv", b'{"a": 1}', []),
        ("a.json", b'{"a": 1}', ["json"]),
        ("a.json", b'\n[{"a": 1}]', ["json"]),
        ("a.json", b"a,b\n1,2\n", []),
        ("a.ipynb", b'{"cells": []}', []),
        ("a.txt", b'{"model": "m", "skaudio": "0.1"}', ["json"]),
        ("a.html", b"\n<!DOCTYPE HTML>", ["html"]),
        ("a.html", b"file,label\n", ["csv"]),
        ("a.html", b"# Notes\n", []),
        ("a.csv", b"RIFF\x24\x00\x00\x00WAVEfmt ", []),
        ("a.csv", b"fLaC\x00\x00\x00\x22", []),
        ("a.joblib", b"OggS\x00\x02", []),
        ("a.joblib", b"xylophone", []),
        ("a.joblib", gzip.compress(b"notes", mtime=0), []),
        ("a.joblib", b"PK\x03\x04", []),
        ("a.skaudio", b"PK\x03\x04", ["model"]),
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
