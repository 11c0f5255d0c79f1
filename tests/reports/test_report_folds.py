"""`Report` as `cross_validated_report` makes it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_models import linear, network
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    LeaveOneGroupOut,
    RepeatedKFold,
    StratifiedGroupKFold,
    cross_val_predict,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import MFCCStatistics, WavLoader
from skaudio.audit import audit_dataset
from skaudio.datasets import load_audio_folder
from skaudio.model_selection import _runs, ablate, cross_validated_report


def test_predictions_are_out_of_fold(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    report = cross_validated_report(linear(), X, y, groups, cv=4, random_state=3)
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=3)
    expected = cross_val_predict(
        linear(), X, y, groups=groups, cv=folds, method="predict_proba"
    )
    table = report.predictions
    assert table["row"].tolist() == list(range(36)) and table["file"].isna().all()
    np.testing.assert_array_equal(table["true"], y)
    np.testing.assert_array_equal(table["group"], groups)
    names = [f"probability_{label}" for label in report.classes]
    np.testing.assert_allclose(table[names], expected, atol=1e-6)
    np.testing.assert_array_equal(
        table["predicted"], np.unique(y)[expected.argmax(axis=1)]
    )
    for fold, (_, test) in enumerate(folds.split(X, y, groups)):
        assert (table.loc[test, "fold"] == fold).all()
    assert report.times.shape == (4, 4) and report.history.empty
    facts = json.loads(json.dumps(report.facts))
    assert facts["seed"] == 3 and facts["n_train"] == 27 and facts["cv"] == 4
    assert facts["parameters"]["mfccstatistics__n_mels"] == "32"
    assert "logisticregression__C" not in facts["parameters"]


def test_five_folds_are_the_default(calls):
    model = DummyClassifier()
    report = cross_validated_report(model, calls.data, calls.target, calls.groups)
    assert report.facts["cv"] == 5 and len(report.times) == 5
    assert report.name == "DummyClassifier"


def test_report_and_ablation_share_their_fits(calls, tmp_path, monkeypatch):
    fits = []
    real = _runs.fit_with_groups
    monkeypatch.setattr(
        _runs, "fit_with_groups", lambda *args: fits.append(args) or real(*args)
    )
    arguments = (calls.data, calls.target, calls.groups)
    options = dict(cv=3, n_repeats=2, random_state=0, cache_dir=tmp_path)
    table = ablate({"net": network()}, *arguments, baselines=False, **options)
    assert len(fits) == 6
    report = cross_validated_report(network(), *arguments, name="net", **options)
    assert len(fits) == 6
    for score, row in report.summary.iterrows():
        ends = (score, f"{score}_low", f"{score}_high")
        assert row.tolist() == table.loc["net", list(ends)].tolist()


def test_leak_groups_are_found_and_copies_are_reported(clip_folder, tmp_path):
    """A renamed copy stays in the fold of its original; a warning reports it."""
    folder = tmp_path / "clips"
    shutil.copytree(clip_folder, folder)
    for file in sorted(folder.rglob("*.wav"))[::4]:
        shutil.copy(file, file.with_name(f"copy_of_{file.name}"))
    clips = load_audio_folder(folder, groups=None)
    model = make_pipeline(WavLoader(), linear())
    report = cross_validated_report(model, clips.data, clips.target, cv=3)
    folds = report.predictions.set_index("file")["fold"]
    copies = [file for file in folds.index if Path(file).name.startswith("copy_of_")]
    assert len(copies) == 6
    for copy in copies:
        assert folds[copy] == folds[copy.replace("copy_of_", "")]
    assert any("6 sets of exact copies" in text for text in report.warnings)
    # Metadata that scores below guessing is nothing to warn of.
    assert not any("the metadata alone scores" in text for text in report.warnings)
    assert "exact copies" in str(report)


def test_an_audit_need_not_be_made_again(clips):
    audit = audit_dataset(clips.data, clips.target)
    report = cross_validated_report(
        DummyClassifier(), clips.data[::-1], clips.target[::-1], audit=audit, cv=2
    )
    assert report.warnings == audit.findings()
    np.testing.assert_array_equal(report.predictions["group"], audit.groups_[::-1])
    quiet = cross_validated_report(
        DummyClassifier(), clips.data, clips.target, clips.groups, audit=False
    )
    assert quiet.warnings == []


def test_spans_of_files_are_listed(clips):
    table = pd.DataFrame({"file": clips.data, "start_time": 0.0, "end_time": 0.2})
    model = make_pipeline(WavLoader(), linear())
    report = cross_validated_report(
        model, table, clips.target, clips.groups, cv=2, audit=False
    )
    assert report.predictions["file"].tolist() == clips.data.tolist()
    assert (report.predictions["end_time"] == 0.2).all()


def test_clips_that_a_splitter_leaves_out_are_not_scored(calls):
    X, y = calls.data, calls.target
    groups = np.arange(36) % 3
    folds = list(LeaveOneGroupOut().split(X, y, groups))[:2]
    # A generator would be used up by the first repeat.
    report = cross_validated_report(
        linear(), X, y, groups, cv=(fold for fold in folds), n_repeats=2
    )
    assert report.facts["n_clips"] == 24 and len(report.predictions) == 48
    assert set(report.predictions["row"] % 3) == {0, 1}


def test_bad_arguments_are_named(calls, tmp_path):
    X, y, groups = calls.data, calls.target, calls.groups
    twice = RepeatedKFold(n_splits=2, n_repeats=2, random_state=0)
    other = GroupShuffleSplit(1, random_state=np.random.RandomState(0))
    for match, options in [
        ("lists no files to find them from", dict(groups=None)),
        ("cv=1: expected", dict(cv=1)),
        ("n_repeats=0: expected", dict(n_repeats=0)),
        ("row 0 of X 2 times", dict(cv=twice)),
        ("other clips in each repeat", dict(cv=other, n_repeats=2)),
        ("random_state=None with a cache_dir", dict(cache_dir=tmp_path)),
        ("inconsistent numbers", dict(groups=groups[1:])),
    ]:
        with pytest.raises(ValueError, match=match):
            cross_validated_report(linear(), X, y, **{"groups": groups} | options)


def test_a_model_without_probabilities(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    model = make_pipeline(MFCCStatistics(), StandardScaler(), RidgeClassifier())
    report = cross_validated_report(model, X, y, groups, cv=GroupKFold(3))
    assert not any(name.startswith("probability") for name in report.predictions)
    assert report.summary.loc["accuracy", "value"] > 0.5
    assert report.facts["cv"].startswith("GroupKFold(n_splits=3")
