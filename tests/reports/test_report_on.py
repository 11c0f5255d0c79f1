import json

import numpy as np
import pandas as pd
import pytest
from report_models import linear, network
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from skaudio import MFCCStatistics, WavLoader, load_model, save_model
from skaudio.reports import _predict_clips, report_on


def test_report_on_scores_as_the_estimator_does(clips):
    model = make_pipeline(WavLoader(), network()).fit(
        clips.data[::2], clips.target[::2]
    )
    X, y = clips.data[1::2], clips.target[1::2]
    report = report_on(model, X, y, train=clips.data[::2])
    assert report.summary.loc["accuracy", "value"] == model.score(X, y)
    names = [f"probability_{label}" for label in report.classes]
    np.testing.assert_array_equal(report.predictions[names], model.predict_proba(X))
    assert report.predictions["file"].tolist() == X.tolist()
    assert report.kind == "held-out" and len(report.times) == 1
    assert len(report.history) == 2
    json.dumps(report.facts)


def test_leaked_clips_are_reported(clips, tmp_path):
    X, y = clips.data, clips.target
    model = make_pipeline(WavLoader(), linear()).fit(X, y)
    (warning,) = report_on(model, X[:4], y[:4], train=X).warnings
    assert "4 of 4 test clips are leaked from training (exact copy: 4)" in warning
    (warning,) = report_on(model, X[:4], y[:4]).warnings
    assert "training clips of the model are not known" in warning
    save_model(model, tmp_path / "model.skaudio", training_clips=clips)
    model = load_model(tmp_path / "model.skaudio")
    (warning,) = report_on(model, X[:4], y[:4]).warnings
    assert "exact copy: 4" in warning
    # Moved training files are still recognised by their digests.
    model.training_clips_["file"] = "gone/" + model.training_clips_["file"]
    leaked, moved = report_on(model, X[:4], y[:4]).warnings
    assert (
        "exact copy: 4" in leaked
        and "near copies of training clips were not looked for" in moved
    )


def test_unknown_classes_are_named(calls):
    model = linear().fit(calls.data, calls.target)
    with pytest.raises(ValueError, match=r"y_test has classes \['unicorn'\]"):
        report_on(model, calls.data[:2], ["cat", "unicorn"])


def test_many_clips_are_predicted_in_chunks(calls, monkeypatch):
    """Memory is that of the sounds of a chunk; the scores are those of all at once."""
    X, y = calls.data, calls.target
    model = make_pipeline(MFCCStatistics(n_mels=32), LogisticRegression(max_iter=500))
    model.fit(X[::2], y[::2])
    whole = report_on(model, X, y, calls.groups)
    real, sizes = MFCCStatistics.transform, []

    def transform(self, X):
        sizes.append(len(X))
        return real(self, X)

    monkeypatch.setattr(MFCCStatistics, "transform", transform)
    monkeypatch.setattr(_predict_clips, "_CLIPS_AT_ONCE", 10)
    chunks = report_on(model, X, y, calls.groups)
    assert sizes == [9, 9, 9, 9]
    pd.testing.assert_frame_equal(chunks.predictions, whole.predictions)


class Stopped(Exception):
    """What ends a run in the middle."""


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("spans", [False, True])
def test_a_stopped_report_goes_on(clips, tmp_path, monkeypatch, several, spans):
    X, y, journal = clips.data, clips.target, tmp_path / "so_far"
    if several:
        y = pd.get_dummies(pd.Series(y)).astype(int)
    head = LogisticRegression(max_iter=500)
    head = OneVsRestClassifier(head) if several else head
    model = make_pipeline(WavLoader(), MFCCStatistics(n_mels=32), head).fit(X, y)
    if spans:  # two of each file
        X = pd.DataFrame({"file": np.repeat(X, 2)})
        X["start_time"] = np.tile([0.0, 0.2], len(X) // 2)
        X["end_time"] = X["start_time"] + 0.2
        y = np.repeat(np.asarray(y), 2, axis=0)
    groups = np.arange(len(y))
    monkeypatch.setattr(_predict_clips, "_CLIPS_AT_ONCE", 10)
    whole = report_on(model, X, y, groups, journal=journal)
    assert len(journal.read_text().splitlines()) < 1 + len(y)
    journal.unlink()
    real, sizes = WavLoader.transform, []

    def transform(self, X):
        sizes.append(len(X))
        if len(sizes) == 3:
            raise Stopped
        return real(self, X)

    monkeypatch.setattr(WavLoader, "transform", transform)
    with pytest.raises(Stopped):
        report_on(model, X, y, groups, journal=journal)
    found = report_on(model, X, y, groups, journal=journal)
    assert sum(sizes) == len(y) + sizes[2]  # only what was stopped is read again
    pd.testing.assert_frame_equal(found.predictions, whole.predictions)
    pd.testing.assert_frame_equal(found.summary, whole.summary)
    model[-1].set_params(**{"estimator__C" if several else "C": 2.0})
    sizes[3:] = []
    report_on(model, X, y, groups, journal=journal)
    assert sum(sizes[3:]) == len(y)  # of another model


def test_only_predictions_of_files_are_kept(calls, tmp_path):
    model = linear().fit(calls.data, calls.target)
    with pytest.raises(ValueError, match="X_test lists none: expected paths or a"):
        report_on(model, calls.data, calls.target, journal=tmp_path / "so_far")
