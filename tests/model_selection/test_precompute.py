import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skaudio import (
    CNN1DClassifier,
    LogMelExtractor,
    MFCCStatistics,
    WavLoader,
    YAMNetEmbedder,
)
from skaudio.model_selection import ablate, cross_validated_predictions
from skaudio.model_selection._precompute import Precomputed
from skaudio.pipelines import reference_pipelines


def test_leading_steps_are_computed_once(calls, tmp_path):
    times = []

    class CountedMel(LogMelExtractor):
        def transform(self, X):
            times.append(len(X))
            return super().transform(X)

    mel = CountedMel(n_mels=16, n_frames=40)
    variants = {
        f"lr {lr}": make_pipeline(mel, CNN1DClassifier(max_epochs=1, lr=lr))
        for lr in (0.01, 0.001)
    }
    ablate(variants, calls.data, calls.target, calls.groups, cv=3, random_state=0)
    assert times == [len(calls.data)]
    arguments = (calls.data, calls.target, calls.groups)
    with pytest.raises(ValueError, match=r"cannot be pickled.*cache_dir=None"):
        ablate(
            variants, *arguments, random_state=0, baselines=False, cache_dir=tmp_path
        )
    times.clear()
    pipe = variants["lr 0.01"]
    cross_validated_predictions(pipe, calls.data, calls.target, calls.groups, cv=3)
    assert times == [len(calls.data)]


def test_precomputed_steps_change_no_result(clips):
    pipe = reference_pipelines(random_state=0)["cnn1d"]
    pipe.set_params(mel__n_mels=16, mel__n_frames=40, clf__max_epochs=2)
    rest, rows = Precomputed().apply(pipe, clips.data)
    assert list(rest.named_steps) == ["clf"] and rows.shape == (24, 16, 40)
    expected = pipe.fit(clips.data, clips.target).predict_proba(clips.data)
    ours = rest.fit(rows, clips.target).predict_proba(rows)
    np.testing.assert_array_equal(ours, expected)
    # Augmenters, and the steps after them, are left to each fit.
    noisy = reference_pipelines(random_state=0)["cnn1d_simple_noise"]
    rest, rows = Precomputed().apply(noisy, clips.data)
    assert list(rest.named_steps) == ["noise", "mel", "clf"] and rows.ndim == 1
    plain = make_pipeline(FunctionTransformer(), LogisticRegression())
    assert Precomputed().apply(plain, clips.data)[0] is plain


def test_unions_of_row_by_row_steps_are_precomputed(clips):
    def union(*branches, **options):
        named = [(f"branch-{number}", part) for number, part in enumerate(branches)]
        head = make_pipeline(StandardScaler(), LogisticRegression())
        return make_pipeline(FeatureUnion(named, **options), head)

    embedded = make_pipeline(WavLoader(), YAMNetEmbedder())
    described = make_pipeline(WavLoader(), MFCCStatistics(n_mels=32))
    pipe = union(embedded, described)
    shared = Precomputed()
    rest, rows = shared.apply(pipe, clips.data)
    assert list(rest.named_steps) == ["pipeline"] and rows.shape == (24, 1024 + 156)
    np.testing.assert_array_equal(rows, pipe[0].fit_transform(clips.data))
    # Threads change nothing; another order, branch or weight does.
    again = union(clone(embedded).set_params(yamnetembedder__n_jobs=2), described)
    assert shared.apply(again, clips.data)[1] is rows
    for other in (
        union(described, embedded),
        union(embedded, clone(described).set_params(mfccstatistics__n_mfcc=5)),
        union(embedded, described, transformer_weights={"branch-1": 0.5}),
    ):
        expected = other[0].fit_transform(clips.data)
        got = Precomputed().apply(other, clips.data)[1]
        np.testing.assert_array_equal(got, expected)
        assert not np.array_equal(got, rows)
        shared.apply(pipe, clips.data)
        assert np.array_equal(shared.apply(other, clips.data)[1], expected)
    learning = union(embedded, make_pipeline(described, StandardScaler()))
    assert Precomputed().apply(learning, clips.data)[0] is learning
    dropped = pipe.set_params(**{"featureunion__branch-1": "drop"})
    assert Precomputed().apply(dropped, clips.data)[1].shape == (24, 1024)
