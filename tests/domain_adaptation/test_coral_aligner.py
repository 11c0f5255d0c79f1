import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import CORALAligner, MFCCStatistics, PrototypicalClassifier


def rows(n, n_features, seed, scale=1.0):
    rng = np.random.default_rng(seed)
    mixing = np.eye(n_features) + 0.2 * rng.normal(size=(n_features, n_features))
    mean = rng.normal(size=n_features)
    return scale * rng.normal(size=(n, n_features)) @ mixing + mean


@given(
    seed=st.integers(0, 2**31),
    n_features=st.integers(1, 8),
    scale=st.floats(1e-3, 1e3),
)
@settings(max_examples=30, deadline=None)
def test_aligned_rows_have_the_mean_and_covariance_of_the_source(
    seed, n_features, scale
):
    source, target = rows(60, n_features, seed), rows(50, n_features, seed + 1, scale)
    aligned = CORALAligner(shrinkage=0).fit(source).adapt(target).transform(target)
    np.testing.assert_allclose(aligned.mean(axis=0), source.mean(axis=0), atol=1e-6)
    wanted = np.cov(source, rowvar=False)
    np.testing.assert_allclose(
        np.cov(aligned, rowvar=False), wanted, atol=1e-6 * np.abs(wanted).max()
    )


def test_with_many_clips_the_covariances_are_close():
    source, target = rows(1000, 20, 0), rows(1000, 20, 1, scale=5)
    aligner = CORALAligner().fit(source).adapt(target)
    assert aligner.shrinkage_ < 0.001
    aligned = aligner.transform(target)
    wanted = np.cov(source, rowvar=False)
    distances = [
        np.linalg.norm(np.cov(X, rowvar=False) - wanted) / np.linalg.norm(wanted)
        for X in (aligned, target)
    ]
    assert distances[0] < 0.1 < 1 < distances[1]


def test_fully_shrunk_matches_mean_and_variance_of_each_feature():
    source, target = rows(40, 6, 0), rows(40, 6, 1, scale=5)
    aligner = CORALAligner(shrinkage=1).fit(source).adapt(target)
    aligned = aligner.transform(target)
    np.testing.assert_allclose(aligned.mean(axis=0), source.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(aligned.std(axis=0), source.std(axis=0), rtol=0.02)
    np.testing.assert_allclose(
        np.corrcoef(aligned, rowvar=False), np.corrcoef(target, rowvar=False)
    )


def test_nothing_changes_before_adapt_and_fit_discards_the_target():
    source, target = rows(30, 4, 0), rows(30, 4, 1)
    aligner = CORALAligner().fit(source)
    np.testing.assert_array_equal(aligner.transform(target), target)
    kept = copy.deepcopy(aligner)
    assert aligner.adapt(target) is aligner
    np.testing.assert_array_equal(kept.transform(target), target)
    aligned = aligner.transform(target)
    loaded = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(loaded.transform(target), aligned)
    # The last target counts.
    loaded.adapt(source).adapt(target)
    np.testing.assert_array_equal(loaded.transform(target), aligned)
    np.testing.assert_array_equal(aligner.fit(source).transform(target), target)
    # To the source itself it is the identity.
    np.testing.assert_allclose(aligner.adapt(source).transform(source), source)


def test_fewer_clips_than_features():
    source, target = rows(30, 100, 0), rows(12, 100, 1)
    target[:, 5] = 0  # a unit of the network that never fires
    aligner = CORALAligner().fit(source).adapt(target)
    assert aligner.shrinkage_ > 0.98
    aligned = aligner.transform(target)
    assert np.abs(aligned).max() < 10 * np.abs(source).max()
    with pytest.raises(ValueError, match=r"does not vary in 8[89] of 100 directions"):
        CORALAligner(shrinkage=0).fit(source).adapt(target)
    with pytest.raises(ValueError, match=r"X_target holds 1 samples"):
        CORALAligner().fit(source).adapt(target[:1])


def test_unreadable_clips_and_dtype():
    source, target = rows(30, 4, 0).astype(np.float32), rows(30, 4, 1)
    target = target.astype(np.float32)
    target[2] = np.nan
    aligner = CORALAligner().fit(source)
    with pytest.warns(UserWarning, match=r"1 of 30 .* rows \[2\]"):
        aligner.adapt(target)
    aligned = aligner.transform(target)
    assert aligned.dtype == np.float32
    assert np.flatnonzero(np.isnan(aligned).any(axis=1)).tolist() == [2]
    alone = CORALAligner().fit(source).adapt(np.delete(target, 2, axis=0))
    np.testing.assert_array_equal(alone.coloring_, aligner.coloring_)
    target[2, 0] = 1
    with pytest.raises(ValueError, match="X_target contains NaN"):
        aligner.adapt(target)


@pytest.mark.parametrize(
    "head", [PrototypicalClassifier(), LogisticRegression(max_iter=2000)]
)
def test_a_fitted_head_needs_no_new_fit(head, calls):
    train = np.arange(36) % 2 == 0
    X, y = calls.data, calls.target
    muffled = np.empty(len(X), object)
    muffled[:] = [np.convolve(clip, [0.3, 0.4, 0.3], "same") for clip in X]
    pipe = make_pipeline(
        MFCCStatistics(n_mels=32), StandardScaler(), CORALAligner(), head
    )
    pipe.fit(X[train], y[train])
    before = pipe.score(muffled[~train], y[~train])
    pipe[-2].adapt(pipe[:-2].transform(muffled[~train]))
    assert pipe.score(muffled[~train], y[~train]) >= before
