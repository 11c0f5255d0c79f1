import sys

import numpy as np
import pytest
from imblearn.pipeline import Pipeline

from skaudio import CNN1DClassifier, SpecAugmenter, ViewResampler


def test_resampler_evens_classes_and_keeps_views_together():
    X = np.arange(10)[:, None, None, None] + np.arange(3)[None, :, None, None] / 10
    X = np.broadcast_to(X, (10, 3, 4, 5)).astype(np.float32)
    y = np.array(["common"] * 8 + ["rare"] * 2)
    resampler = ViewResampler(random_state=0)
    rows, labels = resampler.fit_resample(X, y)
    assert rows.shape == (16, 3, 4, 5) and (labels == "rare").sum() == 8
    np.testing.assert_array_equal(rows, X[resampler.sample_indices_])
    np.testing.assert_array_equal(labels, y[resampler.sample_indices_])
    flat, labels = ViewResampler(flatten=True, random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(flat.reshape(16, 3, 4, 5), rows)
    assert len(labels) == 48 and (labels[:3] == labels[0]).all()
    exact = ViewResampler(sampling_strategy={"rare": 5}, random_state=0)
    assert len(exact.fit_resample(X, y)[0]) == 13


def test_resampler_in_the_pipeline_of_imbalanced_learn(log_mels, calls):
    rare = np.r_[np.arange(12), 12, 13, 14, np.arange(24, 36)]
    pipe = Pipeline(
        [
            ("mask", SpecAugmenter(random_state=0)),
            ("even", ViewResampler(random_state=0)),
            ("clf", CNN1DClassifier(max_epochs=2, random_state=0)),
        ]
    )
    pipe.fit(log_mels[rare], calls.target[rare])
    assert len(pipe["even"].sample_indices_) == 36
    # Left out in prediction.
    assert pipe.predict(log_mels).shape == (36,)


def test_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "imblearn.over_sampling", None)
    with pytest.raises(ImportError, match=r"pip install 'skaudio\[imbalance\]'"):
        ViewResampler().fit_resample(np.zeros((2, 3, 4)), [0, 1])
