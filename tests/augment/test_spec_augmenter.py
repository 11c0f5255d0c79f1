import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline

from skaudio import CNN1DClassifier, LogMelExtractor, NoiseMixer, SpecAugmenter


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 60),
    st.integers(0, 59),
    st.integers(0, 3),
    st.one_of(st.integers(1, 80), st.floats(0.01, 1)),
    st.integers(0, 99),
)
def test_masks_are_frames_and_bands_within_the_clip(
    n_mels, n_frames, padding, n_masks, width, seed
):
    length = max(1, n_frames - padding)
    X = np.random.default_rng(seed).uniform(1, 2, (5, n_mels, n_frames))
    X = X.astype(np.float32)
    X[..., length:] = 0
    augmenter = SpecAugmenter(n_masks, 0, width, width, mask_value=7.0)
    masked = augmenter.redraw(X, np.random.default_rng(seed))
    hidden = masked == 7
    assert (masked[~hidden] == X[~hidden]).all()
    # Whole frames, none of them padding, at most so many as the masks can cover.
    frames = hidden.all(axis=1)
    assert (frames == hidden.any(axis=1)).all() and not frames[:, length:].any()
    widest = int(width * length) if isinstance(width, float) else width
    assert (frames.sum(axis=1) <= n_masks * min(widest, length)).all()
    bands = SpecAugmenter(0, n_masks, width, width, mask_value=7.0)
    hidden = bands.redraw(X, np.random.default_rng(seed)) == 7
    assert not hidden[..., length:].any()
    whole = hidden[..., :length].all(axis=2)
    assert (whole == hidden[..., :length].any(axis=2)).all()


def test_widths_are_uniform_up_to_the_largest():
    X = np.ones((6000, 1, 50), np.float32)
    masked = SpecAugmenter(1, 0, 9).redraw(X, np.random.default_rng(0))
    widths = (masked == 0).sum(axis=(1, 2))
    np.testing.assert_allclose(np.bincount(widths) / 6000, np.full(10, 0.1), atol=0.02)


def test_the_mean_masks_unnormalised_log_mels(calls):
    X = LogMelExtractor(n_mels=16, n_frames=90, normalize=None).transform(calls.data)
    augmenter = SpecAugmenter(1, 0, 0.5, mask_value="mean")
    masked = augmenter.redraw(X, np.random.default_rng(0))
    for log_mel, was in zip(masked, X, strict=True):
        there = was[:, (was != 0).any(axis=0)]
        changed = (log_mel != was).any(axis=0)
        np.testing.assert_allclose(log_mel[:, changed], there.mean(), rtol=1e-4)
    assert (masked != X).any()


@pytest.mark.parametrize("n_noisy", [0, 1, 3])
@pytest.mark.parametrize("n_views", [1, 2])
def test_views_follow_the_contract(n_noisy, n_views):
    X = np.random.default_rng(0).uniform(1, 2, (6, 1 + n_noisy, 8, 30))
    X = X.astype(np.float32)
    X = X if n_noisy else X[:, 0]
    augmenter = SpecAugmenter(n_views=n_views, random_state=0)
    views = augmenter.fit_transform(X)
    assert views.shape == (6, 1 + max(n_noisy, 1) * n_views, 8, 30)
    clips = X[:, 0] if n_noisy else X
    np.testing.assert_array_equal(views[:, 0], clips)
    sources = X[:, 1:] if n_noisy else X[:, None]
    for place in range(1, views.shape[1]):
        source = sources[:, (place - 1) // n_views]
        kept = views[:, place] != 0
        np.testing.assert_array_equal(views[:, place][kept], source[kept])
        assert (~kept).any()
    np.testing.assert_array_equal(augmenter.transform(X), X)
    np.testing.assert_array_equal(augmenter.fit_transform(X), views)
    other = SpecAugmenter(n_views=n_views, random_state=1).fit_transform(X)
    assert (other != views).any()


def test_step_of_a_pipeline_masks_in_training_only(calls):
    pipe = make_pipeline(
        NoiseMixer([np.random.RandomState(0).randn(8000)], random_state=0),
        LogMelExtractor(n_mels=16, n_frames=40),
        SpecAugmenter(n_views=2, random_state=0),
        CNN1DClassifier(max_epochs=2, random_state=0),
    )
    pipe.fit(calls.data, calls.target, cnn1dclassifier__groups=calls.groups)
    seen = pipe[:-1].transform(calls.data)
    assert seen.shape == (36, 16, 40)
    np.testing.assert_array_equal(seen, pipe[1].transform(calls.data))


def test_unreadable_clips_stay_unreadable(log_mels, calls):
    X = log_mels.copy()
    X[3] = np.nan
    views = SpecAugmenter(random_state=0).fit_transform(X)
    assert np.isnan(views[3]).all() and np.isfinite(np.delete(views, 3, axis=0)).all()
    with pytest.warns(UserWarning, match="1 of 36 clips are NaN"):
        CNN1DClassifier(max_epochs=1).fit(views, calls.target)


def test_bad_shapes_are_named():
    with pytest.raises(ValueError, match="got 5 dimensions"):
        SpecAugmenter().fit_transform(np.ones((2, 1, 1, 3, 4)))
