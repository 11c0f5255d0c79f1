import json

import numpy as np
import pandas as pd
import pytest
from report_models import linear, network
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skaudio import MFCCStatistics, WavLoader, load_model, save_model
from skaudio.reports import _report_on, report_on


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
    monkeypatch.setattr(_report_on, "_CLIPS_AT_ONCE", 10)
    chunks = report_on(model, X, y, calls.groups)
    assert sizes == [9, 9, 9, 9]
    pd.testing.assert_frame_equal(chunks.predictions, whole.predictions)
